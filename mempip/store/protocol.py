"""What is said between mempipd and its clients, without a socket: bytes and descriptors in, messages out.

A conversation is one request and what answers it; then either end may close. The frames are those of
`mempip.connection`. Requests carry `VERSION`; a daemon answers one of another version with the error that says so, so
that the two can be upgraded one after the other.

Light half: the standard library only.
"""

from __future__ import annotations

from mempip.connection import FRAME, decode_body, decode_frame
from mempip.errors import ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Final

#: Changes when a message changes its meaning.
VERSION: Final = 1

#: Longest request, in bytes: far above any list of requirements, far below what hurts.
MAX_REQUEST: Final = 4 << 20


class Decoder:
    """Takes what arrives, in whatever pieces, and yields whole messages with their descriptors.

    `limit` is the longest body in bytes; `batch` is how many descriptors come with a byte of their own
    (`mempip_native.objects`), or 0 if the other end may hand none over. Raises `ProtocolError`; nothing that comes
    later can be understood then.
    """

    def __init__(self, limit: int = MAX_REQUEST, batch: int = 0) -> None:
        self._limit = limit
        self._batch = batch
        self._data = bytearray()
        self._handed_over: list[int] = []

    def feed(self, data: bytes, descriptors: Iterable[int] = ()) -> Iterator[tuple[dict[str, Any], list[int]]]:
        """Yield the messages that `data` completes. `descriptors` came with `data`, and are the receiver's then."""
        self._data += data
        self._handed_over += descriptors
        while len(self._data) >= FRAME.size:
            length, count = decode_frame(bytes(self._data[: FRAME.size]))
            if length > self._limit:
                raise ProtocolError(f"a message of {length} bytes is too large")
            if count and not self._batch:
                raise ProtocolError("descriptors are not taken")
            end = FRAME.size + length
            whole = end + (-(-count // self._batch) if count else 0)
            if len(self._data) < whole:
                return
            if len(self._handed_over) < count:
                raise ProtocolError("descriptors were announced and did not come")
            message = decode_body(bytes(self._data[FRAME.size : end]))
            taken, self._handed_over = self._handed_over[:count], self._handed_over[count:]
            del self._data[:whole]
            yield message, taken

    @property
    def pending(self) -> list[int]:
        """Descriptors that belong to a message which is not complete."""
        return self._handed_over
