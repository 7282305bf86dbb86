"""Where a library keeps the addresses of functions that it takes from others: its global offset table.

Follows the System V ABI's supplements for x86-64 and AArch64, whose relocations have addends (DT_RELA).
"""

from __future__ import annotations

import struct

from mempip_native.linux.elf import DT_GNU_HASH, DT_HASH, DT_SYMTAB, Elf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mempip_native.linux.elf import Buffer

DT_PLTRELSZ, DT_RELA, DT_RELASZ, DT_TEXTREL, DT_JMPREL, DT_FLAGS, DT_RELACOUNT = 2, 7, 8, 22, 23, 30, 0x6FFFFFF9
DF_TEXTREL = 4
#: Relocations that put nothing but a symbol's address into a slot: in data, in the table, in the table for calls.
ABSOLUTE = {62: (1, 6, 7), 183: (257, 1025, 1026)}


def slots(elf: Elf, data: Buffer, names: Collection[bytes]) -> list[tuple[bytes, int]]:
    """Return (name, address) of each slot that holds the address of a function in `names` taken from elsewhere.

    Addresses are relative to where the library is loaded. Raises `InvalidElf`.
    """
    kinds = ABSOLUTE.get(elf.machine)
    if kinds is None or elf.bits != 64 or elf.value(DT_TEXTREL) is not None or (elf.value(DT_FLAGS) or 0) & DF_TEXTREL:
        return []  # with relocations of its code, a slot may be where nothing can be written
    wanted = {number << 32 | kind: name for number, name in _undefined(elf, data, names) for kind in kinds}
    if not wanted:
        return []
    found = []
    # The first relocations, often by far the most, are relative ones: they have no symbol.
    for start, size, skipped in (
        (DT_RELA, DT_RELASZ, elf.value(DT_RELACOUNT) or 0),
        (DT_JMPREL, DT_PLTRELSZ, 0),
    ):
        for address, info, addend in _rows(data, "<QQq", _at(elf, start), elf.value(size) or 0, skipped):
            if info in wanted and not addend:
                found.append((wanted[info], address))
    return found


def _undefined(elf: Elf, data: Buffer, names: Collection[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield number and name of the symbols that the library takes from elsewhere, of those in `names`."""
    longest = max(map(len, names)) + 1
    for number, row in enumerate(_rows(data, "<IBBHQQ", _at(elf, DT_SYMTAB), 24 * _count(elf), 0)):
        if not row[3]:
            start = elf.strings_at + row[0]
            name = bytes(data[start : start + longest]).partition(b"\0")[0]
            if name in names:
                yield number, name


def _count(elf: Elf) -> int:
    """Return a number of symbols that has all undefined ones: those that the hash table leaves out come first."""
    if (address := elf.value(DT_GNU_HASH)) is not None:
        return elf.unpack("4I", elf.offset(address))[1]
    if (address := elf.value(DT_HASH)) is not None:
        return elf.unpack("2I", elf.offset(address))[1]
    return 0


def _at(elf: Elf, tag: int) -> int:
    address = elf.value(tag)
    return 0 if address is None else elf.offset(address)


def _rows(data: Buffer, layout: str, start: int, size: int, skipped: int) -> Iterator[tuple[int, ...]]:
    """Yield the rows of the table of `size` bytes at `start`, as many as the file has, without the first ones."""
    width = struct.calcsize(layout)
    content = bytes(data[start + width * skipped : start + size]) if start else b""
    return struct.iter_unpack(layout, content[: len(content) // width * width])
