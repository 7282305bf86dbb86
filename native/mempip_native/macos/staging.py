"""Libraries in files, since dyld takes nothing else: a private directory that has the places they have in a wheel.

Only in the directory that the user names. A directory is of one process and locked as long as that lives, so the next
one that comes here knows which are left from processes that were killed, and removes them.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.platform == "win32":
    raise ImportError("for POSIX only")

VARIABLE = "MEMPIP_TMPDIR"
PREFIX = "mempip-libraries-"


class Stage:
    """A directory of mode 0700 below `parent`, made when the first library comes, and gone when the process ends."""

    def __init__(self, parent: str) -> None:
        # dyld compares paths as text, and some have links in them: /tmp, /var.
        self._parent = os.path.realpath(parent)
        self._directory = ""
        self._lock = -1
        self._owner = 0

    @property
    def prefix(self) -> str:
        """What all paths of libraries begin with, empty as long as there is no directory."""
        return f"{self._directory}/files/" if self._directory else ""

    def path(self, relative: str) -> str:
        """Return where the library that is at `relative` in the environment is, or would be."""
        return f"{self._root()}/files/{relative}"

    def write(self, relative: str, content: bytes) -> str:
        """Put a library where it belongs, and return its path. Nobody may change it. Raises `OSError`."""
        path = self.path(relative)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
        except BaseException:
            os.unlink(path)
            raise
        return path

    def remove(self, relative: str) -> None:
        """Take a library away, and the directories that held nothing else. What is not there is gone already."""
        path = self.path(relative)
        try:
            os.unlink(path)
            while (path := os.path.dirname(path)) != self._directory:
                os.rmdir(path)
        except OSError:  # another one is beside it
            return

    def transient(self) -> str:
        """Return an empty directory for files of dyld's own."""
        path = f"{self._root()}/dyld"
        os.makedirs(path, exist_ok=True)
        return path

    def close(self) -> None:
        """Remove the directory. A child that was forked leaves it to its parent."""
        if self._directory and self._owner == os.getpid():
            _remove(self._directory)
            os.close(self._lock)
            self._directory = ""
            atexit.unregister(self.close)

    def _root(self) -> str:
        if not self._directory:
            sweep(self._parent)
            self._directory, self._lock = _locked(self._parent)
            self._owner = os.getpid()
            atexit.register(self.close)
        return self._directory


def sweep(parent: str) -> None:
    """Remove the directories below `parent` whose processes are gone. Raises `OSError` if it cannot be read."""
    for directory in _left(parent):
        lock = _lock(directory)
        if lock >= 0:
            _remove(directory)
            os.close(lock)


def _locked(parent: str) -> tuple[str, int]:
    """Return a new directory, and the descriptor that locks it."""
    import tempfile

    while True:
        directory = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
        lock = _lock(directory)
        if lock >= 0:
            return directory, lock
        # Another process has just taken it for one that was left.


def _lock(directory: str) -> int:
    """Lock a directory and return the descriptor that holds it so; -1 if somebody else does."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return -1
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return -1
    return descriptor


def _remove(directory: str) -> None:
    import shutil

    shutil.rmtree(directory, ignore_errors=True)


def _left(parent: str) -> Iterator[str]:
    """Yield this user's directories below `parent`."""
    for name in os.listdir(parent):
        if name.startswith(PREFIX):
            path = os.path.join(parent, name)
            try:
                status = os.lstat(path)
            except FileNotFoundError:  # somebody else was faster
                continue
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
                yield path
