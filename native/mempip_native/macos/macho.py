"""Reads of a Mach-O file what dyld looks at before it maps one: architectures, load commands, undefined symbols.

Follows ``mach-o/loader.h``, ``fat.h`` and ``nlist.h``. Pure, and for any operating system. Input may be hostile: every
read is checked against the bounds, every loop ends, and whatever is wrong raises `InvalidMachO`. Nothing is written.
"""

from __future__ import annotations

import os
import struct

from mempip_native.errors import InvalidMachO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import TypeAlias

    Buffer: TypeAlias = bytes | bytearray | memoryview

FAT, FAT_64 = b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"
# magic → (struct's byte order, size of the header)
_THIN = {
    b"\xce\xfa\xed\xfe": ("<", 28), b"\xcf\xfa\xed\xfe": ("<", 32),
    b"\xfe\xed\xfa\xce": (">", 28), b"\xfe\xed\xfa\xcf": (">", 32),
}  # fmt: skip
MAGICS = frozenset({FAT, FAT_64, *_THIN})

MH_EXECUTE, MH_DYLIB, MH_BUNDLE = 2, 6, 8
CPU_X86_64, CPU_ARM64 = 0x01000007, 0x0100000C
_SUBTYPE = 0x00FFFFFF  # the byte above has capabilities
# (cputype, cpusubtype) → the name that lipo and otool use
ARCHITECTURES = {
    (CPU_X86_64, 3): "x86_64", (CPU_X86_64, 8): "x86_64h", (CPU_ARM64, 0): "arm64", (CPU_ARM64, 1): "arm64v8",
    (CPU_ARM64, 2): "arm64e", (7, 3): "i386", (18, 0): "ppc", (0x01000012, 0): "ppc64",
}  # fmt: skip

LC_SYMTAB, LC_LOAD_DYLIB, LC_ID_DYLIB, LC_CODE_SIGNATURE, LC_LAZY_LOAD_DYLIB = 0x2, 0xC, 0xD, 0x1D, 0x20
LC_LOAD_WEAK_DYLIB, LC_RPATH, LC_REEXPORT_DYLIB, LC_LOAD_UPWARD_DYLIB = 0x80000018, 0x8000001C, 0x8000001F, 0x80000023
_NEEDED = frozenset({LC_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB, LC_LAZY_LOAD_DYLIB, LC_LOAD_UPWARD_DYLIB})

_N_EXT, _N_TYPE, _N_STAB = 0x01, 0x0E, 0xE0  # bits of n_type; N_UNDF is none of N_TYPE

MAX_SLICES = 32  # a Java class begins with the same bytes, and a number of 45 or more
MAX_COMMANDS = 20_000


