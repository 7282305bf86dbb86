"""The functions of `os` that take paths, as they are while an environment is active.

A path that is none of ours costs a call of a Python function and a search for one word in it. The functions are
bound methods, and objects without ``__get__``: kept as an attribute of a class they are not bound again, which is
what builtin functions do, and what pathlib counts on.
"""

from __future__ import annotations

import errno
import os

from mempip.runtime.overlay.tree import MARK, locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class ModuleFunctions:
    """Functions that stand in for those of the module ``name``. Pickled, they are that module's."""

    name: str

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return __import__, (self.name,)

    def __deepcopy__(self, memo: object) -> ModuleFunctions:
        return self


class Os(ModuleFunctions):
    """What `os` answers. Signatures and names are those of the functions that these stand in for."""

    name = "os"

    def __init__(self) -> None:
        self._stat = os.stat
        self._lstat = os.lstat
        self._access = os.access
        self._listdir = os.listdir
        self._scandir = os.scandir
        self._open = os.open
        self._readlink = os.readlink
        self._chdir = os.chdir

    def stat(self, path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        if (type(path) is str and MARK not in path) or (found := locate(path, dir_fd)) is None:
            return self._stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        return found.stat()

    def lstat(self, path: Any, *, dir_fd: int | None = None) -> os.stat_result:
        if (type(path) is str and MARK not in path) or (found := locate(path, dir_fd)) is None:
            return self._lstat(path, dir_fd=dir_fd)
        return found.stat()

    def access(
        self,
        path: Any,
        mode: int,
        *,
        dir_fd: int | None = None,
        effective_ids: bool = False,
        follow_symlinks: bool = True,
    ) -> bool:
        if (type(path) is str and MARK not in path) or (found := locate(path, dir_fd)) is None:
            return self._access(path, mode, dir_fd=dir_fd, effective_ids=effective_ids, follow_symlinks=follow_symlinks)
        return found.access(mode)

    def listdir(self, path: Any = None) -> Any:
        if (type(path) is str and MARK not in path) or (found := locate(path)) is None:
            return self._listdir(path)
        names = found.names()
        return [os.fsencode(name) for name in names] if isinstance(path, bytes) else names

    def scandir(self, path: Any = None) -> Any:
        if (type(path) is str and MARK not in path) or (found := locate(path)) is None:
            return self._scandir(path)
        from mempip.runtime.overlay.directories import Directory

        return Directory(found)

    def open(self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if (type(path) is str and MARK not in path) or (found := locate(path, dir_fd)) is None:
            return self._open(path, flags, mode, dir_fd=dir_fd)
        return found.open(flags)

    def readlink(self, path: Any, *, dir_fd: int | None = None) -> Any:
        if (type(path) is str and MARK not in path) or (found := locate(path, dir_fd)) is None:
            return self._readlink(path, dir_fd=dir_fd)
        raise found.error(errno.EINVAL) if found.exists else found.missing()

    def chdir(self, path: Any) -> None:
        found = locate(path)
        if found is None:
            return self._chdir(path)
        if not found.is_directory:
            raise found.error(errno.ENOTDIR) if found.exists else found.missing()
        raise found.error(errno.EOPNOTSUPP, "A directory in memory cannot be the current directory")


#: Functions that change what is at a path, and where among their parameters the paths are.
CHANGES = {
    "chflags": {0: "path"},
    "chmod": {0: "path"},
    "chown": {0: "path"},
    "lchflags": {0: "path"},
    "lchmod": {0: "path"},
    "lchown": {0: "path"},
    "link": {0: "src", 1: "dst"},
    "mkdir": {0: "path"},
    "mkfifo": {0: "path"},
    "mknod": {0: "path"},
    "remove": {0: "path"},
    "removexattr": {0: "path"},
    "rename": {0: "src", 1: "dst"},
    "replace": {0: "src", 1: "dst"},
    "rmdir": {0: "path"},
    "setxattr": {0: "path"},
    "symlink": {1: "dst"},
    "truncate": {0: "path"},
    "unlink": {0: "path"},
    "utime": {0: "path"},
}
_CREATING = ("mkdir", "mkfifo", "mknod", "symlink")


class Change:
    """A function of `os` that changes what is at a path: below the root, that is refused as on a read-only disk."""

    def __init__(self, name: str) -> None:
        self.__wrapped__ = getattr(os, name)
        self.__name__ = self.__qualname__ = name
        self.__module__ = self.__wrapped__.__module__
        self.__doc__ = self.__wrapped__.__doc__
        self._creates = name in _CREATING
        self._paths = CHANGES[name].items()

    def __repr__(self) -> str:
        return f"<function {self.__name__} of mempip.runtime.overlay>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for position, parameter in self._paths:
            path = args[position] if position < len(args) else kwargs.get(parameter)
            found = locate(path, kwargs.get("dir_fd", kwargs.get(f"{parameter}_dir_fd")))
            if found is not None:
                raise found.read_only(creates=self._creates)
        return self.__wrapped__(*args, **kwargs)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, str]]:
        return getattr, (_PicklesAsOs(), self.__name__)

    def __deepcopy__(self, memo: object) -> Change:
        return self


class _PicklesAsOs(ModuleFunctions):
    name = "os"
