"""One connection of the daemon: never waits, however slow the other end is, and never grows without a limit."""

from __future__ import annotations

import array
import errno
import os
import socket
import sys
import time
from collections import deque

from mempip.connection import MAX_MESSAGE, encode
from mempip.errors import ProtocolError
from mempip.store.protocol import MAX_REQUEST, Decoder
from mempip_native.linux.objects import BATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Iterator, Sequence
    from typing import Any

    from mempip.store.daemon.objects import Held

if sys.platform != "linux":
    raise ImportError("for Linux only")

READ = 1 << 16  # bytes at a time
#: What may wait for the other end to read it. An image's index names thousands of files and has a few of these.
MAX_WAITING = 64 << 20
_ROOM = socket.CMSG_SPACE(253 * array.array("i").itemsize)


class Closed(Exception):
    """The other end is gone, or must be taken for gone."""


class Channel:
    """A connected socket that does not block, with what waits to be sent.

    `trusted` is for the daemon's own processes: only those may hand descriptors over, or send long messages.
    """

    def __init__(self, connected: _socket.socket, *, trusted: bool = False) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._trusted = trusted
        self._decoder = Decoder(MAX_MESSAGE, BATCH) if trusted else Decoder(MAX_REQUEST)
        self._waiting: deque[bytes | Sequence[Held]] = deque()
        self._bytes = 0
        self.active = time.monotonic()  #: when something moved last
        self.stalled = False  #: whether the kernel asks to try again later, without telling when

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def waits(self) -> bool:
        """Whether there is anything that the other end has not taken yet."""
        return bool(self._waiting)

    def send(self, message: dict[str, Any], held: Sequence[Held] = ()) -> None:
        """Send a message and hand over objects, as soon as the other end takes them. Raises `Closed`."""
        frame = encode(message, len(held))
        self._bytes += len(frame)
        if self._bytes > MAX_WAITING and not self._trusted:
            raise Closed("it does not read what it is sent")
        if not self._waiting:
            self.active = time.monotonic()  # its time to take it begins
        self._waiting.append(frame)
        self._waiting.extend(held[start : start + BATCH] for start in range(0, len(held), BATCH))
        self.flush()

    def send_bytes(self, data: bytes) -> None:
        """Send what is no message, as soon as the other end takes it. Raises `Closed`."""
        self._waiting.append(data)
        self._bytes += len(data)
        self.flush()

    def send_if_free(self, message: dict[str, Any]) -> None:
        """Send a message that may as well be missed: not while the other end is behind. Raises `Closed`."""
        if not self._waiting:
            self.send(message)

    def flush(self) -> None:
        """Send what the other end takes now. Raises `Closed`."""
        self.stalled = False
        try:
            while self._waiting:
                first = self._waiting[0]
                if isinstance(first, bytes):
                    sent = self._socket.send(first)
                    self._bytes -= sent
                    if sent < len(first):
                        self._waiting[0] = first[sent:]
                        self.active = time.monotonic()
                        continue
                else:
                    batch = array.array("i", [one.descriptor for one in first])
                    self._socket.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, batch)])
                self._waiting.popleft()
                self.active = time.monotonic()
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno == errno.ETOOMANYREFS:  # too many descriptors are on their way to those who do not read
                self.stalled = True
                return
            raise Closed(error.strerror) from error

    def receive(self) -> Iterator[tuple[dict[str, Any], list[int]]]:
        """Yield the messages that have arrived. Raises `Closed`, and `ProtocolError` for what is none."""
        descriptors: list[int] = []
        try:
            if self._trusted:
                data, ancillary, flags, _ = self._socket.recvmsg(READ, _ROOM, socket.MSG_CMSG_CLOEXEC)
                for level, kind, payload in ancillary:
                    if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                        descriptors += array.array("i", payload[: len(payload) - len(payload) % 4])
                if flags & socket.MSG_CTRUNC:
                    _close(descriptors)
                    raise ProtocolError("the daemon has no room for more descriptors")
            else:
                data = self._socket.recv(READ)
        except BlockingIOError:
            return
        except OSError as error:
            raise Closed(error.strerror) from error
        if not data:
            raise Closed("the other end has closed")
        self.active = time.monotonic()
        if data.startswith(b"GET ") and not self._trusted:  # no frame is as long as that would mean
            yield {"type": "http", "path": data.split(b" ", 2)[1].decode("ascii", "replace")}, []
            return
        yield from self._decoder.feed(data, descriptors)

    def close(self) -> None:
        """Close the connection; what waits is not sent."""
        self._waiting.clear()
        _close(self._decoder.pending)
        self._decoder.pending.clear()
        self._socket.close()


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
