"""Pages that were fetched before, and by what a server knows them: conditional requests (RFC 9110, 13).

In memory only, for as long as whoever made it. A page is never used without asking its server whether it still holds.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

#: Bytes of all bodies together; beyond it, what was not used for longest goes.
CAPACITY = 64 * 1024 * 1024


class Page(NamedTuple):
    """A page as it was served. Header names are lower case."""

    url: str  #: where it was found in the end
    headers: Mapping[str, str]
    body: bytes

    @property
    def conditions(self) -> dict[str, str]:
        """The headers of a request that only wants a page other than this one; empty if its server gave no mark."""
        marks = {"If-None-Match": self.headers.get("etag"), "If-Modified-Since": self.headers.get("last-modified")}
        return {name: mark for name, mark in marks.items() if mark}


class PageCache:
    """Keeps pages by key. Thread-safe.

    A key must hold all that decides what a server may answer and whether the answer can be trusted: address, headers,
    credentials, and the way to the server.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._size = 0
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Page | None:
        """Return a page that was put in and is still there."""
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: Hashable, page: Page) -> None:
        """Keep a page, if its server lets it be kept and says how to ask for it again."""
        if not page.conditions or _forbids(page.headers):
            return
        with self._lock:
            known = self._pages.pop(key, None)
            self._size += len(page.body) - (len(known.body) if known else 0)
            self._pages[key] = page
            while self._size > self._capacity:
                self._size -= len(self._pages.popitem(last=False)[1].body)


def _forbids(headers: Mapping[str, str]) -> bool:
    directives = re.split(r"[,\s]+", headers.get("cache-control", "").lower())
    return "no-store" in directives or headers.get("vary", "").strip() == "*"
