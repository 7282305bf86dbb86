"""What is kept of pages, and for how long."""

from __future__ import annotations

from mempip.installer.transport.page_cache import Page, PageCache


def page(size: int, **headers: str) -> Page:
    return Page("https://host/", {"etag": '"a"', **headers}, bytes(size))


def test_what_was_not_used_for_longest_goes_first() -> None:
    pages = PageCache(capacity=100)
    pages.put("a", page(40))
    pages.put("b", page(40))
    assert pages.get("a") is not None
    pages.put("c", page(40))
    assert pages.get("b") is None
    assert pages.get("a") is not None
    pages.put("a", page(60))  # takes the place of the other
    assert [pages.get(key) is not None for key in "abc"] == [True, False, True]
    pages.put("d", page(101))
    assert [pages.get(key) for key in "acd"] == [None] * 3


def test_conditions() -> None:
    assert page(1).conditions == {"If-None-Match": '"a"'}
    assert page(1, **{"last-modified": "now"}).conditions == {"If-None-Match": '"a"', "If-Modified-Since": "now"}
