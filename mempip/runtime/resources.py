"""Package resources out of an environment: `importlib.resources` without temporary files.

Imported only when a program asks for resources, and so has paid for importlib.resources itself.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from importlib.resources import as_file
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    from importlib.resources.abc import Traversable, TraversableResources
else:
    from importlib.abc import Traversable, TraversableResources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mempip.runtime.environment import Environment


class MemoryPath(Traversable):
    """A file or directory of an environment, as importlib.resources hands it out."""

    def __init__(self, environment: Environment, path: str) -> None:
        self._environment = environment
        self._path = path

    def __str__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        return f"MemoryPath({self._path!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemoryPath) and self._path == other._path

    def __hash__(self) -> int:
        return hash(self._path)

    @property
    def name(self) -> str:
        return self._path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        return os.path.splitext(self.name)[1]

    @property
    def stem(self) -> str:
        return os.path.splitext(self.name)[0]

    @property
    def parent(self) -> MemoryPath:
        return MemoryPath(self._environment, self._path.rpartition("/")[0])

    def iterdir(self) -> Iterator[MemoryPath]:
        """Yield the children of a directory. Raises `NotADirectoryError` or `FileNotFoundError`."""
        for name in self._environment.listdir(self._path):
            yield self / name

    def is_dir(self) -> bool:
        return self._environment.is_directory(self._path)

    def is_file(self) -> bool:
        return self._environment.is_file(self._path)

    def exists(self) -> bool:
        return self.is_dir() or self.is_file()

    def joinpath(self, *descendants: str | os.PathLike[str]) -> MemoryPath:
        """Return the path below this one; ``..`` and ``.`` are followed as text."""
        path = os.path.normpath("/".join((self._path, *(os.fspath(part) for part in descendants))))
        return MemoryPath(self._environment, path)

    def __truediv__(self, child: str | os.PathLike[str]) -> MemoryPath:
        return self.joinpath(child)

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        """Open the file for reading, as text (``"r"``) or bytes (``"rb"``). Raises `OSError`."""
        if set(mode) - set("rbt"):
            raise ValueError(f"files in memory open for reading only, not {mode!r}")
        stream = io.BytesIO(self.read_bytes())
        if "b" in mode:
            return stream
        return io.TextIOWrapper(stream, *args, **kwargs)

    def read_bytes(self) -> bytes:
        return self._environment.read(self._path)

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        with self.open("r", encoding=encoding or "utf-8", errors=errors) as stream:
            text: str = stream.read()
        return text


class MemoryResources(TraversableResources):
    """Reads the resources of the package in one directory of an environment."""

    def __init__(self, environment: Environment, directory: str) -> None:
        self._root = MemoryPath(environment, directory)
        self._environment = environment

    def files(self) -> MemoryPath:
        return self._root

    def open_resource(self, resource: str) -> io.BufferedReader:
        """Open a resource for reading bytes. Raises `FileNotFoundError`."""
        return io.BufferedReader(io.BytesIO(self._root.joinpath(resource).read_bytes()))

    def resource_path(self, resource: str) -> str:
        """Raise `FileNotFoundError`: there is no file, and importlib.resources then asks for the bytes."""
        raise FileNotFoundError(resource)


@as_file.register(MemoryPath)  # type: ignore[attr-defined,untyped-decorator]
@contextmanager
def _as_file(path: MemoryPath) -> Iterator[Path]:
    """Yield a path to a sealed memory object with the file's bytes, instead of writing a temporary file.

    The path is like no other before: programs give it to the dynamic linker, which remembers paths.
    """
    descriptor = path._environment.expose(str(path))
    try:
        yield Path(path._environment.loadable_path(descriptor))
    finally:
        os.close(descriptor)
