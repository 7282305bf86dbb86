"""The functions of the C library that take paths, answered by Python; and how libraries come to call them.

An answer is what the function of `os` with the same purpose says, whatever has been put into its place. Errors
become `errno`. A call takes the interpreter's lock, whatever thread it is made by.
"""

from __future__ import annotations

import atexit
import ctypes
import errno
import mmap
import os
import struct
import sys
from functools import partial

from mempip_native.errors import InvalidElf, NativeError
from mempip_native.linux import gates, linker
from mempip_native.linux.elf import Elf, own_abi
from mempip_native.linux.imports import slots
from mempip_native.linux.interposition import DIRECTORY, FUNCTIONS, NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from mempip_native._adapter import Adapter
    from mempip_native._library import Anchor

    _Function = tuple[str, int, Callable[..., Any], Any, list[Any]]

if sys.platform != "linux":
    raise ImportError("for Linux only")

RTLD_DI_LINKMAP = 2
_BELOW = DIRECTORY.encode() + b"/"
#: What has links in a path of a directory in memory: /proc/self/fd/N, and on the way there /proc/self.
_LINKS = b"/proc/self"
_FOLLOWING = {b"lstat": b"stat", b"lstat64": b"stat64", b"__lxstat": b"__xstat", b"__lxstat64": b"__xstat64"}
_RESOLVING = (b"realpath", b"__realpath_chk")
X86_64 = 62  # e_machine; the other one is AArch64
#: The version of symbols that only old programs are linked with.
FIRST_VERSION = {X86_64: b"GLIBC_2.2.5"}
STATX_BASIC_STATS = 0x7FF
STATX_SIZE = 256

_MACHINE = own_abi()[2]

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = _libc.fdopen.restype = _libc.strdup.restype = ctypes.c_void_p
_libc.dlopen.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
if hasattr(_libc, "dlvsym"):  # not musl
    _libc.dlvsym.restype = ctypes.c_void_p
_libc.dlinfo.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]


# --- answers -------------------------------------------------------------------------------------------


def _open(path: bytes, flags: int) -> int:
    descriptor = os.open(path, flags)
    os.set_inheritable(descriptor, not flags & os.O_CLOEXEC)
    return descriptor


def _fopen(path: bytes, mode: bytes) -> Any:
    flags = {b"r": os.O_RDONLY, b"w": os.O_WRONLY | os.O_CREAT | os.O_TRUNC}.get(mode[:1], os.O_WRONLY | os.O_CREAT)
    if b"+" in mode:
        flags ^= os.O_WRONLY | os.O_RDWR if flags & os.O_WRONLY else os.O_RDWR
    if b"e" in mode:
        flags |= os.O_CLOEXEC
    return _libc.fdopen(_open(path, flags), mode)


def _stat(path: bytes, buffer: int) -> int:
    found = os.stat(path)
    times = [part for time in (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns) for part in divmod(time, 10**9)]
    head = (found.st_dev, found.st_ino)
    owner = (found.st_uid, found.st_gid)
    if _MACHINE == X86_64:
        block = struct.pack("<3Q4I", *head, found.st_nlink, found.st_mode, *owner, 0)
        block += struct.pack("<4Q6q24x", 0, found.st_size, found.st_blksize, found.st_blocks, *times)
    else:
        block = struct.pack("<2Q4I", *head, found.st_mode, found.st_nlink, *owner)
        block += struct.pack("<3QiiQ6q8x", 0, 0, found.st_size, found.st_blksize, 0, found.st_blocks, *times)
    ctypes.memmove(buffer, block, len(block))
    return 0


def _statx(path: bytes, buffer: int) -> int:
    found = os.stat(path)
    owner = (found.st_uid, found.st_gid)
    block = struct.pack("<2IQ3IH2x", STATX_BASIC_STATS, found.st_blksize, 0, found.st_nlink, *owner, found.st_mode)
    block += struct.pack("<4Q", found.st_ino, found.st_size, found.st_blocks, 0)
    for time in (found.st_atime_ns, 0, found.st_ctime_ns, found.st_mtime_ns):
        block += struct.pack("<qI4x", *divmod(time, 10**9))
    block += struct.pack("<4I", 0, 0, os.major(found.st_dev), os.minor(found.st_dev))
    ctypes.memmove(buffer, block.ljust(STATX_SIZE, b"\0"), STATX_SIZE)
    return 0


def _access(path: bytes, mode: int) -> int:
    os.stat(path)
    if not os.access(path, mode):
        raise OSError(errno.EROFS if mode & os.W_OK else errno.EACCES, "")
    return 0


def _realpath(path: bytes, buffer: int | None) -> Any:
    os.stat(path)
    found = os.path.realpath(path) + b"\0"
    if buffer is None:
        return _libc.strdup(found)
    ctypes.memmove(buffer, found, len(found))
    return buffer


