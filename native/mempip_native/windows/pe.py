"""The few fields of a PE file (Microsoft, "PE Format") that loading one takes. Pure, and for any operating system.

Untrusted input: everything is checked to be inside the image before it is used.
"""

from __future__ import annotations

import struct
from collections import namedtuple

from mempip_native.errors import InvalidPe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    Buffer: TypeAlias = bytes | bytearray | memoryview

AMD64, ARM64 = 0x8664, 0xAA64
MACHINES = {AMD64: "x86-64", ARM64: "ARM64", 0x14C: "x86"}

EXPORTS, IMPORTS, EXCEPTIONS, RELOCATIONS, TLS, DELAY_IMPORTS, CLR = 0, 1, 3, 5, 9, 13, 14

EXECUTE, READ, WRITE = 0x20000000, 0x40000000, 0x80000000
RELOCATIONS_STRIPPED = 0x1
IS_DLL = 0x2000
MAX_IMAGE = 1 << 30  # bytes
MAX_ENTRIES = 1 << 20  # of any table
_PE32_PLUS = 0x20B
_BY_ORDINAL = 1 << 63

#: ``flags`` are EXECUTE, READ, WRITE; addresses here and below are relative to the image's start (RVA).
Section = namedtuple("Section", "name address size flags")  # noqa: PYI024 - typing takes long to import
#: ``key`` is a name or an ordinal, ``slot`` where the address of what it names belongs.
Import = namedtuple("Import", "key slot")  # noqa: PYI024
#: ``template`` and ``size`` are the data that every thread gets a copy of, ``zeros`` how many follow.
Tls = namedtuple("Tls", "template size zeros index callbacks")  # noqa: PYI024


