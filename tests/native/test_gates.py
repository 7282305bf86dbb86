"""Gates in front of functions of the C library: their code, whose slots they are put into, what is answered."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
import struct
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

if sys.platform != "linux":
    pytest.skip("Linux only", allow_module_level=True)

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection

import mempip_native
from mempip_native.errors import InvalidElf
from mempip_native.linux import gates
from mempip_native.linux.calls import Calls
from mempip_native.linux.elf import Elf
from mempip_native.linux.imports import slots
from mempip_native.linux.interposition import NAMES, STEMS
from tests.support.elf import library
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mempip.runtime.environment import Environment
    from mempip_native.libraries import Anchor

MACHINE = {"x86_64": 62, "aarch64": 183}.get(platform.machine(), 0)
here = pytest.mark.skipif(MACHINE not in gates.MACHINES, reason="there are gates for x86-64 and AArch64")


class TestCode:
    def test_what_is_compared_and_where_it_leads(self) -> None:
        prefix, cells = b"/mempip/", struct.pack("<2Q", 1 << 40, 1 << 41)
        for make in gates.MACHINES.values():
            made = [make(prefix, argument, 1 << 40, 1 << 41) for argument in range(3)]
            assert len({len(code) for code in made}) == 1
            assert len(set(made)) == 3
            assert all(code.count(cells[:8]) == code.count(cells[8:]) == 1 for code in made)

    @here
    @pytest.mark.parametrize("argument", range(3))
    @pytest.mark.parametrize(
        ("path", "matches"),
        [
            (b"/mempip/file", True),
            (b"/mempip/", True),
            (b"/mempip", False),
            (b"/mempiq/file", False),
            (b"/", False),
            (b"", False),
            (None, False),
        ],
    )
    def test_a_gate_leads_to_one_of_two_functions_with_all_arguments(
        self, argument: int, path: bytes | None, matches: bool
    ) -> None:
        kind = ctypes.CFUNCTYPE(ctypes.c_long, *[ctypes.c_char_p] * 3, *[ctypes.c_long] * 5)
        given = [b"/mempip/another", b"/mempip/another", b"/mempip/another"]
        arguments = [*given[:argument], path, *given[argument + 1 :], 4, 5, 6, 7, 8]
        seen: list[Any] = []

        def called(number: int) -> Any:
            return kind(lambda *arguments: seen.append(list(arguments)) or number)

        functions = called(1), called(2)
        cells = (ctypes.c_void_p * 2)(*(ctypes.cast(function, ctypes.c_void_p) for function in functions))
        first = ctypes.addressof(cells)
        from mempip_native.linux.calls import _executable

        code = gates.MACHINES[MACHINE](b"/mempip/", argument, first, first + 8)
        gate = kind(_executable(code, mempip_native.select()))
        assert gate(*arguments) == (1 if matches else 2)
        assert seen == [arguments]


def of_elftools(path: str, names: frozenset[bytes]) -> set[tuple[bytes, int]]:
    """Return what `slots` is to return, as pyelftools reads it from sections."""
    found = set()
    with open(path, "rb") as file:
        elf = ELFFile(file)
        for section in elf.iter_sections():
            if not isinstance(section, RelocationSection) or section["sh_flags"] & 2 == 0:
                continue
            symbols = elf.get_section(section["sh_link"])
            for relocation in section.iter_relocations():
                symbol = symbols.get_symbol(relocation["r_info_sym"]) if relocation["r_info_sym"] else None
                if symbol is not None and symbol["st_shndx"] == "SHN_UNDEF" and symbol.name.encode() in names:
                    found.add((symbol.name.encode(), relocation["r_offset"]))
    return found


def mapped() -> list[str]:
    """Return the files that this process has mapped code of."""
    with open("/proc/self/maps") as maps:
        fields = [line.split(maxsplit=5) for line in maps]
    return sorted({row[5].strip() for row in fields if len(row) > 5 and "x" in row[1] and row[5].startswith("/")})


#: Bytes of a library that pyelftools, which is thorough, may read.
LARGEST = 1 << 20


class TestSlots:
    @here
    def test_the_same_as_pyelftools_in_the_libraries_of_this_process(self) -> None:
        compared = 0
        for path in mapped():
            if ".so" not in path or not os.path.exists(path) or os.path.getsize(path) > LARGEST:
                continue
            with open(path, "rb") as file:
                data = file.read()
            expected = of_elftools(path, NAMES)
            assert set(slots(Elf(data), data, NAMES)) == expected, path
            compared += bool(expected)
        assert compared

    @here
    def test_every_name_that_the_c_library_has_is_answered(self, calls: Calls) -> None:
        libc = ctypes.CDLL(None)
        assert {name for name in NAMES if hasattr(libc, name.decode())} <= set(calls._gates) <= NAMES

    def test_libraries_without_a_stem_have_no_name(self) -> None:
        assert all(any(stem in name for stem in STEMS) for name in NAMES)

    def test_without_symbols_or_tables_there_are_none(self) -> None:
        for tables in ("sysv", "gnu", "none"):
            data = library(functions={"open": 1}, tables=tables)
            assert slots(Elf(data), data, NAMES) == []

    @here
    def test_a_truncated_library_is_refused_or_has_fewer(self) -> None:
        import _ctypes

        with open(_ctypes.__file__, "rb") as file:
            data = file.read()
        whole = set(slots(Elf(data), data, NAMES | {b"dlsym", b"memcpy", b"PyErr_Format"}))
        assert whole
        for size in range(0, len(data), 4099):
            part = data[:size]
            try:
                assert set(slots(Elf(part), part, NAMES)) <= whole
            except InvalidElf:
                continue


SIZE = 1000
FILES: dict[str, str | bytes] = {"made/__init__.py": "", "made/data.txt": b"a line\n" + b"x" * (SIZE - 7)}


@pytest.fixture(scope="module")
def calls() -> Calls:
    def load(path: str) -> Anchor:
        raise OSError(f"{path}: cannot open shared object file")

    calls = Calls(mempip_native.select(), load)
    calls.switch(answering=True, following=False)
    return calls


@pytest.fixture
def active() -> Iterator[Environment]:
    with environment(build_wheel("made", "1.0", FILES)) as active:
        active.activate()
        yield active


@here
class TestAnswers:
    @pytest.fixture(autouse=True)
    def _paths(self, calls: Calls, active: Environment) -> None:
        self.calls = calls
        self.file = os.fsencode(active.path("made/data.txt"))
        self.directory = os.fsencode(active.path("made"))
        self.missing = os.fsencode(active.path("made/none"))

    def call(self, name: str, *arguments: Any, result: Any = ctypes.c_int) -> tuple[Any, int]:
        """Return what the gate in front of `name` returns, and the number of the error."""
        gate = self.calls._gates[name.encode()].address
        function = ctypes.CFUNCTYPE(result, *map(type, arguments), use_errno=True)(gate)
        ctypes.set_errno(0)
        return function(*arguments), ctypes.get_errno()

    def opened(self, descriptor: int) -> bytes:
        with open(descriptor, "rb") as stream:
            return stream.read()

    @pytest.mark.parametrize("name", ["open", "open64", "openat", "openat64"])
    def test_open(self, name: str) -> None:
        at = [ctypes.c_int(-100)] if "at" in name else []

        def call(path: bytes, flags: int) -> tuple[int, int]:
            return self.call(name, *at, ctypes.c_char_p(path), ctypes.c_int(flags))

        descriptor, _ = call(self.file, os.O_RDONLY)
        assert os.get_inheritable(descriptor)
        assert len(self.opened(descriptor)) == SIZE
        descriptor, _ = call(self.file, os.O_RDONLY | os.O_CLOEXEC)
        assert not os.get_inheritable(descriptor)
        os.close(descriptor)
        assert call(self.missing, os.O_RDONLY) == (-1, errno.ENOENT)
        assert call(self.file, os.O_RDWR) == (-1, errno.EROFS)
        descriptor, _ = call(os.fsencode(__file__), os.O_RDONLY)
        with open(__file__, "rb") as expected:
            assert self.opened(descriptor) == expected.read()

    @pytest.mark.parametrize("mode", [b"r", b"rb", b"re"])
    def test_fopen(self, mode: bytes) -> None:
        libc = ctypes.CDLL(None)
        libc.fileno.argtypes = libc.fclose.argtypes = [ctypes.c_void_p]
        stream, _ = self.call("fopen", ctypes.c_char_p(self.file), ctypes.c_char_p(mode), result=ctypes.c_void_p)
        assert len(self.opened(os.dup(libc.fileno(stream)))) == SIZE
        libc.fclose(stream)

    @pytest.mark.parametrize(("mode", "code"), [(b"w", errno.EROFS), (b"a+", errno.EROFS), (b"r+", errno.EROFS)])
    def test_fopen_for_writing(self, mode: bytes, code: int) -> None:
        arguments = ctypes.c_char_p(self.file), ctypes.c_char_p(mode)
        assert self.call("fopen", *arguments, result=ctypes.c_void_p) == (None, code)

    def kernels(self, name: str, *arguments: Any) -> int:
        status: int = getattr(ctypes.CDLL(None), name)(*arguments)
        return status

    @pytest.mark.parametrize("name", ["stat", "lstat64", "fstatat", "__xstat", "__fxstatat"])
    def test_stat(self, name: str, active: Environment, calls: Calls) -> None:
        if name.encode() not in calls._gates:
            pytest.skip(f"this C library has no {name}")
        before = {"fstatat": [-100], "__xstat": [1], "__fxstatat": [1, -100]}.get(name, [])
        after = [0] if (name.endswith("at") and "fx" in name) or name == "fstatat" else []

        def fields(path: bytes) -> tuple[Any, ...]:
            buffer = ctypes.create_string_buffer(256)
            pointer = ctypes.c_void_p(ctypes.addressof(buffer))
            numbers = [ctypes.c_int(number) for number in before]
            found = self.call(name, *numbers, ctypes.c_char_p(path), pointer, *map(ctypes.c_int, after))
            assert found[0] in (0, -1)
            if found[0]:
                return found
            device, inode, *numbers = struct.unpack_from("<3QI" if MACHINE == 62 else "<2Q2I", buffer.raw)
            return device, inode, set(numbers), *struct.unpack_from("<q32xq", buffer.raw, 48)

        for path in (self.file, self.directory, os.fsencode(__file__)):
            real = os.stat(path)
            numbers = {real.st_mode, real.st_nlink}
            assert fields(path) == (real.st_dev, real.st_ino, numbers, real.st_size, int(real.st_mtime))
        assert fields(self.missing) == (-1, errno.ENOENT)

    def test_statx(self) -> None:
        def fields(path: bytes) -> tuple[int, ...]:
            buffer = ctypes.create_string_buffer(256)
            numbers = ctypes.c_int(0), ctypes.c_uint(0x7FF), ctypes.c_void_p(ctypes.addressof(buffer))
            assert self.call("statx", ctypes.c_int(-100), ctypes.c_char_p(path), *numbers)[0] == 0
            _, _, _, links, uid, gid, mode, inode, size = struct.unpack_from("<2IQ3IH2x2Q", buffer.raw)
            return mode, inode, links, uid, gid, size, struct.unpack_from("<q", buffer.raw, 112)[0]

        for path in (self.file, os.fsencode(__file__)):
            real = os.stat(path)
            numbers = real.st_mode, real.st_ino, real.st_nlink, real.st_uid, real.st_gid, real.st_size
            assert fields(path) == (*numbers, int(real.st_mtime))

    def test_access(self) -> None:
        for path, mode, expected in (
            (self.file, os.R_OK, (0, 0)),
            (self.file, os.X_OK, (-1, errno.EACCES)),
            (self.file, os.W_OK, (-1, errno.EROFS)),
            (self.missing, os.F_OK, (-1, errno.ENOENT)),
            (os.fsencode(__file__), os.R_OK, (0, 0)),
        ):
            assert self.call("access", ctypes.c_char_p(path), ctypes.c_int(mode)) == expected
            at = ctypes.c_int(-100), ctypes.c_char_p(path), ctypes.c_int(mode), ctypes.c_int(0)
            assert self.call("faccessat", *at) == expected

    def test_realpath(self) -> None:
        buffer = ctypes.create_string_buffer(4096)
        path = ctypes.c_char_p(self.directory + b"/../made/data.txt")
        pointer = ctypes.c_void_p(ctypes.addressof(buffer))
        assert self.call("realpath", path, pointer, result=ctypes.c_void_p)[0] == pointer.value
        assert buffer.value == self.file
        found, _ = self.call("realpath", path, ctypes.c_void_p(None), result=ctypes.c_void_p)
        assert ctypes.string_at(found) == self.file
        missing = ctypes.c_char_p(self.missing), pointer
        assert self.call("realpath", *missing, result=ctypes.c_void_p) == (None, errno.ENOENT)

    def test_dlopen_that_fails_has_a_message(self) -> None:
        libc = ctypes.CDLL(None)
        libc.dlerror.restype = ctypes.c_char_p
        arguments = ctypes.c_char_p(self.file), ctypes.c_int(os.RTLD_NOW)
        assert self.call("dlopen", *arguments, result=ctypes.c_void_p)[0] is None
        assert self.file in libc.dlerror()

    def test_damaged_files_are_an_error_of_the_device(self, active: Environment, monkeypatch: Any) -> None:
        def broken(*_: object) -> int:
            raise ValueError("damaged")

        monkeypatch.setattr(active.files, "open", broken)
        assert self.call("open", ctypes.c_char_p(self.file), ctypes.c_int(0)) == (-1, errno.EIO)

    def test_threads_without_the_interpreters_lock(self) -> None:
        """`ctypes` gives the lock up while it calls."""
        found: list[int] = []

        def read() -> None:
            arguments = ctypes.c_char_p(self.file), ctypes.c_int(0)
            found.extend(len(self.opened(self.call("open", *arguments)[0])) for _ in range(50))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [SIZE] * 200

    def test_following_links(self) -> None:
        buffer = ctypes.create_string_buffer(256)
        pointer = ctypes.c_void_p(ctypes.addressof(buffer))

        def is_link(path: bytes) -> bool:
            assert self.call("lstat", ctypes.c_char_p(path), pointer) == (0, 0)
            return buffer.raw != followed(path)

        def followed(path: bytes) -> bytes:
            other = ctypes.create_string_buffer(256)
            ctypes.CDLL(None).stat(path, other)
            return other.raw

        paths = [b"/proc/self", b"/proc/self/fd/0", b"/proc/mounts"]
        assert [is_link(path) for path in paths] == [True, True, True]
        self.calls.switch(answering=True, following=True)
        try:
            assert [is_link(path) for path in paths] == [False, False, True]
        finally:
            self.calls.switch(answering=True, following=False)

    def test_passing_on(self) -> None:
        self.calls.switch(answering=False, following=False)
        try:
            assert self.call("open", ctypes.c_char_p(self.file), ctypes.c_int(0)) == (-1, errno.ENOENT)
        finally:
            self.calls.switch(answering=True, following=False)
        descriptor, _ = self.call("open", ctypes.c_char_p(self.file), ctypes.c_int(0))
        assert stat.S_ISREG(os.fstat(descriptor).st_mode)
        os.close(descriptor)