def _dlopen(load: Callable[[str], Anchor], path: bytes, flags: int) -> Any:
    try:
        with load(os.fsdecode(path)) as anchor:
            return _libc.dlopen(os.fsencode(anchor.path), flags)
    except OSError:
        return _libc.dlopen(path, flags)  # for the message that dlerror returns


_INT, _POINTER, _PATH = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
#: Function, the place of the path among the arguments, the answer, types of its result and arguments.
_FUNCTIONS: list[_Function] = [
    ("open", 0, _open, _INT, [_PATH, _INT]),
    ("openat", 1, lambda _, *rest: _open(*rest), _INT, [_INT, _PATH, _INT]),
    ("fopen", 0, _fopen, _POINTER, [_PATH, _PATH]),
    ("stat", 0, _stat, _INT, [_PATH, _POINTER]),
    ("__xstat", 1, lambda _, *rest: _stat(*rest), _INT, [_INT, _PATH, _POINTER]),
    ("fstatat", 1, lambda _, *rest: _stat(*rest), _INT, [_INT, _PATH, _POINTER]),
    ("__fxstatat", 2, lambda _, __, *rest: _stat(*rest), _INT, [_INT, _INT, _PATH, _POINTER]),
    ("statx", 1, lambda _, path, *rest: _statx(path, rest[-1]), _INT, [_INT, _PATH, _INT, _INT, _POINTER]),
    ("access", 0, _access, _INT, [_PATH, _INT]),
    ("faccessat", 1, lambda _, *rest: _access(*rest), _INT, [_INT, _PATH, _INT]),
    ("realpath", 0, _realpath, _POINTER, [_PATH, _POINTER]),
]


def _answering(answer: Callable[..., Any], failed: int | None) -> Callable[..., Any]:
    """Return `answer` as C calls it: an error is `failed` and `errno`."""

    def call(*arguments: Any) -> Any:
        try:
            return answer(*arguments)
        except OSError as error:
            ctypes.set_errno(error.errno or errno.EIO)
        except Exception:  # noqa: BLE001 - a wheel's bytes are damaged, and C cannot be told more
            ctypes.set_errno(errno.EIO)
        return failed

    return call


# --- gates ---------------------------------------------------------------------------------------------


class _Gate:
    """What stands in for one function.

    ``real``, ``answer`` and ``follow`` are where it leads: to the C library, to Python, to what follows links.
    """

    __slots__ = ("address", "answer", "follow", "path", "real")

    def __init__(self, real: int, answer: Any, path: int) -> None:
        self.real = real
        self.answer = ctypes.cast(answer, ctypes.c_void_p).value or 0
        self.follow = 0
        self.path = path  # its place among the arguments
        self.address = 0


