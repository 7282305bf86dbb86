"""Bytes of a file out of a memory object, inflated piece by piece and checked."""

from __future__ import annotations

import zlib

from mempip.errors import InvalidImage
from mempip.image.layout import DEFLATED, STORED
from mempip_native import objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from mempip.image.layout import Entry

CHUNK = 1 << 20  # bytes read at a time; a piece inflates to four times that at the most


def read(descriptor: int, entry: Entry) -> bytes:
    """Return the contents of the file that `entry` describes in the object `descriptor`.

    Raises `InvalidImage` if they cannot be inflated or do not have the promised size and CRC.
    """
    if entry.stored > CHUNK or entry.size > 4 * CHUNK or entry.method != DEFLATED:
        return b"".join(pieces(descriptor, entry))
    raw = objects.read_at(descriptor, entry.stored, entry.offset)
    try:
        data = zlib.decompress(raw, -zlib.MAX_WBITS, entry.size or 1)
    except zlib.error as error:
        raise InvalidImage(f"its bytes cannot be inflated ({error})") from error
    _check(entry, len(data), zlib.crc32(data))
    return data


def pieces(descriptor: int, entry: Entry) -> Iterator[bytes]:
    """Yield the contents piece by piece, never more than a piece beyond the promised size.

    Raises `InvalidImage` like `read`; a size or CRC that differs is known only after the last piece.
    """
    size = crc = 0
    for data in _inflated(descriptor, entry):
        size += len(data)
        crc = zlib.crc32(data, crc)
        if size > entry.size:
            break
        yield data
    _check(entry, size, crc)


def _inflated(descriptor: int, entry: Entry) -> Iterator[bytes]:
    if entry.method not in (STORED, DEFLATED):
        raise InvalidImage(f"its compression method {entry.method} is not known")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == DEFLATED else None
    offset, end = entry.offset, entry.offset + entry.stored
    try:
        while offset < end:
            raw = objects.read_at(descriptor, min(CHUNK, end - offset), offset)
            if not raw:
                return
            offset += len(raw)
            if inflate is None:
                yield raw
                continue
            while raw:
                yield inflate.decompress(raw, 4 * CHUNK)
                raw = inflate.unconsumed_tail
        if inflate is not None:
            yield inflate.flush()
    except zlib.error as error:
        raise InvalidImage(f"its bytes cannot be inflated ({error})") from error


def _check(entry: Entry, size: int, crc: int) -> None:
    if size != entry.size or crc != entry.crc:
        raise InvalidImage(f"its {size} bytes are not the {entry.size} promised, or their CRC differs")
