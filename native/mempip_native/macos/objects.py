"""What is done with memory objects on macOS besides loading libraries from them: read, hand over, count."""

# ruff: noqa: ARG001 - the signatures are those that every system has

from __future__ import annotations

import io
import os
import sys

from mempip_native._descriptors import exhausted, limit, receive, send
from mempip_native.errors import AdapterUnavailable
from mempip_native.macos import shared_memory
from mempip_native.macos.shared_memory import close, status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if sys.platform == "win32":
    raise ImportError("for POSIX only")

__all__ = [
    "HAVE_PATHS",
    "close",
    "exhausted",
    "identity",
    "limit",
    "number_for_children",
    "process_directory",
    "raise_limit",
    "read_at",
    "reader",
    "receive",
    "send",
    "set_inheritable",
    "status",
    "write",
]

#: Whether objects have descriptors and paths that the C library and other processes can use. Those of shared memory
#: can be mapped, and not read; /dev/fd is of no use.
HAVE_PATHS = False

OPEN_MAX = 10_240  # setrlimit(2): no more descriptors can be asked for, even where there is no limit

write = shared_memory.append


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Return up to `length` bytes of an object from `offset`; fewer at its end. Raises `OSError`."""
    with shared_memory.View(descriptor) as view:
        return bytes(view.contents[offset : offset + length])


def reader(descriptor: int) -> io.BufferedReader:
    """Return a stream over an object's bytes, from its start. It holds the object whatever is closed."""
    return io.BufferedReader(_Stream(descriptor))


class _Stream(io.RawIOBase):
    """The bytes of an object."""

    def __init__(self, descriptor: int) -> None:
        self._view = shared_memory.View(descriptor)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        start = (0, self._at, len(self._view.contents))[whence]
        if start + offset < 0:
            raise OSError(22, "Invalid argument")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self._view.contents[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._view.close()
        super().close()


def identity(descriptor: int) -> int:
    """Return a number that no other object has, in this process or another. Raises `OSError` if it is no object."""
    with shared_memory.View(descriptor) as view:
        return view.identity


def set_inheritable(descriptor: int) -> None:
    """Let children inherit an object, under the same number."""
    os.set_inheritable(descriptor, True)


def number_for_children(descriptor: int) -> int:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable("there is nothing that PYTHONPATH could name")


def process_directory() -> str:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable("there is no directory of a process's objects")


def raise_limit() -> None:
    """Allow this process as many descriptors as it may have."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_MAX if hard == resource.RLIM_INFINITY else min(hard, OPEN_MAX)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
