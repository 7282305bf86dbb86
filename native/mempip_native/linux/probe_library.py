"""The smallest shared library that can prove something: one function that returns `ANSWER`.

Written for the machine of the running interpreter, so that a probe needs no compiler and no file.
Follows the System V ABI; sections are left out because dynamic linkers read program headers only.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

ANSWER = 42
SYMBOL = "mempip_probe"
SONAME = "libmempip_probe.so"

PAGE = 0x10000  # the largest page size in use (aarch64, ppc64le)


class Machine:
    """How one machine's libraries look: header fields, and the code of ``return ANSWER``."""

    __slots__ = ("bits", "byteorder", "code", "e_flags", "e_machine", "hash_word")

    def __init__(
        self,
        e_machine: int,
        bits: int,
        byteorder: Literal["little", "big"],
        code: str,
        e_flags: int = 0,
        hash_word: str = "I",
    ) -> None:
        self.e_machine = e_machine
        self.bits = bits
        self.byteorder = byteorder
        self.code = bytes.fromhex(code)
        self.e_flags = e_flags
        self.hash_word = hash_word


MACHINES = {
    "x86_64": Machine(62, 64, "little", "b82a000000 c3"),
    "aarch64": Machine(183, 64, "little", "40058052 c0035fd6"),
    "i686": Machine(3, 32, "little", "b82a000000 c3"),
    "armv7l": Machine(40, 32, "little", "2a00a0e3 1eff2fe1", e_flags=0x05000400),
    "ppc64le": Machine(21, 64, "little", "2a006038 2000804e", e_flags=2),
    # Alone among these, s390x has hash tables of 64-bit words.
    "s390x": Machine(22, 64, "big", "a729002a 07fe", hash_word="Q"),
    "riscv64": Machine(243, 64, "little", "1305a002 67800000", e_flags=5),
}

PT_LOAD, PT_DYNAMIC, PT_GNU_STACK = 1, 2, 0x6474E551
PF_X, PF_W, PF_R = 1, 2, 4
DT_NULL, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_SONAME = 0, 4, 5, 6, 10, 11, 14


def build(machine: Machine) -> bytes:
    """Return the bytes of the library for `machine`."""
    wide = machine.bits == 64
    order = "<" if machine.byteorder == "little" else ">"
    word = "Q" if wide else "I"
    header_size, segment_size = (64, 56) if wide else (52, 32)

    def pack(layout: str, *values: int) -> bytes:
        return struct.pack(order + layout, *values)

    def aligned(content: bytes) -> bytes:
        return content + bytes(-len(content) % 16)

    def symbol(name: int, value: int, size: int, info: int, section: int) -> bytes:
        if wide:
            return pack("IBBHQQ", name, info, 0, section, value, size)
        return pack("IIIBBH", name, value, size, info, 0, section)

    def segment(kind: int, flags: int, offset: int, address: int, size: int, align: int) -> bytes:
        if wide:
            return pack("IIQQQQQQ", kind, flags, offset, address, address, size, size, align)
        return pack("IIIIIIII", kind, offset, address, address, size, size, flags, align)

    names = f"\0{SYMBOL}\0{SONAME}\0".encode()
    code_at = -(-(header_size + 4 * segment_size) // 16) * 16
    hash_at = code_at + len(aligned(machine.code))
    table = pack("6" + machine.hash_word, 1, 2, 1, 0, 0, 0)  # one bucket, two chains
    symbols_at = hash_at + len(aligned(table))
    symbols = symbol(0, 0, 0, 0, 0) + symbol(1, code_at, len(machine.code), 0x12, 1)  # GLOBAL FUNC
    names_at = symbols_at + len(aligned(symbols))
    text_size = names_at + len(aligned(names))
    # Linkers write addresses into the dynamic section: it is in a writable segment of its own, on another
    # page of memory and on the same page of the file.
    dynamic_address = text_size + PAGE
    dynamic = b"".join(
        pack(2 * word, tag, value)
        for tag, value in (
            (DT_SONAME, 1 + len(SYMBOL) + 1),
            (DT_HASH, hash_at),
            (DT_STRTAB, names_at),
            (DT_SYMTAB, symbols_at),
            (DT_STRSZ, len(names)),
            (DT_SYMENT, len(symbols) // 2),
            (DT_NULL, 0),
        )
    )
    identity = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    header = identity + pack(
        f"HHI{word}{word}{word}IHHHHHH",
        3, machine.e_machine, 1, 0, header_size, 0, machine.e_flags, header_size, segment_size, 4, 0, 0, 0,
    )  # fmt: skip
    segments = (
        segment(PT_LOAD, PF_R | PF_X, 0, 0, text_size, PAGE)
        + segment(PT_LOAD, PF_R | PF_W, text_size, dynamic_address, len(dynamic), PAGE)
        + segment(PT_DYNAMIC, PF_R | PF_W, text_size, dynamic_address, len(dynamic), 8)
        + segment(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16)  # without it linkers make every stack executable
    )
    text = aligned(header + segments) + aligned(machine.code) + aligned(table) + aligned(symbols) + aligned(names)
    return text + dynamic


def for_header(header: bytes) -> bytes | None:
    """Return the library for the machine of an ELF file that starts with `header`, None for a machine unknown here."""
    for machine in MACHINES.values():
        order = 1 if machine.byteorder == "little" else 2
        e_machine = int.from_bytes(header[18:20], machine.byteorder)
        if (header[4], header[5], e_machine) == (machine.bits // 32, order, machine.e_machine):
            return build(machine)
    return None
