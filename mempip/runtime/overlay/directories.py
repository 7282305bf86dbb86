"""Directories below the root as `os.scandir` hands them out."""

from __future__ import annotations

import os
import stat

from mempip.runtime.overlay.tree import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from mempip.runtime.overlay.tree import Location


class DirectoryEntry:
    """What `os.DirEntry` is on disk. (That class can be neither made nor subclassed by Python code.)"""

    __slots__ = ("_stat", "name", "path")

    def __init__(self, name: Any, path: Any) -> None:
        self.name = name
        self.path = path
        self._stat: os.stat_result | None = None

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"

    def __fspath__(self) -> Any:
        return self.path

    def inode(self) -> int:
        return self.stat().st_ino

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return stat.S_ISDIR(self.stat().st_mode)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return stat.S_ISREG(self.stat().st_mode)

    def is_symlink(self) -> bool:
        return False

    def is_junction(self) -> bool:
        return False

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Return the same as `os.stat` of the path; asked for once."""
        if self._stat is None:
            found = locate(self.path)
            if found is None:  # the environment was closed since
                raise FileNotFoundError(2, os.strerror(2), self.path)
            self._stat = found.stat()
        return self._stat


class Directory:
    """The iterator that `os.scandir` returns: once through, usable in a ``with`` statement."""

    def __init__(self, location: Location) -> None:
        self._entries: Iterator[DirectoryEntry] = iter(_entries(os.fspath(location.path), location.names()))

    def __iter__(self) -> Directory:
        return self

    def __next__(self) -> DirectoryEntry:
        return next(self._entries)

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the iteration."""
        self._entries = iter(())


def _entries(directory: Any, names: list[str]) -> list[DirectoryEntry]:
    children = [os.fsencode(name) for name in names] if isinstance(directory, bytes) else names
    return [DirectoryEntry(name, os.path.join(directory, name)) for name in children]
