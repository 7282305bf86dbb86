"""`file:` addresses answer the questions that http addresses answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mempip.errors import IndexUnavailable
from mempip.installer.transport import Transport, file_url
from mempip.options import InstallOptions


@pytest.fixture
def transport() -> Iterator[Transport]:
    with Transport(InstallOptions()) as transport:
        yield transport


def test_a_directory_answers_with_its_index_page(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(b"<p>")
    page = transport.get(file_url(str(tmp_path)))
    assert (page.status, page.headers["content-type"], page.body) == (200, "text/html", b"<p>")


def test_a_directory_without_one_answers_with_links(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "a#b.whl").touch()
    (tmp_path / "sub").mkdir()
    body = transport.get(file_url(str(tmp_path))).body.decode()
    assert '<a href="a%23b.whl">a#b.whl</a>' in body
    assert '<a href="sub/">' in body


def test_json_files_are_json(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "index.json").write_bytes(b"{}")
    assert transport.get(file_url(str(tmp_path / "index.json"))).headers["content-type"] == "application/json"


def test_what_is_missing_is_a_404(transport: Transport, tmp_path: Path) -> None:
    assert transport.get(file_url(str(tmp_path / "no"))).status == 404


def test_large_pages_are_refused(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(b"12345")
    assert transport.get(file_url(str(tmp_path)), limit=5).body == b"12345"
    with pytest.raises(IndexUnavailable, match="larger than 4 bytes"):
        transport.get(file_url(str(tmp_path)), limit=4)


def test_an_unreadable_page_says_why(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    url = file_url(str(tmp_path / "file")) + "/%00"
    with pytest.raises(IndexUnavailable, match="null"):
        transport.get(url)


def test_ranges(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    url = file_url(str(tmp_path / "f"))
    assert transport.get_range(url, start=2, end=4) == (b"23", 10)
    assert transport.get_range(url, start=8) == (b"89", 10)
    assert transport.get_range(url, suffix=3) == (b"789", 10)
    assert transport.get_range(url, suffix=30) == (b"0123456789", 10)
    with pytest.raises(IndexUnavailable):
        transport.get_range(url + "-not")


def test_downloads(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    url = file_url(str(tmp_path / "f"))
    content = bytearray()
    progress: list[int] = []
    assert transport.download(url, content.extend, expected_size=10, progress=progress.append) == 10
    assert content == b"0123456789"
    assert sum(progress) == 10
    with pytest.raises(IndexUnavailable, match="larger than the 9"):
        transport.download(url, content.extend, expected_size=9)
    with pytest.raises(IndexUnavailable, match="10 bytes, 11 were announced"):
        transport.download(url, content.extend, expected_size=11)
    with pytest.raises(IndexUnavailable):
        transport.download(url + "-not", content.extend)
