"""Code segments: the marshalled code of a wheel's modules in one sealed object, found by where their source is.

Little-endian, in this order:

``HEADER``
    magic, number of modules, length of *kind* (bytes).
kind
    which interpreters can load the code (`kind`), ASCII.
places
    for each module, sorted: where its source starts in the wheel's object (8 bytes each).
ends
    for each module: where its code ends, from the start of *codes* (8 bytes each). It starts where the one before ends.
codes
    the marshalled code objects.

Only a store makes them, from wheels that it has verified; they are never taken from a peer, nor from
a file that another user could have written.
"""

from __future__ import annotations

import sys
from itertools import accumulate
from struct import Struct, pack, unpack_from

from mempip.errors import InvalidImage
from mempip_native import objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

MAGIC: Final = b"mempipc\x01"
HEADER: Final = Struct("<8sII")


def kind(optimize: int = sys.flags.optimize) -> str:
    """Return which marshalled code this interpreter loads at that optimisation level.

    Released versions of one minor version share a format; before its release, each version has its own.
    """
    version = "" if sys.version_info.releaselevel == "final" else f"-{sys.hexversion:08x}"
    return f"{sys.implementation.cache_tag}{version}-{optimize}"


def write_segment(of: str, codes: Mapping[int, bytes]) -> bytes:
    """Return the segment of that kind with `codes`: where each module's source starts → its marshalled code."""
    places = sorted(codes)
    ends = accumulate(len(codes[place]) for place in places)
    head = HEADER.pack(MAGIC, len(places), len(of)) + of.encode()
    return b"".join([head, pack(f"<{2 * len(places)}Q", *places, *ends), *(codes[place] for place in places)])


class Segment:
    """An open segment. Raises `InvalidImage` if `descriptor` is none; it stays the caller's to close."""

    def __init__(self, descriptor: int) -> None:
        head = objects.read_at(descriptor, HEADER.size, 0)
        if len(head) < HEADER.size or not head.startswith(MAGIC):
            raise InvalidImage("a code segment has no or another format's header")
        _, count, length = HEADER.unpack(head)
        self._start = HEADER.size + length + 16 * count
        self._size = objects.status(descriptor).st_size
        if self._start > self._size:
            raise InvalidImage("a code segment is cut off")
        raw = objects.read_at(descriptor, length + 16 * count, HEADER.size)
        self.kind = raw[:length].decode("ascii", "replace")
        numbers = unpack_from(f"<{2 * count}Q", raw, length)
        places, self._ends = numbers[:count], numbers[count:]
        self._numbers = dict(zip(places, range(count), strict=True))
        self.descriptor = descriptor

    def find(self, place: int) -> bytes | None:
        """Return the marshalled code of the module whose source starts at `place`, or ``None`` if it has none."""
        number = self._numbers.get(place)
        if number is None:
            return None
        start = self._start + (self._ends[number - 1] if number else 0)
        end = self._start + self._ends[number]
        if not start <= end <= self._size:
            raise InvalidImage("a code segment is cut off")
        return objects.read_at(self.descriptor, end - start, start)
