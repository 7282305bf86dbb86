"""Files of an image as sealed memory objects: what a descriptor of a packaged file is a descriptor of."""

from __future__ import annotations

import os

from mempip_native import objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip.image.layout import Entry
    from mempip.image.reader import Image
    from mempip_native import Adapter

#: Objects that are kept after their last descriptor was closed, so that opening a file again inflates nothing.
KEPT = 32
#: The bytes that they may have together.
KEPT_BYTES = 32 << 20


class SealedFiles:
    """Hands out descriptors of an image's files, each with an offset of its own, all read-only.

    Nothing is locked, so a fork at any moment is safe: an object that is dropped from the kept ones is closed when
    the last thread that is about to open it again has done so.
    """

    def __init__(self, image: Image, adapter: Adapter) -> None:
        self._image = image
        self._adapter = adapter
        self._kept: dict[tuple[int, int, int, int], _Object] = {}  # by contents; the newest last

    def open(self, entry: Entry, name: str) -> int:
        """Return a new descriptor of the file that `entry` describes. Raises `InvalidImage` or `OSError`."""
        key = (entry.object, entry.offset, entry.size, entry.crc)
        found = self._kept.pop(key, None)
        if found is None:
            found = _Object(self.inflate(entry, name), entry.size)
            self._shrink(entry.size)
        self._kept[key] = found  # as the newest
        try:
            descriptor = os.open(f"/proc/self/fd/{found.descriptor}", os.O_RDONLY)
        except FileNotFoundError:  # no /proc: an object of its own has an offset of its own, too
            descriptor = self.inflate(entry, name)
        return descriptor

    def inflate(self, entry: Entry, name: str, *, executable: bool = False) -> int:
        """Return the descriptor of a new sealed object that holds the file, with its time and mode."""
        descriptor = self._adapter.allocate(name, executable=executable)
        try:
            for piece in self._image.pieces(entry):
                objects.write(descriptor, piece)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.utime(descriptor, (entry.mtime, entry.mtime))
            os.chmod(descriptor, 0o555 if executable else 0o444)
            return self._adapter.seal(descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    def clear(self) -> None:
        """Keep nothing any more. Descriptors that were handed out stay open."""
        self._kept.clear()

    def _shrink(self, size: int) -> None:
        """Make room for another object of `size` bytes, by dropping those that were not wanted for longest."""
        kept = list(self._kept.items())
        total = size + sum(found.size for _, found in kept)
        count = 1 + len(kept)
        for key, found in kept:
            if total <= KEPT_BYTES and count <= KEPT:
                break
            self._kept.pop(key, None)
            total -= found.size
            count -= 1


class _Object:
    """Owns the descriptor of a sealed object."""

    __slots__ = ("descriptor", "size")

    def __init__(self, descriptor: int, size: int) -> None:
        self.descriptor = descriptor
        self.size = size

    def __del__(self) -> None:
        try:
            os.close(self.descriptor)
        except (OSError, TypeError):  # closed behind our back, or the interpreter is ending
            pass
