"""The process that makes, for the daemon, what it lends of an image: one part after the other, as it is told.

It imports nothing of the installer's. A *part* is the number of a wheel, a place in that, and an optimisation level:
the module whose source starts there is compiled for that level, or the library that starts there inflated for -1.

============  =========  ====================================================================================
type          direction  other members
============  =========  ====================================================================================
``image``     → here     ``adapter``; descriptors: the image
``make``      → here     ``part``
``made``      daemon ←   ``part``; one descriptor: the library, or a code segment; none if there is no such part
============  =========  ====================================================================================
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING

import mempip_native
from mempip.connection import take_order
from mempip.errors import InvalidImage
from mempip.image.reader import Image
from mempip.store.daemon.compiling import compile_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mempip_native import Adapter

if sys.platform != "linux":
    raise ImportError("for Linux only")


class Maker:
    """Makes parts of an image."""

    def __init__(self, image: Image, adapter: Adapter) -> None:
        self._image = image
        self._adapter = adapter
        self._files = {(entry.object, entry.offset): (path, entry) for path, entry in image.walk() if entry.object}
        self._segments: dict[tuple[int, int, int], bytes] = {}  # those who come later ask again

    def make(self, wheel: int, place: int, level: int) -> int | None:
        """Return a descriptor of a part, or ``None`` if there is no such part."""
        path, entry = self._files.get((wheel, place), ("", None))
        pieces: Iterable[bytes]
        if entry is not None and level < 0 and ".so" in path.rpartition("/")[2]:
            pieces = self._image.pieces(entry)
        elif entry is not None and level >= 0 and path.endswith(".py"):
            if (wheel, place, level) not in self._segments:
                self._segments[wheel, place, level] = compile_all(self._image, [(path, entry)], level)
            pieces = [self._segments[wheel, place, level]]
        else:
            return None
        try:
            return mempip_native.sealed(self._adapter, path, pieces)
        except InvalidImage:
            return None


def main() -> None:
    """Serve the daemon that started this process, until it closes its end."""
    mempip_native.objects.raise_limit()
    connection, message, objects = take_order()
    warnings.simplefilter("ignore")  # they are for whoever wrote the source
    maker = Maker(Image(objects), mempip_native.get(message["adapter"]))
    while (received := connection.receive()) is not None:
        part = received[0]["part"]
        made = maker.make(*part)
        connection.send({"type": "made", "part": part}, [] if made is None else [made])
        if made is not None:
            os.close(made)