class MachO:
    """The header of a library for one architecture, which may be a slice of a file for several.

    ``architecture`` is lipo's name; ``install_name`` is the library's own (``LC_ID_DYLIB``, empty if absent);
    ``needed`` and ``rpaths`` are in the order of the load commands; ``signed`` is whether a code signature is there.
    Raises `InvalidMachO`.
    """

    __slots__ = (
        "_data", "_order", "_symbols", "architecture", "cpu", "install_name", "kind", "needed", "rpaths", "signed",
    )  # fmt: skip

    def __init__(self, data: Buffer) -> None:
        self._data = memoryview(data)
        order, size = _THIN.get(bytes(self._data[:4]), ("", 0))
        if not order:
            raise InvalidMachO("not a Mach-O file")
        self._order = order
        self.cpu, subtype, self.kind, count, commands_size = self._unpack("5I", 4)
        self.architecture = _architecture(self.cpu, subtype)
        self.install_name = ""
        self.signed = False
        needed: list[str] = []
        rpaths: list[str] = []
        self._symbols = (0, 0, 0, 0)  # offset and number of symbols, offset and size of their names
        at, end = size, size + commands_size
        if count > MAX_COMMANDS or end > len(self._data):
            raise InvalidMachO("the load commands reach beyond the end of the file")
        for _ in range(count):
            command, length = self._unpack("2I", at)
            if length < 8 or at + length > end:
                raise InvalidMachO("a load command reaches beyond the others")
            if command in _NEEDED:
                needed.append(self._string(at, length))
            elif command == LC_ID_DYLIB:
                self.install_name = self._string(at, length)
            elif command == LC_RPATH:
                rpaths.append(self._string(at, length))
            elif command == LC_CODE_SIGNATURE:
                start, room = self._unpack("2I", at + 8)
                self._check(start, room, "the code signature")
                self.signed = room > 0
            elif command == LC_SYMTAB:
                self._symbols = self._unpack("4I", at + 8)  # type: ignore[assignment]
            at += length
        self.needed = tuple(needed)
        self.rpaths = tuple(rpaths)

    def undefined(self, names: Collection[str]) -> set[str]:
        """Return which of the symbols `names`, as C calls them, the library takes from others."""
        offset, count, strings, size = self._symbols
        wide = bytes(self._data[:4]) in (b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf")
        step, layout = (16, "IBBHQ") if wide else (12, "IBBHI")
        self._check(offset, count * step, "the symbol table")
        self._check(strings, size, "the table of symbols' names")
        wanted = {b"_" + name.encode() + b"\0": name for name in names}
        longest = max(map(len, wanted), default=0)
        found = set()
        for index, kind, _, _, _ in struct.iter_unpack(
            self._order + layout, self._data[offset : offset + count * step]
        ):
            if kind & _N_STAB or kind & _N_TYPE or not kind & _N_EXT:
                continue
            text = bytes(self._data[strings + index : strings + min(index + longest, size)])
            name = wanted.get(text[: text.find(b"\0") + 1])
            if name is not None:
                found.add(name)
        return found

    def _unpack(self, layout: str, offset: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self._order + layout, self._data, offset)
        except struct.error as error:
            raise InvalidMachO(f"a table reaches beyond the end of the file (offset {offset})") from error

    def _string(self, at: int, length: int) -> str:
        """Return the string of a load command, whose offset in the command follows its size."""
        (start,) = self._unpack("I", at + 8)
        text, end, _ = bytes(self._data[at + min(start, length) : at + length]).partition(b"\0")
        if not text or not end or start < 12:
            raise InvalidMachO("a load command has no name")
        return os.fsdecode(text)

    def _check(self, offset: int, size: int, what: str) -> None:
        if offset + size > len(self._data):
            raise InvalidMachO(f"{what} reaches beyond the end of the file: it was cut short")


def slices(data: Buffer) -> list[MachO]:
    """Return the headers in a file, one for each architecture. Raises `InvalidMachO`."""
    view = memoryview(data)
    magic = bytes(view[:4])
    if magic not in (FAT, FAT_64):
        return [MachO(view)]
    layout = struct.Struct(">2I2QII" if magic == FAT_64 else ">5I")
    if len(view) < 8:
        raise InvalidMachO("not a Mach-O file")
    count = int.from_bytes(view[4:8], "big")
    if not 0 < count <= MAX_SLICES:
        raise InvalidMachO("a file for no or too many architectures")
    found = []
    for number in range(count):
        try:
            _, _, offset, size = layout.unpack_from(view, 8 + number * layout.size)[:4]
        except struct.error as error:
            raise InvalidMachO("the list of architectures reaches beyond the end of the file") from error
        if offset + size > len(view):
            raise InvalidMachO("an architecture reaches beyond the end of the file: it was cut short")
        found.append(MachO(view[offset : offset + size]))
    return found


def slice_for(data: Buffer, architecture: str) -> MachO:
    """Return the header that dyld takes in a process of `architecture`. Raises `InvalidMachO` if there is none.

    A slice of exactly that name comes first, then one for a special model of it (``x86_64h``).
    """
    found = slices(data)
    for candidate in found:
        if candidate.architecture == architecture:
            return candidate
    for candidate in found:
        if candidate.architecture.startswith(architecture) and candidate.architecture != "arm64e":
            return candidate
    built = " and ".join(candidate.architecture for candidate in found)
    raise InvalidMachO(f"it is built for {built}, and this interpreter is {architecture}")


def _architecture(cpu: int, subtype: int) -> str:
    name = ARCHITECTURES.get((cpu, subtype & _SUBTYPE))
    return name or f"cpu {cpu:#x}, subtype {subtype & _SUBTYPE}"
