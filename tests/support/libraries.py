"""An environment of libraries, for loaders."""

from __future__ import annotations

import os
import posixpath
import zlib


class MemorySource:
    """An environment of a few files; what `LibraryLoader` asks of one."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.inflated: list[str] = []
        self.shared: dict[str, int] = {}  # objects that a store would pass

    def exists(self, path: str) -> bool:
        return path in self.files

    def find(self, name: str) -> list[str]:
        return [path for path in self.files if posixpath.basename(path) == name]

    def identity(self, path: str) -> object:
        return len(self.files[path]), zlib.crc32(self.files[path])

    def inflate(self, path: str, fd: int) -> None:
        self.inflated.append(path)
        os.write(fd, self.files[path])

    def sealed(self, path: str) -> int | None:
        return os.dup(self.shared[path]) if path in self.shared else None
