"""uv's cache: the wheels that it unpacked and those that it built.

uv keeps *pointers*: files that say by which hash it fetched a wheel or a source, and the name of a directory where the
rest is. Their format is uv's own and may change; what is not understood is left alone.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import is_normalized_name

from mempip.errors import WheelRefused
from mempip.installer.caches.trust import (
    best_wheel,
    check_own,
    check_own_directory,
    names_in_own,
    open_own,
    promise,
    read_own,
)
from mempip.installer.index.filenames import project_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.target import Target

PIECE = 1 << 20  # bytes
MAX_POINTER = 64 << 10  # bytes; they have about 500
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Where uv has what comes from indexes; other than PyPI, each has a digest of its address.
_PLACES = (("pypi",), ("index", "*"))
_TRUE = ("1", "true", "yes", "on", "t", "y")


class UvCache:
    """uv's cache in a directory, whose path has no links; ``""`` for none."""

    def __init__(self, root: str) -> None:
        self._root = root

    def unpacked(self, file: ProjectFile) -> Iterator[bytes] | None:
        """Return the bytes of a wheel with what uv unpacked of `file`. They raise `WheelRefused`."""
        for _, name in self._recorded(file, "wheels-v*", "*.http"):
            for directory in _matching(self._root, "archive-v*", name):
                try:
                    return _zipped(file.filename, directory, _members(directory, file.size or 0))
                except (OSError, ValueError):
                    continue
        return None

    def built(self, file: ProjectFile, target: Target) -> tuple[str, bytes] | None:
        """Return name and bytes of the best wheel for `target` that uv built of the source `file`."""
        for place, revision in self._recorded(file, "sdists-v*", "*", "revision.http"):
            directory = os.path.join(place, revision)
            try:
                name = best_wheel(names_in_own(directory), file, target)
                return name, read_own(os.path.join(directory, name))
            except (OSError, ValueError):
                continue
        return None

    def _recorded(self, file: ProjectFile, bucket: str, *patterns: str) -> Iterator[tuple[str, str]]:
        """Yield the directory of each pointer that has the hash which is promised of `file`, and what it points to."""
        promised, project = promise(file), project_of(file.filename)
        if not self._root or promised is None or project is None or not is_normalized_name(project):
            return
        for place in _PLACES:
            for path in _matching(self._root, bucket, *place, project, *patterns):
                try:
                    name, hashes = _read_pointer(path)
                except (OSError, ValueError):
                    continue
                if promised in hashes:
                    yield os.path.dirname(path), name


def uv_directory(environ: Mapping[str, str]) -> str:
    """Return where `environ` says that uv's cache is, without links, or ``""`` for none.

    There is none on Windows: who may have written to a file cannot be told there.
    """
    if sys.platform == "win32" or environ.get("UV_NO_CACHE", "").lower() in _TRUE:
        return ""
    home = environ.get("XDG_CACHE_HOME", "")
    home = home if os.path.isabs(home) else os.path.expanduser("~/.cache")
    return os.path.realpath(environ.get("UV_CACHE_DIR") or os.path.join(home, "uv"))


def _matching(directory: str, pattern: str, *patterns: str) -> Iterator[str]:
    """Yield the paths below `directory` that match a pattern on each level, the newest bucket first.

    All directories on the way belong to this user or root, and nobody else may write to them.
    """
    try:
        if "*" in pattern:
            names = fnmatch.filter(names_in_own(directory), pattern)
        else:
            check_own_directory(directory)
            names = [pattern]
    except OSError:
        return
    for name in sorted(names, key=lambda name: (len(name), name), reverse=True):
        path = os.path.join(directory, name)
        if patterns:
            yield from _matching(path, *patterns)
        else:
            yield path


def _read_pointer(path: str) -> tuple[str, set[tuple[str, str]]]:
    """Return the name and the hashes in a pointer: algorithm and hex digest. Raises `OSError`, `ValueError`."""
    content = read_own(path, MAX_POINTER)
    import msgpack  # which installations do without where uv has nothing

    unpacker = msgpack.Unpacker(max_buffer_size=MAX_POINTER)
    unpacker.feed(content)  # behind what it says is what uv knows of the answer that brought the file
    try:
        name, rows, *_ = unpacker.unpack()
        hashes = {(algorithm.lower(), digest.lower()) for row in rows for algorithm, digest in row.items()}
        if not _ID.fullmatch(name):
            raise ValueError(f"{name!r} is no name that uv gives")
    except (msgpack.UnpackException, AttributeError, TypeError) as error:
        raise ValueError(f"{path} is not understood") from error
    return name, hashes


# --- what was unpacked → a wheel -------------------------------------------------------------------


class _Member(NamedTuple):
    """A file of an unpacked wheel."""

    name: str
    size: int
    executable: bool


def _members(directory: str, size: int) -> list[_Member]:
    """Return the files of an unpacked wheel that had `size` bytes, RECORD last.

    Raises `OSError` if others than this user and root may have written one, or if a wheel may not have as many.
    """
    from mempip.installer.wheels import MAX_MEMBERS, most_inflated

    members: list[_Member] = []
    waiting, left = [directory], most_inflated(size)
    while waiting:
        parent = waiting.pop()
        for name in names_in_own(parent):
            path = os.path.join(parent, name)
            status = os.lstat(path)
            if stat.S_ISDIR(status.st_mode):
                waiting.append(path)
                continue
            check_own(status, path)
            members.append(_Member(path[len(directory) + 1 :], status.st_size, bool(status.st_mode & 0o111)))
            left -= status.st_size
            if left < 0 or len(members) > MAX_MEMBERS:
                raise OSError(f"{directory} has more than a wheel of {size} bytes has")
    return sorted(members, key=lambda member: (member.name.endswith(".dist-info/RECORD"), member.name))


def _zipped(filename: str, directory: str, members: list[_Member]) -> Iterator[bytes]:
    """Yield a zip archive of `members`: equal files make equal bytes. Raises `WheelRefused`."""
    import zipfile  # which resolutions do without

    sink = _Sink()
    try:
        with zipfile.ZipFile(sink, "w") as archive:
            for member in members:
                info = zipfile.ZipInfo(member.name)
                info.create_system = 3  # Unix: what follows are modes
                info.external_attr = (stat.S_IFREG | (0o755 if member.executable else 0o644)) << 16
                info.file_size = left = member.size
                with open_own(os.path.join(directory, member.name)) as stream, archive.open(info, "w") as writer:
                    while left and (piece := stream.read(min(left, PIECE))):
                        left -= len(piece)
                        writer.write(piece)
                        if len(sink.waiting) >= PIECE:
                            yield sink.take()
        yield sink.take()
    except (OSError, ValueError) as error:
        raise WheelRefused(filename, f"what uv unpacked of it cannot be read ({error})") from error


class _Sink:
    """Takes what is written to it, until it is taken. It cannot be sought in, and zip archives need not be."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def write(self, data: bytes, /) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def close(self) -> None:
        """Do nothing: what was written is still to be taken."""

    def take(self) -> bytes:
        """Return, and forget, what was written."""
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken
