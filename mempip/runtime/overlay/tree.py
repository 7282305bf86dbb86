"""What lies below the parent of all roots: paths looked up in the active environments, answers as of a file system."""

from __future__ import annotations

import errno
import os
import stat

from mempip.runtime.finder import ENVIRONMENTS, PREFIX
from mempip_native import objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mempip.image.layout import Entry
    from mempip.runtime.environment import Environment

_kernel = __import__(os.name)  # posix or nt: their functions are never replaced

#: Part of every spelling of a path below `PREFIX`, relative ones and those with ``..`` included: a path without it
#: is none of ours, which is all that a call for another path pays for.
MARK = "mempip"
_PREFIX = PREFIX.replace(os.sep, "/")
_BELOW = _PREFIX + "/"

DIRECTORY_MODE = stat.S_IFDIR | 0o555
FILE_MODE = stat.S_IFREG | 0o444
EXECUTABLE = 0o111
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_TRUNC
_DEVICE = int.from_bytes(MARK.encode(), "big")


_OF_DIRECTORIES = tuple({separator + dots for separator in (os.sep, "/") for dots in ("", ".", "..")})


def locate(path: Any, dir_fd: int | None = None) -> Location | None:
    """Return where `path` points to if that is below `PREFIX`, and ``None`` if it is any other business.

    `path` is whatever a program may pass as a path: str, bytes, path-like, a descriptor, nonsense. ``..`` is
    followed as text, which below `PREFIX` is right: there are no links.
    """
    if type(path) is int:
        return None
    try:
        asked = text = os.fspath(path)
    except TypeError:
        return None
    if type(text) is not str:
        text = os.fsdecode(text)
    if MARK not in text or "\0" in text or (dir_fd is not None and not text.startswith("/")):
        return None
    if text.startswith(_BELOW) and "/." not in text and "//" not in text and text[-1] != "/":
        whole = text
    else:
        try:
            whole = _spelled(os.path.abspath(text))
        except OSError:  # a relative path, and the current directory is gone
            return None
    if whole == _PREFIX:
        return None if _kernel_knows(PREFIX) else Location(asked, None, "", must_be_directory=False)
    if not whole.startswith(_BELOW):
        return None
    name = whole.find("/", len(_BELOW)) + 1
    end = whole.find("/", name) if name else -1
    environment = ENVIRONMENTS.get((whole if end < 0 else whole[:end]).replace("/", os.sep))
    if environment is None:
        is_above = not name and any(root.startswith(whole.replace("/", os.sep) + os.sep) for root in ENVIRONMENTS)
        return Location(asked, None, whole[len(_BELOW) :], must_be_directory=False) if is_above else None
    relative = "" if end < 0 else whole[end + 1 :]
    return Location(asked, environment, relative, must_be_directory=text.endswith(_OF_DIRECTORIES))


def _spelled(path: str) -> str:
    """Return an absolute path in the spelling of `_BELOW`."""
    return "/" + path.lstrip("/") if os.sep == "/" else path.replace(os.sep, "/")


def _kernel_knows(path: str) -> bool:
    try:
        _kernel.stat(path)
    except OSError:
        return False
    return True


