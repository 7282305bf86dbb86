"""What is done with memory objects on Linux besides loading them: read, hand over, count."""

from __future__ import annotations

import errno
import os
import sys

from mempip_native.linux.descriptors import directory, reserve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import io
    import socket
    from collections.abc import Sequence

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: Whether objects have descriptors and paths that the C library and other processes can use.
HAVE_PATHS = True

BATCH = 250  # the kernel takes at most 253 descriptors a message

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


def exhausted(error: BaseException) -> bool:
    """Return whether `error` says that this process, or the system, has no descriptor left."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def send(channel: socket.socket, objects: Sequence[int]) -> None:
    """Hand `objects` over to the other end of `channel` (SCM_RIGHTS), in batches with one byte of data each.

    The byte keeps the kernel from merging batches. Raises `OSError` if the other end is gone.
    """
    import array
    import socket

    for start in range(0, len(objects), BATCH):
        batch = array.array("i", objects[start : start + BATCH])
        channel.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, batch)])


def receive(channel: socket.socket, count: int) -> list[int]:
    """Return `count` objects that `send` handed over, or fewer if this process has no room for more descriptors.

    Children do not inherit them. Raises `ConnectionResetError` if the other end closed before the last one.
    """
    import array
    import socket

    objects: list[int] = []
    while len(objects) < count:
        wanted = min(BATCH, count - len(objects))
        batch = array.array("i")
        room = socket.CMSG_SPACE(wanted * batch.itemsize)
        data, ancillary, _, _ = channel.recvmsg(1, room, socket.MSG_CMSG_CLOEXEC)
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                batch.frombytes(payload[: len(payload) - len(payload) % batch.itemsize])
        objects += batch
        if not data:
            for descriptor in objects:
                os.close(descriptor)
            raise ConnectionResetError("the other end closed before it had handed over everything")
        if len(batch) != wanted:
            break
    return objects


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


def limit() -> int:
    """Return how many objects, which are descriptors, this process may have open."""
    import resource

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def raise_limit() -> None:
    """Allow this process as many descriptors as it may have."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
