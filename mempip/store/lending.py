"""Asks a daemon for what a program has come to need. Light half.

These are libraries, of which all clients share one copy, and the code of modules whose wheel is not compiled yet, so
that clients who start at the same time have each module compiled once.
"""

from __future__ import annotations

import os
from _thread import allocate_lock

from mempip.errors import MempipError
from mempip.image.code import Segment
from mempip.store import mempipd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip.runtime.environment import Environment


class Loans:
    """What the daemon at `path` lends for `environment`.

    There is nothing for child processes, and nothing more of a kind that the daemon did not answer for.
    """

    def __init__(self, environment: Environment, path: str) -> None:
        self._path = path
        self._wheels = {row.object: row.sha256 for row in environment.distributions if row.sha256}
        self._process = os.getpid()
        self._kinds = {"library", "code"}
        self._lock = allocate_lock()
        self._segments: dict[int, Segment] = {}  # wheel → the last one lent

    def library(self, wheel: int, place: int) -> int | None:
        """Return a new descriptor of the library whose bytes start at `place`, or ``None``."""
        return self._borrow("library", wheel, place)

    def code(self, wheel: int, place: int) -> bytes | None:
        """Return the marshalled code of the module whose source starts at `place`, or ``None``."""
        if os.getpid() != self._process:
            return None  # another thread of the parent's may have had the lock
        with self._lock:
            segment = self._segments.get(wheel)
            found = segment.find(place) if segment is not None else None
            if found is not None:
                return found
            descriptor = self._borrow("code", wheel, place)
            if descriptor is None:
                return None
            if segment is not None:
                os.close(segment.descriptor)
            self._segments[wheel] = segment = Segment(descriptor)
            return segment.find(place)

    def close(self) -> None:
        """Give everything back but libraries, which belong to whoever asked."""
        self._kinds.clear()
        while self._segments:
            os.close(self._segments.popitem()[1].descriptor)

    def _borrow(self, kind: str, wheel: int, place: int) -> int | None:
        sha256 = self._wheels.get(wheel)
        if kind not in self._kinds or sha256 is None or os.getpid() != self._process:
            return None
        try:
            return mempipd.lend(self._path, kind, sha256, place)
        except (OSError, MempipError):
            self._kinds.discard(kind)
            return None
