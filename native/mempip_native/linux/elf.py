"""Reads of an ELF file what a dynamic linker reads: program headers and the dynamic section.

Follows the System V gABI and the Linux Standard Base (symbol versions). Sections are not looked at:
linkers do not either, and files may lack them. Input may be hostile: every read is checked against the
bounds, every loop ends, and whatever is wrong raises `InvalidElf`. Nothing is written here; see `binding`.
"""

from __future__ import annotations

import os
import struct

from mempip_native.errors import InvalidElf

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator
    from typing import TypeAlias

    Buffer: TypeAlias = bytes | bytearray | memoryview | mmap.mmap

PT_LOAD, PT_DYNAMIC, PT_TLS, PT_GNU_RELRO = 1, 2, 7, 0x6474E552
DT_NULL, DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT = 0, 1, 4, 5, 6, 10, 11
DT_SONAME, DT_RPATH, DT_RUNPATH, DT_CONFIG, DT_DEPAUDIT, DT_AUDIT = 14, 15, 29, 0x6FFFFEFA, 0x6FFFFEFB, 0x6FFFFEFC
DT_GNU_HASH, DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM = (
    0x6FFFFEF5, 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF,
)  # fmt: skip
DT_AUXILIARY, DT_FILTER = 0x7FFFFFFD, 0x7FFFFFFF
STRING_TAGS = frozenset({
    DT_NEEDED, DT_SONAME, DT_RPATH, DT_RUNPATH, DT_CONFIG, DT_DEPAUDIT, DT_AUDIT, DT_AUXILIARY, DT_FILTER,
})  # fmt: skip

MACHINES = {
    3: "i686", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86_64", 183: "aarch64",
    243: "riscv64", 258: "loongarch64",
}  # fmt: skip

MAX_NAME = 4096  # no linker takes a longer path
MAX_ENTRIES = 100_000  # of any table here; scipy's largest has 60


