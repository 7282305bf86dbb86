"""Lets code in C open files below a directory that the kernel does not know.

Such code calls the C library through its global offset table. In the tables of libraries that mempip loads, and in
those of the system's through which they open files (`SYSTEM`), the functions that take paths are replaced by gates
(`gates`): a path elsewhere goes on to the C library, at the cost of a comparison and without Python; one below the
directory is answered by Python's own functions (`calls`), which whoever calls `start` has taught about it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mempip_native._adapter import Adapter
    from mempip_native._library import Anchor
    from mempip_native.linux.calls import Calls
    from mempip_native.linux.elf import Buffer, Elf

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: Libraries of the system that open files for those that need them: streams of C++, gzip.
SYSTEM = frozenset({"libstdc++.so.6", "libz.so.1"})

#: What is replaced, under the names that compilers and headers have had for it.
NAMES = frozenset({
    b"open", b"open64", b"__open_2", b"__open64_2", b"openat", b"openat64", b"__openat_2", b"__openat64_2",
    b"fopen", b"fopen64", b"stat", b"stat64", b"lstat", b"lstat64", b"fstatat", b"fstatat64", b"statx",
    b"__xstat", b"__xstat64", b"__lxstat", b"__lxstat64", b"__fxstatat", b"__fxstatat64",
    b"access", b"faccessat", b"realpath", b"__realpath_chk", b"dlopen",
})  # fmt: skip

#: Each of the names contains one of these, and most libraries none: a quick way to know that there is nothing to do.
STEMS = (b"open", b"stat", b"access", b"realpath")


class _State:
    """Of this process: there is one C library to stand in for."""

    def __init__(self) -> None:
        self.active = False
        self.directory = b""
        self.load: Callable[[str], Anchor] | None = None
        self.calls: Calls | None = None  # once a library needs them: ctypes takes a while to import


_state = _State()


def start(directory: str, load: Callable[[str], Anchor]) -> None:
    """Answer for paths below `directory` from now on; `load` returns the anchor of a library there.

    It raises `OSError`. Both must be the same each time.
    """
    _state.active, _state.directory, _state.load = True, os.fsencode(directory) + b"/", load
    if _state.calls is not None:
        _state.calls.answer()


def stop() -> None:
    """Answer for nothing any more."""
    _state.active = False
    if _state.calls is not None:
        _state.calls.pass_on()


class Imports:
    """What a library is to be given once it is loaded: most often nothing, and then it is false."""

    __slots__ = ("_relro", "_slots", "_system")

    def __init__(self, elf: Elf, data: Buffer) -> None:
        """Read what the library in `data` takes from others. Raises `InvalidElf`."""
        self._relro = elf.relro
        self._slots: Sequence[tuple[bytes, int]] = ()
        self._system: Sequence[str] = ()
        if _state.active:
            strings = bytes(data[elf.strings_at : elf.strings_at + elf.strings_size])
            if any(stem in strings for stem in STEMS):
                from mempip_native.linux.imports import slots

                self._slots = slots(elf, data, NAMES)
            self._system = [name for name in elf.needed if name in SYSTEM]

    def __bool__(self) -> bool:
        return bool(self._slots or self._system)

    def connect(self, path: str, adapter: Adapter) -> None:
        """Have the library that is loaded as `path`, and what it needs of the system, call the gates."""
        if _state.calls is None:
            from mempip_native.linux.calls import Calls

            assert _state.load is not None  # there are imports, so it was started  # noqa: S101
            _state.calls = Calls(_state.directory, _state.load, adapter)
        _state.calls.connect(path, self._relro, self._slots)
        for name in self._system:
            _state.calls.connect_system(name)