class Location:
    """A path below `PREFIX`, asked for as `path`: a directory, a file, or nothing.

    ``relative`` is the path relative to the root of ``environment``; for directories above the roots, which are
    `PREFIX` and those in it, that is ``None``, and ``relative`` is relative to `PREFIX`.
    """

    __slots__ = ("entry", "environment", "is_directory", "path", "relative")

    def __init__(self, path: Any, environment: Environment | None, relative: str, *, must_be_directory: bool) -> None:
        self.path = path
        self.environment = environment
        self.relative = relative
        self.is_directory: bool = environment is None or environment.image.is_directory(relative)
        self.entry: Entry | None = None  # of a file; none is at its path with a final slash
        if environment is not None and not self.is_directory:
            self.entry = environment.image.find(relative)
            if must_be_directory:
                self.entry = None

    # -- errors -----------------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        return self.is_directory or self.entry is not None

    def error(self, code: int, message: str = "") -> OSError:
        """Return the error with that number, about this path."""
        return OSError(code, message or os.strerror(code), self.path)

    def missing(self) -> OSError:
        """Return the error of a path that is not there: `FileNotFoundError`, or a parent is a file."""
        path = self.relative
        while path:
            if self._image_has_file(path):
                return self.error(errno.ENOTDIR)
            path = path.rpartition("/")[0]
        return self.error(errno.ENOENT)

    def read_only(self, *, creates: bool = False) -> OSError:
        """Return the error of a function that would change this path, or would create it."""
        if creates and self.exists:
            return self.error(errno.EEXIST)
        if not self.exists and (not creates or not self._has_parent()):
            return self.missing()
        return self.error(errno.EROFS)

    def _has_parent(self) -> bool:
        assert self.environment is not None  # what is above exists, and needs no parent  # noqa: S101
        return self.environment.image.is_directory(self.relative.rpartition("/")[0])

    def _image_has_file(self, relative: str) -> bool:
        if self.environment is None:
            return False
        entry = self.environment.image.find(relative)
        return entry is not None and not entry.is_directory

    # -- answers ----------------------------------------------------------------------------------

    def stat(self) -> os.stat_result:
        """Return what `os.stat` and `os.lstat` return. Raises `OSError` if nothing is there."""
        if not self.exists:
            raise self.missing()
        mode = DIRECTORY_MODE
        size = owner = group = nanoseconds = 0
        if self.environment is None:
            device, number = _DEVICE, 1 + int(self.relative or "0", 16)
        else:
            image = self.environment.image
            device = int(self.environment.root.split(os.sep)[2], 16)
            owner, group = image.owner
            number = 2 + (image.number(self.relative) or 0) if self.relative else 1
            if self.entry is not None:
                mode = FILE_MODE | self.entry.mode & EXECUTABLE
                size, nanoseconds = self.entry.size, self.entry.mtime * 10**9
            else:
                nanoseconds = image.mtime_ns
        seconds = nanoseconds // 10**9
        blocks = {"st_blksize": 4096, "st_blocks": -(-size // 512), "st_rdev": 0}
        return os.stat_result(
            (mode, number, device, 1, owner, group, size, seconds, seconds, seconds),
            {
                **dict.fromkeys(("st_atime", "st_mtime", "st_ctime"), nanoseconds / 10**9),
                **dict.fromkeys(("st_atime_ns", "st_mtime_ns", "st_ctime_ns"), nanoseconds),
                **{name: value for name, value in blocks.items() if hasattr(os.stat_result, name)},  # not on Windows
            },
        )

    def access(self, mode: int) -> bool:
        """Return what `os.access` returns."""
        if not self.exists or mode & os.W_OK:
            return False
        return not mode & os.X_OK or self.entry is None or bool(self.entry.mode & EXECUTABLE)

    def names(self) -> list[str]:
        """Return the names in this directory. Raises `OSError`: nothing there, or a file."""
        if not self.is_directory:
            raise self.missing() if self.entry is None else self.error(errno.ENOTDIR)
        if self.environment is None:
            above = os.sep.join((PREFIX, self.relative, "") if self.relative else (PREFIX, ""))
            return [root[len(above) :].partition(os.sep)[0] for root in ENVIRONMENTS if root.startswith(above)]
        return list(self.environment.image.listing(self.relative) or ())

    def open(self, flags: int) -> int:
        """Return a new descriptor of this file's bytes. Raises `OSError` as a read-only file system does."""
        environment, entry = self._opened(flags)
        if not objects.HAVE_PATHS:
            raise self.error(errno.EOPNOTSUPP, "A file in memory has no descriptor on this system")
        return environment.files.open(entry, self.relative.rpartition("/")[2])

    def read(self, flags: int) -> bytes:
        """Return this file's bytes. Raises what `open` raises with these flags."""
        environment, entry = self._opened(flags)
        return environment.image.read(entry)

    def _opened(self, flags: int) -> tuple[Environment, Entry]:
        """Return what an open with these flags is of. Raises `OSError` as a read-only file system does."""
        creates = bool(flags & os.O_CREAT)
        if not self.exists:
            raise self.read_only(creates=True) if creates else self.missing()
        if creates and flags & os.O_EXCL:
            raise self.error(errno.EEXIST)
        if self.entry is None:
            raise self.error(errno.EISDIR)
        if flags & _WRITING:
            raise self.error(errno.EROFS)
        if flags & getattr(os, "O_DIRECTORY", 0):
            raise self.error(errno.ENOTDIR)
        assert self.environment is not None  # a file is in an environment  # noqa: S101
        return self.environment, self.entry
