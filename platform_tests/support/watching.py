"""Sees every file that is created or removed below directories, by whatever process (inotify)."""

from __future__ import annotations

import ctypes
import os
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_EVENT = struct.Struct("<iIII")  # watch, mask, cookie, length of the name behind it
_GONE, _CREATED = 0x40 | 0x200, 0x80 | 0x100  # IN_MOVED_FROM | IN_DELETE, IN_MOVED_TO | IN_CREATE
_CHANGED = 0x2  # IN_MODIFY
_OVERFLOW = 0x4000


class Watch:
    """A context manager: ``created``, ``changed`` and ``removed`` are what happened until `look` was called last.

    Files in directories that are themselves created meanwhile are not seen; the directories are.
    """

    def __init__(self, directories: Iterable[Path]) -> None:
        self.created: list[Path] = []
        self.changed: list[Path] = []
        self.removed: list[Path] = []
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self._watched = {self._watch(path): path for top in directories for path in (top, *_below(top))}

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.look()
        os.close(self._descriptor)

    def _watch(self, path: Path) -> int:
        number = self._libc.inotify_add_watch(self._descriptor, os.fsencode(path), _CREATED | _GONE | _CHANGED)
        if number < 0:
            raise OSError(ctypes.get_errno(), "cannot be watched", str(path))
        return number

    def wait_until_gone(self) -> None:
        """Wait until each file that was created has been removed: a system may do so after a process has ended."""
        deadline = time.monotonic() + 60
        self.look()
        while sorted(self.created) != sorted(self.removed):
            assert time.monotonic() < deadline, f"left behind: {set(self.created) - set(self.removed)}"
            time.sleep(0.02)
            self.look()

    def look(self) -> None:
        """Take note of what has happened."""
        while True:
            try:
                data = os.read(self._descriptor, 1 << 20)
            except BlockingIOError:
                return
            at = 0
            while at < len(data):
                watch, mask, _, length = _EVENT.unpack_from(data, at)
                assert not mask & _OVERFLOW, "more happened than could be seen"
                name = os.fsdecode(data[at + _EVENT.size :][:length].rstrip(b"\0"))
                at += _EVENT.size + length
                for kind, found in ((_CREATED, self.created), (_GONE, self.removed), (_CHANGED, self.changed)):
                    if mask & kind:
                        found.append(self._watched[watch] / name)


def _below(directory: Path) -> Iterable[Path]:
    for parent, names, _ in os.walk(directory):
        yield from (Path(parent, name) for name in names if not Path(parent, name).is_symlink())
