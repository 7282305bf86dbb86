"""METADATA out of a wheel that is not here: a few ranges of a zip archive instead of all of it.

Pure: the bytes come from a callable. Only what this needs of the format (APPNOTE.TXT); wheels are verified
elsewhere, once they are here.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from mempip.errors import WheelRefused

if TYPE_CHECKING:
    from collections.abc import Callable

#: Holds the central directory of nearly all wheels, and METADATA itself when it is among the last members.
TAIL = 32 * 1024
METADATA_LIMIT = 16 * 1024 * 1024
DIRECTORY_LIMIT = 64 * 1024 * 1024

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")


class _Member(NamedTuple):
    method: int
    packed: int
    size: int
    crc: int
    offset: int
    name: str


def read_metadata(filename: str, tail: bytes, size: int, read: Callable[[int, int], bytes]) -> bytes:
    """Return the METADATA of a wheel of `size` bytes whose last bytes are `tail`.

    ``read(start, end)`` returns further bytes and is not called if `tail` is the whole wheel. Raises `WheelRefused`
    for what is no wheel.
    """
    window = _Window(tail, size, read)
    offset, length = _find_directory(filename, window, tail, size)
    member = _find_metadata(filename, window.bytes(offset, offset + length))
    if member.size > METADATA_LIMIT or member.packed > METADATA_LIMIT:
        raise WheelRefused(filename, f"it is larger than {METADATA_LIMIT} bytes", member.name)
    # The local header repeats the name and may have extra fields of its own: ask for a little more.
    end = min(member.offset + _LOCAL.size + len(member.name.encode()) + 512 + member.packed, offset)
    local = window.bytes(member.offset, end)
    if len(local) < _LOCAL.size or local[:4] != b"PK\x03\x04":
        raise WheelRefused(filename, "its place in the archive is wrong", member.name)
    header = _LOCAL.unpack_from(local)
    start = member.offset + _LOCAL.size + header[-2] + header[-1]
    return _inflate(filename, member, window.bytes(start, start + member.packed))


class _Window:
    """The part of a file that is here, grown on demand."""

    def __init__(self, tail: bytes, size: int, read: Callable[[int, int], bytes]) -> None:
        self._parts = [(size - len(tail), tail)]
        self._read = read

    def bytes(self, start: int, end: int) -> bytes:
        for offset, part in self._parts:
            if offset <= start and end <= offset + len(part):
                return part[start - offset : end - offset]
        part = self._read(start, end)
        self._parts.append((start, part))
        return part


def _find_directory(filename: str, window: _Window, tail: bytes, size: int) -> tuple[int, int]:
    """Return offset and length of the central directory, by way of the zip64 record if there is one."""
    position = tail.rfind(b"PK\x05\x06")
    if position < 0 or len(tail) - position < _END.size:
        raise WheelRefused(filename, "it is not a zip archive")
    count, length, offset = _END.unpack_from(tail, position)[4:7]
    if (count == 0xFFFF or 0xFFFFFFFF in (length, offset)) and position >= _LOCATOR.size:
        signature, _, place, _ = _LOCATOR.unpack_from(tail, position - _LOCATOR.size)
        if signature == b"PK\x06\x07" and place + _END64.size <= size:
            length, offset = _END64.unpack(window.bytes(place, place + _END64.size))[-2:]
    if length > DIRECTORY_LIMIT or offset + length > size:
        raise WheelRefused(filename, "its central directory is outside the archive")
    return offset, length


def _find_metadata(filename: str, directory: bytes) -> _Member:
    found: list[_Member] = []
    position = 0
    while position < len(directory):
        if directory[position : position + 4] != b"PK\x01\x02" or len(directory) - position < _ENTRY.size:
            raise WheelRefused(filename, "its central directory is damaged")
        entry = _ENTRY.unpack_from(directory, position)
        name_length, extra_length, comment_length = entry[10:13]
        name = directory[position + _ENTRY.size : position + _ENTRY.size + name_length]
        if name.endswith(b".dist-info/METADATA") and name.count(b"/") == 1:
            _, _, _, _, method, _, _, crc, packed, size, _, _, _, _, _, _, offset = entry
            if 0xFFFFFFFF in (packed, size, offset):
                raise WheelRefused(filename, "its metadata lies beyond 4 GiB")
            found.append(_Member(method, packed, size, crc, offset, name.decode("utf-8", "replace")))
        position += _ENTRY.size + name_length + extra_length + comment_length
    if len(found) != 1:
        raise WheelRefused(filename, f"it has {len(found) or 'no'} *.dist-info/METADATA")
    return found[0]


def _inflate(filename: str, member: _Member, packed: bytes) -> bytes:
    if member.method == 0:
        raw = packed
    elif member.method == 8:
        try:
            raw = zlib.decompressobj(-15).decompress(packed, member.size + 1)
        except zlib.error as fault:
            raise WheelRefused(filename, f"it cannot be inflated ({fault})", member.name) from fault
    else:
        raise WheelRefused(filename, f"its compression method {member.method} is not known", member.name)
    if len(raw) != member.size or zlib.crc32(raw) != member.crc:
        raise WheelRefused(filename, "its size or checksum is wrong", member.name)
    return raw
