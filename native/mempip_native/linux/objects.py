"""What is done with memory objects on Linux besides loading them: read, hand over, count."""

from __future__ import annotations

import os
import sys

from mempip_native._descriptors import BATCH, exhausted, limit, receive, send
from mempip_native.linux.descriptors import directory, reserve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import io

if sys.platform != "linux":
    raise ImportError("for Linux only")

__all__ = [
    "BATCH",
    "HAVE_PATHS",
    "close",
    "exhausted",
    "limit",
    "number_for_children",
    "process_directory",
    "raise_limit",
    "read_at",
    "reader",
    "receive",
    "send",
    "status",
    "write",
]

#: Whether objects have descriptors and paths that the C library and other processes can use.
HAVE_PATHS = True

read_at = os.pread
close = os.close
status = os.fstat


def reader(descriptor: int) -> io.BufferedReader:
    """Return a stream over an object's bytes, from its start. It holds the object whatever is closed."""
    stream = open(os.dup(descriptor), "rb")  # noqa: SIM115 - the caller's
    stream.seek(0)
    return stream


def write(descriptor: int, data: bytes) -> None:
    """Append all of `data` to an object that is not sealed yet, however few bytes a call takes. Raises `OSError`."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def number_for_children(descriptor: int) -> int:
    """Return a duplicate of `descriptor` that children inherit, under a number that stays out of programs' way.

    Raises `OSError` when the limit on descriptors is reached.
    """
    return reserve(descriptor, inheritable=True)


def process_directory() -> str:
    """Return the directory in which other processes find this one's descriptors, by number.

    Raises `AdapterUnavailable` where /proc is not mounted.
    """
    return directory()


def raise_limit() -> None:
    """Allow this process as many descriptors as it may have."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
