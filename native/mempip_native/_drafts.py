"""Memory objects of systems that let them be mapped, not written or read: what such systems have in common.

An object gets its size once, so until it is sealed its contents are a *draft* in this process's own memory.
"""

from __future__ import annotations

import io
import itertools
from _thread import allocate_lock
from contextlib import closing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class View(Protocol):
        """The contents of an object as this process sees them until `close`; ``identity`` is what no other has."""

        identity: int

        @property
        def size(self) -> int:
            """How many bytes there are."""

        def read(self, length: int, offset: int) -> bytes:
            """Return up to `length` bytes from `offset`; fewer at the end."""

        def close(self) -> None:
            """Unmap the object."""


class Drafts:
    """The drafts of this process, by numbers from `first` in steps of `step`, which no sealed object has."""

    def __init__(self, first: int, step: int) -> None:
        self._numbers = itertools.count(first, step)
        self._contents: dict[int, bytearray] = {}
        self._lock = allocate_lock()

    def new(self) -> int:
        """Return the number of a new, empty draft."""
        with self._lock:
            number = next(self._numbers)
        self._contents[number] = bytearray()
        return number

    def append(self, number: int, data: bytes) -> None:
        """Append to a draft. Raises `PermissionError` if the number is a sealed object's."""
        content = self._contents.get(number)
        if content is None:
            raise PermissionError(13, "a sealed object cannot be written to")
        content += data

    def get(self, number: int) -> bytearray | None:
        """Return the contents of a draft; ``None`` if the number is none's."""
        return self._contents.get(number)

    def forget(self, number: int) -> bool:
        """Forget a draft. Return whether the number was one's."""
        return self._contents.pop(number, None) is not None


class Reading:
    """What is read of objects, each by a view of it: `view` makes that of a number, and raises `OSError`."""

    def __init__(self, view: Callable[[int], View]) -> None:
        self._view = view

    def read_at(self, descriptor: int, length: int, offset: int) -> bytes:
        """Return up to `length` bytes of an object from `offset`; fewer at its end. Raises `OSError`."""
        with closing(self._view(descriptor)) as view:
            return view.read(length, offset)

    def reader(self, descriptor: int) -> io.BufferedReader:
        """Return a stream over an object's bytes, from its start. It holds the object whatever is closed."""
        return io.BufferedReader(Stream(self._view(descriptor)))

    def identity(self, descriptor: int) -> int:
        """Return a number that no other object has, in this process or another. Raises `OSError` if it is none's."""
        with closing(self._view(descriptor)) as view:
            return view.identity


class Stream(io.RawIOBase):
    """The bytes of an object. It closes the view that it is given."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        start = (0, self._at, self._view.size)[whence]
        if start + offset < 0:
            raise OSError(22, "Invalid argument")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self._view.read(len(buffer), self._at)
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._view.close()
        super().close()
