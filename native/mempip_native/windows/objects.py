"""What is done with memory objects on Windows besides loading them: read, hand over, count."""

# ruff: noqa: ARG001 - the signatures are those that every system has

from __future__ import annotations

import struct
import sys

from mempip_native._drafts import Reading
from mempip_native.errors import AdapterUnavailable
from mempip_native.windows import kernel32, sections
from mempip_native.windows.sections import close, status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from mempip_native.windows.channels import Channel

if sys.platform != "win32":
    raise ImportError("for Windows only")

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

#: Whether objects have descriptors and paths that the C library and other processes can use.
HAVE_PATHS = False

write = sections.drafts.append

_reading = Reading(sections.View)
read_at, reader, identity = _reading.read_at, _reading.reader, _reading.identity

_NUMBER = struct.Struct("<Q")
_HANDLES = 1 << 24  # a process can have no more, and needs no permission for any


def set_inheritable(descriptor: int) -> None:
    """Let children inherit the handle of an object, under the same number."""
    kernel32.SetHandleInformation(descriptor, kernel32.HANDLE_FLAG_INHERIT, kernel32.HANDLE_FLAG_INHERIT)


def exhausted(error: BaseException) -> bool:
    """Return whether `error` says that this process, or the system, has no handle left."""
    codes = (kernel32.ERROR_TOO_MANY_OPEN_FILES, kernel32.ERROR_NO_SYSTEM_RESOURCES)
    return isinstance(error, OSError) and error.winerror in codes


def send(channel: Channel, objects: Sequence[int]) -> None:
    """Tell the other end of `channel` the handles of `objects`, which must live until it has taken them.

    Raises `OSError` if the other end is gone.
    """
    channel.sendall(b"".join(map(_NUMBER.pack, objects)))


def receive(channel: Channel, count: int) -> list[int]:
    """Return `count` objects of the process at the other end, as handles of this one that children do not inherit.

    Fewer if this process has no room for more. Raises `ConnectionResetError` if the other end closed before the last.
    """
    data = b""
    while len(data) < count * _NUMBER.size:
        piece = channel.recv(count * _NUMBER.size - len(data))
        if not piece:
            raise ConnectionResetError("the other end closed before it had handed over everything")
        data += piece
    received: list[int] = []
    try:
        for (number,) in _NUMBER.iter_unpack(data):
            received.append(kernel32.duplicate(channel.process, number))
    except OSError as error:
        if not exhausted(error):
            for descriptor in received:
                close(descriptor)
            raise ConnectionResetError("the other end has gone with what it handed over") from error
    return received


def number_for_children(descriptor: int) -> int:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable("there are no numbers that children inherit")


def process_directory() -> str:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable("there is no directory of a process's objects")


def limit() -> int:
    """Return how many objects, which are handles, this process may have open."""
    return _HANDLES


def raise_limit() -> None:
    """Do nothing: the limit is as high as it gets."""