class Elf:
    """The header of one library.

    ``bits`` (32, 64), ``byteorder`` ("little", "big") and ``machine`` (the number e_machine) say where it
    runs; ``soname``, ``needed``, ``rpath`` and ``runpath`` are as in the dynamic section (empty if absent);
    ``tls_size`` is in bytes, ``relro`` the addresses from and to which the linker forbids writing once it is done.
    Raises `InvalidElf`.
    """

    __slots__ = (
        "_data", "_loads", "_order", "bits", "byteorder", "dynamic", "machine", "needed", "relro", "rpath", "runpath",
        "soname", "strings_at", "strings_size", "tls_size",
    )  # fmt: skip

    def __init__(self, data: Buffer) -> None:
        self._data = data
        identity = bytes(data[:16])
        if len(identity) < 16 or identity[:4] != b"\x7fELF":
            raise InvalidElf("not an ELF file")
        if identity[4] not in (1, 2) or identity[5] not in (1, 2):
            raise InvalidElf("neither 32 nor 64 bits, or of unknown byte order")
        self.bits = 32 * identity[4]
        self.byteorder = "little" if identity[5] == 1 else "big"
        self._order = "<" if identity[5] == 1 else ">"
        word = "Q" if self.bits == 64 else "I"
        (_, self.machine, _, _, segments_at, _, _, _, segment_size, segments) = self.unpack(f"HHI3{word}I3H", 16)
        self._loads: list[tuple[int, int, int]] = []  # address, offset in the file, size there
        self.tls_size = 0
        self.relro = (0, 0)
        dynamic_at = dynamic_size = 0
        if segments and segment_size < (56 if self.bits == 64 else 32):
            raise InvalidElf("program headers are too small")
        for index in range(segments):
            kind, offset, address, file_size, memory_size = self._segment(segments_at + index * segment_size)
            if kind == PT_LOAD:
                self._loads.append((address, offset, file_size))
            elif kind == PT_DYNAMIC:
                dynamic_at, dynamic_size = offset, file_size
            elif kind == PT_TLS:
                self.tls_size = memory_size
            elif kind == PT_GNU_RELRO:
                self.relro = (address, address + memory_size)
        #: (tag, value, offset of the value in the file), up to DT_NULL
        self.dynamic: list[tuple[int, int, int]] = list(self._entries(dynamic_at, dynamic_size))
        self.strings_at = self.strings_size = 0
        strings, size = self.value(DT_STRTAB), self.value(DT_STRSZ)
        if strings is not None and size is not None:
            self.strings_at, self.strings_size = self.offset(strings), size
        self.needed = tuple(self.string(value) for tag, value, _ in self.dynamic if tag == DT_NEEDED)
        self.soname = self._named(DT_SONAME)
        self.rpath = self._named(DT_RPATH)
        self.runpath = self._named(DT_RUNPATH)

    def unpack(self, layout: str, offset: int) -> tuple[int, ...]:
        """Return the numbers at `offset` of the file, in its byte order; `layout` is struct's, without one."""
        try:
            return struct.unpack_from(self._order + layout, self._data, offset)
        except (struct.error, OverflowError) as error:
            raise InvalidElf(f"a table reaches beyond the end of the file (offset {offset})") from error

    def offset(self, address: int) -> int:
        """Return where in the file the byte for virtual `address` is."""
        for start, offset, size in self._loads:
            if start <= address < start + size:
                return address - start + offset
        raise InvalidElf(f"address {address:#x} is not in the file")

    def value(self, tag: int) -> int | None:
        """Return the value of the first dynamic entry of `tag`."""
        for found, value, _ in self.dynamic:
            if found == tag:
                return value
        return None

    def string(self, index: int) -> str:
        """Return the string at `index` of the string table."""
        start = self.strings_at + index
        room = min(self.strings_size - index, MAX_NAME)
        if index < 0 or room <= 0:
            raise InvalidElf("a name is not in the string table")
        text, end, _ = bytes(self._data[start : start + room]).partition(b"\0")
        if not end:
            raise InvalidElf("a name has no end")
        return os.fsdecode(text)

    def version_needs(self) -> list[tuple[int, str, list[str]]]:
        """Return which symbol versions are needed: (index of the library's name, the name, the versions)."""
        address = self.value(DT_VERNEED)
        if address is None:
            return []
        needs = []
        offset, budget = self.offset(address), MAX_ENTRIES
        for _ in range(min(self.value(DT_VERNEEDNUM) or 0, MAX_ENTRIES)):
            _, count, file, first, following = self.unpack("HHIII", offset)
            versions = []
            entry = offset + first
            for _ in range(count):
                budget -= 1
                if budget < 0:
                    raise InvalidElf("too many symbol versions")
                _, _, _, name, step = self.unpack("IHHII", entry)
                versions.append(self.string(name))
                entry += step
            needs.append((file, self.string(file), versions))
            offset += following
        return needs

    def glibc(self) -> tuple[int, ...]:
        """Return the newest GLIBC_ version that is needed, such as ``(2, 28)``; empty if none is."""
        found: tuple[int, ...] = ()
        for _, _, versions in self.version_needs():
            for version in versions:
                number = version.removeprefix("GLIBC_")
                if number != version and all(part.isdecimal() and len(part) < 9 for part in number.split(".")):
                    found = max(found, tuple(map(int, number.split("."))))
        return found

    def platform(self) -> str:
        """Return the machine as people call it: ``"x86_64"``, ``"aarch64"``, ``"ppc64le"``."""
        name = MACHINES.get(self.machine, f"machine {self.machine}")
        return "ppc64le" if (name, self.byteorder) == ("ppc64", "little") else name

    def abi(self) -> tuple[int, str, int]:
        """Return what must be equal for two files to be of one process: bits, byte order, machine."""
        return self.bits, self.byteorder, self.machine

    def _named(self, tag: int) -> str:
        index = self.value(tag)
        return "" if index is None else self.string(index)

    def _segment(self, offset: int) -> tuple[int, int, int, int, int]:
        if self.bits == 64:
            kind, _, at, address, _, file_size, memory_size, _ = self.unpack("2I6Q", offset)
        else:
            kind, at, address, _, file_size, memory_size, _, _ = self.unpack("8I", offset)
        return kind, at, address, file_size, memory_size

    def _entries(self, offset: int, size: int) -> Iterator[tuple[int, int, int]]:
        layout, width = ("2Q", 16) if self.bits == 64 else ("2I", 8)
        for index in range(min(size // width, MAX_ENTRIES)):
            at = offset + index * width
            tag, value = self.unpack(layout, at)
            if tag == DT_NULL:
                return
            yield tag, value, at + width // 2


def own_abi() -> tuple[int, str, int]:
    """Return `Elf.abi` of the running interpreter."""
    import sys

    with open("/proc/self/exe" if os.path.exists("/proc/self/exe") else sys.executable, "rb") as file:
        header = file.read(20)
    order = "little" if header[5] == 1 else "big"
    return 32 * header[4], order, struct.unpack("<H" if order == "little" else ">H", header[18:20])[0]