class Pe:
    """A DLL in the layout that it has in memory: ``image`` is its bytes, which may be changed in place.

    Raises `InvalidPe` if `data` is no 64-bit DLL, whole and of a size that can be.
    """

    def __init__(self, data: Buffer) -> None:
        if len(data) < 64 or data[:2] != b"MZ":
            raise InvalidPe("it has no DOS header")
        at = _unpack("<I", data, 60)[0]
        signature, self.machine, count, _, _, _, optional, flags = _unpack("<4s2H3I2H", data, at)
        if signature != b"PE\0\0":
            raise InvalidPe("it has no PE header")
        start = at + 24
        if _unpack("<H", data, start)[0] != _PE32_PLUS:
            raise InvalidPe("it is no 64-bit image")
        self.entry: int = _unpack("<I", data, start + 16)[0]
        self.base: int = _unpack("<Q", data, start + 24)[0]
        self.size: int
        self.size, headers = _unpack("<2I", data, start + 56)
        directories = min(_unpack("<I", data, start + 108)[0], 16)
        self._directories = [_unpack("<2I", data, start + 112 + 8 * number) for number in range(directories)]
        self.fixed = bool(flags & RELOCATIONS_STRIPPED)
        if not flags & IS_DLL:
            raise InvalidPe("it is a program, not a DLL")
        if not 0 < headers <= min(self.size, len(data)) or self.size > MAX_IMAGE or self.entry >= self.size:
            raise InvalidPe("its size cannot be")
        self.image = bytearray(self.size)
        self.image[:headers] = data[:headers]
        self.sections = [self._place(data, start + optional + 40 * number) for number in range(count)]

    def _place(self, data: Buffer, at: int) -> Section:
        name, size, address, stored, offset, _, _, _, _, flags = _unpack("<8s6I2HI", data, at)
        size = size or stored
        length = min(size, stored)
        if address + size > self.size or offset + length > len(data):
            raise InvalidPe("a section is outside of the file: it is truncated or damaged")
        self.image[address : address + length] = data[offset : offset + length]
        return Section(name.rstrip(b"\0").decode("latin-1"), address, size, flags)

    # --- tables ------------------------------------------------------------------------------------

    def directory(self, number: int) -> tuple[int, int]:
        """Return the address and size of a table, or ``(0, 0)``."""
        address, size = self._directories[number] if number < len(self._directories) else (0, 0)
        return (address, size) if address and size else (0, 0)

    def imports(self) -> Iterator[tuple[str, list[Import]]]:
        """Yield the name of each DLL that is needed, and what of it."""
        yield from self._imports(IMPORTS, 20, name=12, table=0, slots=16)

    def delayed_imports(self) -> Iterator[tuple[str, list[Import]]]:
        """Yield the same for DLLs that are only needed when a function of theirs is called."""
        yield from self._imports(DELAY_IMPORTS, 32, name=4, table=16, slots=12)

    def _imports(
        self, number: int, step: int, *, name: int, table: int, slots: int
    ) -> Iterator[tuple[str, list[Import]]]:
        at, _ = self.directory(number)
        for _ in range(MAX_ENTRIES if at else 0):
            dll = self.unpack("<I", at + name)[0]
            if not dll:
                return
            first = self.unpack("<I", at + slots)[0]
            yield self.string(dll), list(self._thunks(self.unpack("<I", at + table)[0] or first, first))
            at += step

    def _thunks(self, at: int, slot: int) -> Iterator[Import]:
        for _ in range(MAX_ENTRIES):
            value = self.unpack("<Q", at)[0]
            if not value:
                return
            yield Import(value & 0xFFFF if value & _BY_ORDINAL else self.string((value & 0x7FFFFFFF) + 2), slot)
            at, slot = at + 8, slot + 8

    def exports(self) -> dict[str | int, int | str]:
        """Return name or ordinal → address, or the text of a forwarder such as ``NTDLL.RtlAllocateHeap``."""
        start, length = self.directory(EXPORTS)
        if not start:
            return {}
        first, functions, names, table, name_table, ordinal_table = self.unpack("<6I", start + 16)
        if max(functions, names) > MAX_ENTRIES:
            raise InvalidPe("it exports too much")
        addresses = self.unpack(f"<{functions}I", table)
        found: dict[str | int, int | str] = {}
        for number, address in enumerate(addresses):
            if address:
                found[first + number] = self.string(address) if start <= address < start + length else address
        ordinals = self.unpack(f"<{names}H", ordinal_table)
        for at, number in zip(self.unpack(f"<{names}I", name_table), ordinals, strict=True):
            if first + number in found:
                found[self.string(at)] = found[first + number]
        return found

    def relocate(self, base: int) -> None:
        """Change the image to be right at the address `base`. Raises `InvalidPe` if it cannot be moved."""
        delta = base - self.base
        at, length = self.directory(RELOCATIONS)
        if self.fixed or (not at and delta):
            raise InvalidPe("it can only be loaded at one address: it has no relocations")
        end = at + length
        while at < end:
            page, size = self.unpack("<2I", at)
            if size < 8 or at + size > end:
                raise InvalidPe("its relocations are damaged")
            for word in self.unpack(f"<{(size - 8) // 2}H", at + 8):
                kind, where = word >> 12, page + (word & 0xFFF)
                if kind == 10:  # IMAGE_REL_BASED_DIR64
                    self.put(where, self.unpack("<Q", where)[0] + delta)
                elif kind:
                    raise InvalidPe(f"it has a relocation of kind {kind}")
            at += size
        self.base = base

    def tls(self) -> Tls | None:
        """Return its thread-local storage, or ``None`` if it has none."""
        at, _ = self.directory(TLS)
        if not at:
            return None
        start, end, index, callbacks, zeros, _ = self.unpack("<4Q2I", at)
        template, size = self._relative(start) if start else 0, end - start
        self.check(template, size)
        self.check(self._relative(index), 4)
        return Tls(template, size, zeros, self._relative(index), list(self._callbacks(callbacks)))

    def _callbacks(self, address: int) -> Iterator[int]:
        for number in range(MAX_ENTRIES if address else 0):
            callback = self.unpack("<Q", self._relative(address) + 8 * number)[0]
            if not callback:
                return
            yield self._relative(callback)

    # --- bytes -------------------------------------------------------------------------------------

    def unpack(self, layout: str, at: int) -> tuple[int, ...]:
        """Return the numbers at an address. Raises `InvalidPe` if it is outside of the image."""
        numbers: tuple[int, ...] = _unpack(layout, self.image, at)
        return numbers

    def put(self, at: int, value: int) -> None:
        """Write a pointer. Raises `InvalidPe` if the address is outside of the image."""
        self.check(at, 8)
        struct.pack_into("<Q", self.image, at, value & 0xFFFFFFFFFFFFFFFF)

    def string(self, at: int) -> str:
        """Return the text at an address."""
        end = self.image.find(b"\0", at, at + 4096)
        if end < 0:
            raise InvalidPe("a name is not inside of the image")
        return self.image[at:end].decode("latin-1")

    def check(self, at: int, length: int) -> None:
        """Raise `InvalidPe` unless so many bytes at that address are inside of the image."""
        if at < 0 or length < 0 or at + length > self.size:
            raise InvalidPe("a table points outside of the image")

    def _relative(self, address: int) -> int:
        self.check(address - self.base, 1)
        return address - self.base


def _unpack(layout: str, data: Buffer, at: int) -> Any:
    try:
        return struct.unpack_from(layout, data, at) if at >= 0 else ()
    except struct.error as error:
        raise InvalidPe("it is truncated, or a table points outside of it") from error
