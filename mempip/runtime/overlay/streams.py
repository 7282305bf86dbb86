"""The functions and the class of `io` that open files by path, as they are while an environment is active."""

from __future__ import annotations

import abc
import io

from mempip.runtime.overlay.functions import ModuleFunctions
from mempip.runtime.overlay.tree import MARK, locate
from mempip_native import objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip.runtime.overlay.tree import Location

    Opener = Callable[[str, int], int]

_FileIO = io.FileIO


class Io(ModuleFunctions):
    """What `io` answers; the builtin ``open`` is `io.open`.

    Streams are the interpreter's own, over descriptors of sealed memory objects: they have ``fileno()``, can be
    mapped, and their ``name`` is the path that was asked for.
    """

    name = "io"

    def __init__(self) -> None:
        self._open = io.open
        self._open_code = io.open_code

    def open(
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Opener | None = None,
    ) -> Any:
        if not (type(file) is str and MARK not in file) and opener is None:
            found = locate(file)
            if found is not None and not objects.HAVE_PATHS:
                from mempip.runtime.overlay import unnumbered

                return unnumbered.open(found, mode, buffering, encoding, errors, newline)
            opener = _opener(found)
        return self._open(file, mode, buffering, encoding, errors, newline, closefd, opener)

    def open_code(self, path: str) -> Any:
        return self._open_code(path) if locate(path) is None else self.open(path, "rb")


class _PassesForFileIO(abc.ABCMeta):
    """Makes `FileIO` pass for the class that it stands in for: streams of ``open()`` are that one's."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _FileIO) if cls is FileIO else super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _FileIO) if cls is FileIO else super().__subclasscheck__(subclass)


class FileIO(io.FileIO, metaclass=_PassesForFileIO):
    """What `io.FileIO` is while an environment is active."""

    __module__ = "_io"

    def __init__(self, file: Any, mode: str = "r", closefd: bool = True, opener: Opener | None = None) -> None:
        super().__init__(file, mode, closefd, opener if opener is not None else _opener(locate(file)))


def _opener(location: Location | None) -> Opener | None:
    return None if location is None else lambda _, flags: location.open(flags)
