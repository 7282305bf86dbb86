"""Messages over a channel between processes: JSON objects, and the descriptors of memory objects that come with them.

A message is framed by its length and by the number of its descriptors, which follow the frame
(`mempip_native.objects`). Every message has a ``type``; what types there are is for those who converse.
"""

from __future__ import annotations

import json
import struct
import sys

import mempip_native
from mempip.errors import DescriptorLimit, ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

    from mempip_native import channels

FRAME: Final = struct.Struct("<II")  # bytes of JSON, descriptors
MAX_MESSAGE: Final = 64 << 20  # bytes
MAX_DESCRIPTORS: Final = 100_000


def encode(message: dict[str, Any], descriptors: int = 0) -> bytes:
    """Return the frame of a message that is followed by that many descriptors."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return FRAME.pack(len(body), descriptors) + body


def decode_frame(header: bytes) -> tuple[int, int]:
    """Return the body's length in bytes and the number of descriptors. Raises `ProtocolError`."""
    length, descriptors = FRAME.unpack(header)
    if length > MAX_MESSAGE or descriptors > MAX_DESCRIPTORS:
        raise ProtocolError(f"a message of {length} bytes and {descriptors} descriptors is too large")
    return length, descriptors


def decode_body(body: bytes) -> dict[str, Any]:
    """Return the message in `body`. Raises `ProtocolError` if it is none."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a message is not JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ProtocolError("a message has no type")
    return message


class Connection:
    """One end of a blocking channel that carries messages and descriptors."""

    def __init__(self, channel: channels.Channel) -> None:
        self._channel = channel

    def fileno(self) -> int:
        return self._channel.fileno()

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send a message. Raises `OSError` if the other end is gone."""
        self._channel.sendall(encode(message, len(descriptors)))
        mempip_native.objects.send(self._channel, descriptors)

    def receive(self) -> tuple[dict[str, Any], list[int]] | None:
        """Return the next message and its descriptors, or ``None`` when the other end has closed.

        Raises `ProtocolError`, and `DescriptorLimit` if this process has no room for the descriptors; none is
        kept then.
        """
        header = self._exactly(FRAME.size)
        if header is None:
            return None
        length, expected = decode_frame(header)
        body = self._exactly(length)
        if body is None:
            return None
        message = decode_body(body)
        try:
            descriptors = mempip_native.objects.receive(self._channel, expected)
        except ConnectionResetError as error:
            raise ProtocolError("the other end closed in the middle of a message") from error
        if len(descriptors) != expected:
            for descriptor in descriptors:
                mempip_native.objects.close(descriptor)
            raise DescriptorLimit(mempip_native.objects.limit(), expected)
        return message, descriptors

    def close(self) -> None:
        self._channel.close()

    def _exactly(self, count: int) -> bytes | None:
        data = bytearray()
        while len(data) < count:
            piece = self._channel.recv(count - len(data))
            if not piece:
                return None
            data += piece
        return bytes(data)


def take_order() -> tuple[Connection, dict[str, Any], list[int]]:
    """Return the connection to whoever started this process, the first message on it, and its descriptors.

    Ends this process if whoever started it has gone. Raises like `Connection.receive`.
    """
    connection = Connection(mempip_native.channels.inherited())
    received = connection.receive()
    if received is None:
        sys.exit()
    return connection, *received