class Calls:
    """The gates of this process, and what they lead to: made once, never taken away, since libraries are not either."""

    def __init__(self, adapter: Adapter, load: Callable[[str], Anchor]) -> None:
        """Make the gates, in an object of `adapter`, all passing on. Raises `NativeError` or `OSError`."""
        self._functions: list[Any] = []  # of ctypes, which must be kept
        self._gates = {name: gate for name, gate in self._all_gates(load) if gate.real}
        for name, gate in self._gates.items():
            if _FOLLOWING.get(name) in self._gates:
                gate.follow = self._gates[_FOLLOWING[name]].real
            elif name in _RESOLVING:
                gate.follow = gate.answer
        self._known: set[str] = set()  # libraries that were looked at
        # Four for each gate: for paths below one directory and others, for those below the other directory and others.
        self._cells = (ctypes.c_void_p * (4 * len(self._gates)))()
        self._make(adapter)
        self.switch(answering=False, following=False)
        atexit.register(self.switch, answering=False, following=False)  # Python answers nothing when it has ended

    def switch(self, *, answering: bool, following: bool) -> None:
        """Have the gates answer for `DIRECTORY`, and follow links, or not."""
        for number, gate in enumerate(self._gates.values()):
            self._cells[4 * number] = gate.answer if answering else gate.real
            self._cells[4 * number + 2] = gate.follow if following and gate.follow else gate.real

    def _make(self, adapter: Adapter) -> None:
        make, size = gates.MACHINES[_MACHINE], ctypes.sizeof(ctypes.c_void_p)
        code = b""
        places = []  # of the code for links, if there is any
        for number, gate in enumerate(self._gates.values()):
            cell = ctypes.addressof(self._cells) + 4 * number * size
            self._cells[4 * number + 1] = self._cells[4 * number + 3] = gate.real
            gate.address = len(code)
            code += _aligned(make(_BELOW, gate.path, cell, cell + size))
            places.append(len(code))
            if gate.follow:
                code += _aligned(make(_LINKS, gate.path, cell + 2 * size, cell + 3 * size))
        start = _executable(code, adapter)
        for number, gate in enumerate(self._gates.values()):
            gate.address += start
            if gate.follow:
                self._cells[4 * number + 1] = start + places[number]

    def connect(self, path: str, relro: tuple[int, int], places: Sequence[tuple[bytes, int]]) -> None:
        """Put gates into the slots `places` of the library that is loaded as `path`.

        A slot that has something else than the C library's function, a preloaded library's for one, is left alone, and
        so are all if the system does not allow to write what the linker has made read-only.
        """
        if not places:
            return
        base = _link_map(path).base
        first, end = ((base + address) // mmap.PAGESIZE * mmap.PAGESIZE for address in relro)
        if first < end and _libc.mprotect(first, end - first, mmap.PROT_READ | mmap.PROT_WRITE):
            return
        for name, address in places:
            slot = ctypes.c_void_p.from_address(base + address)
            gate = self._gates.get(name)
            if gate is not None and slot.value == gate.real:
                slot.value = gate.address
        if first < end:
            _libc.mprotect(first, end - first, mmap.PROT_READ)

    def connect_system(self, name: str) -> None:
        """Do that with the system's library `name`, once, unless the process has none of that name."""
        if name in self._known:
            return
        self._known.add(name)
        try:
            path = os.fsdecode(_link_map(name).name)
        except OSError:
            return
        self._connect_file(name, path)

    def connect_new(self, directory: str) -> None:
        """Do that with all libraries that were loaded from below `directory` since the last time."""
        for path in _loaded():
            if path.startswith(directory) and path not in self._known:
                self._known.add(path)
                self._connect_file(path, path)

    def _connect_file(self, name: str, path: str) -> None:
        try:
            with open(path, "rb") as stream:
                data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            with data:
                elf = Elf(data)
                self.connect(name, elf.relro, slots(elf, data, NAMES))
        except (OSError, InvalidElf):  # it goes on as it is
            return

    def _all_gates(self, load: Callable[[str], Anchor]) -> Iterator[tuple[bytes, _Gate]]:
        functions: list[_Function] = [*_FUNCTIONS, ("dlopen", 0, partial(_dlopen, load), _POINTER, [_PATH, _INT])]
        for function, path, answer, result, arguments in functions:
            kind = ctypes.CFUNCTYPE(result, *arguments, use_errno=True)
            called = kind(_answering(answer, -1 if result is _INT else None))
            self._functions.append(called)
            for name in FUNCTIONS[function].split():
                yield name.encode(), _Gate(_address(name), called, path)


def _aligned(code: bytes) -> bytes:
    return code + bytes(-len(code) % 16)


def _address(name: str) -> int:
    """Return the address of a function of the C library, 0 if it has none of that name."""
    try:
        return ctypes.cast(_libc[name], ctypes.c_void_p).value or 0
    except AttributeError:
        if _MACHINE not in FIRST_VERSION or not hasattr(_libc, "dlvsym"):
            return 0
        return _libc.dlvsym(None, name.encode(), FIRST_VERSION[_MACHINE]) or 0


def _executable(code: bytes, adapter: Adapter) -> int:
    """Return the address of `code`, in an object that nobody can change, as that of libraries."""
    descriptor = adapter.allocate("mempip gates")
    try:
        os.write(descriptor, code)
        descriptor = adapter.seal(descriptor)
        protection = mmap.PROT_READ | mmap.PROT_EXEC
        address: int = _libc.mmap(None, len(code), protection, mmap.MAP_PRIVATE, descriptor, 0)
    finally:
        os.close(descriptor)
    if address == ctypes.c_void_p(-1).value:
        raise NativeError(f"code in memory cannot be mapped: {os.strerror(ctypes.get_errno())}")
    return address


class _LinkMap(ctypes.Structure):
    """The start of the linker's own description of a library: struct link_map of link.h."""


_LinkMap._fields_ = (
    ("base", ctypes.c_size_t),
    ("name", ctypes.c_char_p),
    ("dynamic", ctypes.c_void_p),
    ("next", ctypes.POINTER(_LinkMap)),
)


def _loaded() -> Iterator[str]:
    """Yield the paths of the libraries in this process."""
    found = ctypes.POINTER(_LinkMap)()
    _libc.dlinfo(_libc._handle, RTLD_DI_LINKMAP, ctypes.byref(found))  # of the program, which is the first
    while found:
        yield os.fsdecode(found.contents.name or b"")
        found = found.contents.next


def _link_map(path: str) -> _LinkMap:
    """Return what the linker knows of the library that is loaded as `path`. Raises `OSError`."""
    handle = linker.dlopen(path, linker.LATER | os.RTLD_NOLOAD)
    found = ctypes.POINTER(_LinkMap)()
    if _libc.dlinfo(handle, RTLD_DI_LINKMAP, ctypes.byref(found)):
        raise OSError(f"the linker does not tell where {path} is")
    return found.contents
