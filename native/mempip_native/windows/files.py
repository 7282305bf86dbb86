"""DLLs in files, for those that Windows has to load itself. Only below the directory that ``MEMPIP_TMPDIR`` names.

A process has a directory of its own there, which nobody else may enter, and an environment one in that, in which DLLs
lie as in its wheels. Windows deletes each file when the process ends, however it ends, and not before: it is mapped.
Directories stay, empty; the next process removes them, and any file that Windows did not delete.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import re
import sys

from mempip_native.errors import AdapterUnavailable
from mempip_native.windows import kernel32

if sys.platform != "win32":
    raise ImportError("for Windows only")

VARIABLE = "MEMPIP_TMPDIR"
REMEDY = f"Name a directory in {VARIABLE} in which such DLLs may be files while the program runs."
_NAME = re.compile(r"mempip-(\d+)-[0-9a-f]{12}(\.dll)?")

_held: list[int] = []  # handles of `create`, which the process's end closes
_swept: set[str] = set()
_counter = itertools.count()


def unique_name(parent: str) -> str:
    """Return a path in `parent` that tells of which process it is. What processes left there that are gone goes."""
    if parent not in _swept:
        _swept.add(parent)
        sweep(parent)
    return os.path.join(parent, f"mempip-{os.getpid()}-{os.urandom(6).hex()}")


def create(path: str, content: bytes | memoryview) -> int:
    """Write a new file, of which others may only read, and return the handle that deletes it when that is closed.

    Raises `OSError`; then there is no file.
    """
    sharing = kernel32.FILE_SHARE_READ | kernel32.FILE_SHARE_DELETE
    created = kernel32.open_file(
        path, kernel32.GENERIC_WRITE, sharing, kernel32.CREATE_NEW, kernel32.FILE_ATTRIBUTE_TEMPORARY
    )
    try:
        try:
            data = bytes(content)
            kernel32.WriteFile(created, data, len(data), ctypes.byref(ctypes.c_ulong()), None)
        finally:
            kernel32.CloseHandle(created)
        return kernel32.open_file(
            path, kernel32.DELETE, sharing, kernel32.OPEN_EXISTING, kernel32.FILE_FLAG_DELETE_ON_CLOSE
        )
    except OSError:
        os.unlink(path)
        raise


def hold(handle: int) -> None:
    """Keep a handle of `create` until the process ends."""
    _held.append(handle)


def sweep(parent: str) -> None:
    """Remove what processes left in `parent` that are gone, as far as Windows lets."""
    for name in os.listdir(parent):
        found = _NAME.fullmatch(name)
        if found and not kernel32.is_running(int(found[1])):
            _remove(os.path.join(parent, name))


def _remove(path: str) -> None:
    try:
        if os.path.isdir(path):
            for name in os.listdir(path):
                _remove(os.path.join(path, name))
            os.rmdir(path)
        else:
            os.unlink(path)
    except OSError:  # in use after all, or another user's
        pass


class Directory:
    """The place of an environment's DLLs. Nothing is made before the first is written."""

    def __init__(self) -> None:
        self._root = ""

    def write(self, path: str, content: bytes | memoryview) -> str:
        """Write the DLL that is at `path` in the environment, unless it is there, and return its path on the disk.

        Raises `AdapterUnavailable` if no directory is named, and `OSError`.
        """
        if not self._root:
            self._root = os.path.join(_directory(), str(next(_counter)))
            os.mkdir(self._root)
        place = os.path.join(self._root, path.replace("/", os.sep))
        if os.path.exists(place):
            return place
        os.makedirs(os.path.dirname(place), exist_ok=True)
        sys.audit("mempip.write_library", place)
        hold(create(place, content))
        return place


_own = ""


def _directory() -> str:
    """Return this process's directory."""
    global _own  # noqa: PLW0603 - there is one
    if not _own:
        parent = os.environ.get(VARIABLE, "")
        if not parent:
            raise AdapterUnavailable(f"{VARIABLE} names no directory")
        made = unique_name(os.path.abspath(parent))
        kernel32.make_private_directory(made)
        _own = made
    return _own
