"""Memory objects that are descriptors, on any POSIX system: handed over by SCM_RIGHTS, and counted."""

from __future__ import annotations

import errno
import os
import sys
from struct import calcsize, pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Sequence

if sys.platform == "win32":
    raise ImportError("for POSIX only")

BATCH = 250  # Linux takes at most 253 descriptors a message, macOS 254


def exhausted(error: BaseException) -> bool:
    """Return whether `error` says that this process, or the system, has no descriptor left."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def send(channel: _socket.socket, objects: Sequence[int]) -> None:
    """Hand `objects` over to the other end of `channel` (SCM_RIGHTS), in batches with one byte of data each.

    The byte keeps the kernel from merging batches. Raises `OSError` if the other end is gone.
    """
    import _socket  # in a tenth of the time that socket takes

    for start in range(0, len(objects), BATCH):
        numbers = objects[start : start + BATCH]
        batch = pack(f"{len(numbers)}i", *numbers)
        channel.sendmsg([b"\0"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, batch)])


def receive(channel: _socket.socket, count: int) -> list[int]:
    """Return `count` objects that `send` handed over, or fewer if this process has no room for more descriptors.

    Children do not inherit them. Raises `ConnectionResetError` if the other end closed before the last one.
    """
    import _socket

    close_on_exec = getattr(_socket, "MSG_CMSG_CLOEXEC", 0)  # macOS has none
    objects: list[int] = []
    while len(objects) < count:
        wanted = min(BATCH, count - len(objects))
        batch: list[int] = []
        room = _socket.CMSG_SPACE(wanted * calcsize("i"))
        data, ancillary, _, _ = channel.recvmsg(1, room, close_on_exec)
        for level, kind, payload in ancillary:
            if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
                batch += memoryview(payload[: len(payload) - len(payload) % calcsize("i")]).cast("i")
        if not close_on_exec:
            for descriptor in batch:
                os.set_inheritable(descriptor, False)
        objects += batch
        if not data:
            for descriptor in objects:
                os.close(descriptor)
            raise ConnectionResetError("the other end closed before it had handed over everything")
        if len(batch) != wanted:
            break
    return objects


def limit() -> int:
    """Return how many objects, which are descriptors, this process may have open."""
    import resource

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
