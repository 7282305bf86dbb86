"""Programs in an environment, made such that the kernel can run them.

One that may look for files beside itself is run from a directory in memory that has all files of its distribution,
where the machine allows that (`mempip.runtime.mount`). Any other is a memory object, which has no neighbours. Such a
directory can also be the current one of a program.
"""

from __future__ import annotations

import errno

import mempip_native
from mempip.errors import MempipError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip.image.layout import Entry
    from mempip.image.reader import Image
    from mempip.runtime.mount import Mount
    from mempip.runtime.sealed import SealedFiles

#: Bytes of a distribution that is still put into a directory for its programs: it takes as much memory again.
LARGEST = 1 << 30
_OF_PYTHON = (".py", ".pyi", ".pyc", ".pth")


class Programs:
    """The programs of an image. What was made for one is kept for the next."""

    def __init__(self, image: Image, files: SealedFiles) -> None:
        self._image = image
        self._files = files
        self._alone: dict[str, bool] = {}  # whether a program has nothing beside it to look for
        self._directories: dict[int, Mount | None] = {}  # by the number of the wheel's object

    def directory(self, relative: str) -> Mount | None:
        """Return a directory that has the program at `relative` and what it may look for.

        ``None`` if there is nothing to look for, or if there can be no such directory.
        """
        entry = self._image.find(relative)
        if entry is None:
            return None
        files = None
        if relative not in self._alone:
            files = self._of(entry.object)
            self._alone[relative] = not any(_is_data(path) for path in files if path != relative)
        return None if self._alone[relative] else self._directory(entry.object, files)

    def around(self, relative: str) -> Mount | None:
        """Return a directory that has the directory `relative`, with what the first distribution there has in it.

        ``None`` if there can be no such directory.
        """
        below = f"{relative}/" if relative else ""
        number = next((entry.object for path, entry in self._image.walk() if path.startswith(below)), None)
        return None if number is None else self._directory(number)

    def _directory(self, number: int, files: dict[str, Entry] | None = None) -> Mount | None:
        if number not in self._directories:
            self._directories[number] = self._make(files or self._of(number))
        return self._directories[number]

    def _of(self, number: int) -> dict[str, Entry]:
        return {path: entry for path, entry in self._image.walk() if entry.object == number}

    def _make(self, files: dict[str, Entry]) -> Mount | None:
        if sum(entry.size for entry in files.values()) > LARGEST:
            return None
        from mempip.runtime.mount import Mount

        try:
            return Mount.of(self._image, files)
        except MempipError:
            return None

    def memory_object(self, relative: str, entry: Entry) -> int:
        """Return the descriptor of a sealed object that holds the program, and can be executed. Raises `OSError`."""
        try:
            return self._files.inflate(entry, relative.rpartition("/")[2], executable=True)
        except mempip_native.AdapterUnavailable as error:
            raise PermissionError(
                errno.EACCES, f"Programs cannot be run from memory here ({error})", relative
            ) from error

    def close(self) -> None:
        """Give up the directories. Programs that run keep theirs."""
        while self._directories:
            _, directory = self._directories.popitem()
            if directory is not None:
                directory.close()


def _is_data(path: str) -> bool:
    return not path.endswith(_OF_PYTHON) and not path.partition("/")[0].endswith(".dist-info")
