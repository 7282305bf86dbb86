"""What is trusted of a cache: a strong hash that was promised, and files that nobody else can have written."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from mempip.installer.index.filenames import project_of, wheel_tag
from mempip.installer.requirements.hashes import STRONG_HASHES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.target import Target

#: Bytes of a file that is read at once: no wheel that was built here is larger.
MAX_FILE = 2 << 30


def promise(file: ProjectFile) -> tuple[str, str] | None:
    """Return the strongest hash that is promised: its name and the hex digest.

    ``None`` if there is none, or if no cache could have the file.
    """
    if not file.url.lower().startswith(("http:", "https:")):
        return None
    return next(((name, file.hashes[name].lower()) for name in STRONG_HASHES if name in file.hashes), None)


def best_wheel(names: Iterable[str], file: ProjectFile, target: Target) -> str:
    """Return the name of the best wheel for `target` of the project of `file`. Raises `ValueError` if there is none."""
    ranks = {name: target.rank(wheel_tag(name) or "") for name in names}
    project = project_of(file.filename)
    return min((rank, name) for name, rank in ranks.items() if rank is not None and project_of(name) == project)[1]


def check_own(status: os.stat_result, path: str, kind: int = stat.S_IFREG) -> None:
    """Raise `OSError` unless it is a regular file, or of another `kind`, that only this user and root can write to."""
    if stat.S_IFMT(status.st_mode) != kind:
        raise OSError(f"{path} is something else")
    if sys.platform == "win32" or status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
        raise PermissionError(f"others may have written to {path}")


def open_own(path: str) -> BufferedReader:
    """Open a file that passes `check_own`, which raises. Links are not followed."""
    if sys.platform == "win32":
        raise PermissionError("who may have written to a file cannot be told here")
    # A named pipe would be waited for.
    stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    try:
        check_own(os.fstat(stream.fileno()), path)
    except OSError:
        stream.close()
        raise
    return stream


def read_own(path: str, limit: int = MAX_FILE) -> bytes:
    """Return what is in a file of at most `limit` bytes that passes `check_own`. Raises `OSError`."""
    with open_own(path) as stream:
        if os.fstat(stream.fileno()).st_size > limit:
            raise OSError(f"{path} has more than {limit} bytes")
        return stream.read(limit)


def check_own_directory(directory: str) -> None:
    """Raise `OSError` unless it is a directory, no link, in which only this user and root can put anything."""
    check_own(os.lstat(directory), directory, stat.S_IFDIR)


def names_in_own(directory: str) -> list[str]:
    """Return the names in a directory that passes `check_own_directory`, which raises."""
    check_own_directory(directory)
    return os.listdir(directory)
