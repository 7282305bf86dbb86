"""Sealed memory objects that the daemon holds, and their bytes on the way to and from elsewhere."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from mempip_native import objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mempip_native import Adapter

PIECE = 4 << 20  # bytes


def pieces(descriptor: int) -> Iterator[bytes]:
    """Yield an object's bytes, piece by piece."""
    place = 0
    while piece := objects.read_at(descriptor, PIECE, place):
        place += len(piece)
        yield piece


def gather(parts: Iterable[bytes], sha256: str, adapter: Adapter, name: str) -> int | None:
    """Return a new sealed object of the bytes in `parts`, or ``None`` if their sha256 is another."""
    descriptor = adapter.allocate(name)
    try:
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part)
            objects.write(descriptor, part)
        if digest.hexdigest() == sha256:
            return adapter.seal(descriptor)
    except BaseException:
        objects.close(descriptor)
        raise
    objects.close(descriptor)
    return None


class Held:
    """Owns the descriptor of a sealed object. Whatever is on its way to a client refers to it, too."""

    __slots__ = ("descriptor", "size")

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size  #: bytes

    def seal(self, adapter: Adapter) -> None:
        """Make the bytes that were written to it unchangeable."""
        self.descriptor = adapter.seal(self.descriptor)
        self.size = os.fstat(self.descriptor).st_size

    def __del__(self) -> None:
        try:
            os.close(self.descriptor)
        except (AttributeError, OSError, TypeError):  # never opened, or the interpreter is ending
            pass
