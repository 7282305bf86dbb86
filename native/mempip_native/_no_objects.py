"""In place of a system's memory objects where mempip has none: `adapters` is empty, so nothing comes this far."""

# ruff: noqa: ARG001 - the signatures are those of a system's module

from __future__ import annotations

from mempip_native.errors import AdapterUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    import io
    import os
    from collections.abc import Sequence

#: Whether objects have descriptors and paths that the C library and other processes can use.
HAVE_PATHS = False

_NOT_YET = "mempip cannot keep packages in memory on this operating system yet"


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def close(descriptor: int) -> None:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def status(descriptor: int) -> os.stat_result:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def reader(descriptor: int) -> io.BufferedReader:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def write(descriptor: int, data: bytes) -> None:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def exhausted(error: BaseException) -> bool:
    """Return False: nothing is counted here."""
    return False


def send(channel: _socket.socket, objects: Sequence[int]) -> None:
    """Raise `AdapterUnavailable` if there is anything to hand over."""
    if objects:
        raise AdapterUnavailable(_NOT_YET)


def receive(channel: _socket.socket, count: int) -> list[int]:
    """Return nothing, which is all that can have been sent."""
    return []


def number_for_children(descriptor: int) -> int:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def process_directory() -> str:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def limit() -> int:
    """Return 0."""
    return 0


def raise_limit() -> None:
    """Do nothing: there is no limit to raise."""
