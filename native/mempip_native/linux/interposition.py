"""Lets code in C find files of packages that the kernel knows under no name, or under a name that is a link.

Such code calls the C library through its global offset table. In the tables of packages' libraries, and in those of
the system's through which they open files (`SYSTEM`), the functions that take paths are replaced by gates (`gates`):
a path elsewhere goes on to the C library, at the cost of a comparison and without Python. While somebody has called

* `start`, one below the given directory is answered by Python's own functions (`calls`), which have been taught it;
* `follow`, a link below /proc/self counts for what it points to, since the names of such links cannot be opened.
"""

from __future__ import annotations

import sys

from mempip_native.linux import linker
from mempip_native.linux.elf import own_abi
from mempip_native.linux.gates import MACHINES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mempip_native._adapter import Adapter
    from mempip_native._library import Anchor
    from mempip_native.linux.calls import Calls
    from mempip_native.linux.elf import Buffer, Elf

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: The parent of paths that are answered.
DIRECTORY = "/mempip"

#: Libraries of the system that open files for those that need them: streams of C++, gzip.
SYSTEM = frozenset({"libstdc++.so.6", "libz.so.1"})

#: What is replaced: a function, and all names of those with its arguments that compilers and headers have had.
FUNCTIONS = {
    "open": "open open64 __open_2 __open64_2",
    "openat": "openat openat64 __openat_2 __openat64_2",
    "fopen": "fopen fopen64",
    "stat": "stat stat64 lstat lstat64",
    "__xstat": "__xstat __xstat64 __lxstat __lxstat64",
    "fstatat": "fstatat fstatat64",
    "__fxstatat": "__fxstatat __fxstatat64",
    "statx": "statx",
    "access": "access",
    "faccessat": "faccessat",
    "realpath": "realpath __realpath_chk",
    "dlopen": "dlopen",
}
NAMES = frozenset(" ".join(FUNCTIONS.values()).encode().split())

#: Each of the names contains one of these, and most libraries none: a quick way to know that there is nothing to do.
STEMS = (b"open", b"stat", b"access", b"realpath")


class _State:
    """Of this process: there is one C library to stand in for."""

    def __init__(self) -> None:
        self.load: Callable[[str], Anchor] | None = None
        self.followers = 0
        self._made: dict[str, Calls] = {}

    def calls(self, adapter: Adapter) -> Calls:
        """Return the gates, made when a library first needs them: ctypes takes a while to import."""
        if not self._made:
            from mempip_native.linux.calls import Calls

            self._made.setdefault("calls", Calls(adapter, _library))  # the first, if threads make some at once
            self.switch()
        return self._made["calls"]

    def switch(self) -> None:
        for calls in self._made.values():
            calls.switch(answering=self.load is not None, following=self.followers > 0)


_state = _State()


def start(load: Callable[[str], Anchor]) -> None:
    """Answer for paths below `DIRECTORY` from now on; `load` returns the anchor of a library, or raises `OSError`."""
    _state.load = load
    _state.switch()


def stop() -> None:
    """Undo `start`."""
    _state.load = None
    _state.switch()


def follow() -> bool:
    """Follow links from now on; to be undone as often as it is done. Return whether there are gates that can."""
    _state.followers += 1
    _state.switch()
    return _has_gates(own_abi())


def unfollow() -> None:
    """Undo `follow`."""
    _state.followers -= 1
    _state.switch()


def connect_loaded(path: str, root: str, adapter: Adapter) -> None:
    """Load the library at `path`, and have it and what else was loaded from below `root` call the gates.

    There must be gates (`follow`). The kernel knows the path: whoever loads it next gets the same library, or the
    linker's error.
    """
    try:
        linker.dlopen(path, linker.NOW)
    except OSError:
        return
    _state.calls(adapter).connect_new(root)


def _has_gates(abi: tuple[int, str, int]) -> bool:
    """Return whether there are gates for libraries of such a machine."""
    return abi[0] == 64 and abi[2] in MACHINES


def _library(path: str) -> Anchor:
    if _state.load is None:
        raise OSError(f"{path}: cannot open shared object file: No such file or directory")
    return _state.load(path)


class Imports:
    """What a library is to be given once it is loaded: most often nothing, and then it is false."""

    __slots__ = ("_relro", "_slots", "_system")

    def __init__(self, elf: Elf, data: Buffer) -> None:
        """Read what the library in `data` takes from others. Raises `InvalidElf`."""
        self._relro = elf.relro
        self._slots: Sequence[tuple[bytes, int]] = ()
        self._system: Sequence[str] = ()
        if (_state.load is not None or _state.followers) and _has_gates(elf.abi()):
            strings = bytes(data[elf.strings_at : elf.strings_at + elf.strings_size])
            if any(stem in strings for stem in STEMS):
                from mempip_native.linux.imports import slots

                self._slots = slots(elf, data, NAMES)
            self._system = [name for name in elf.needed if name in SYSTEM]

    def __bool__(self) -> bool:
        return bool(self._slots or self._system)

    def connect(self, path: str, adapter: Adapter) -> None:
        """Have the library that is loaded as `path`, and what it needs of the system, call the gates."""
        calls = _state.calls(adapter)
        calls.connect(path, self._relro, self._slots)
        for name in self._system:
            calls.connect_system(name)
