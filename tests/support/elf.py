"""Shared libraries made of nothing: real enough for readers, and on their own machine for dlopen."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from mempip_native.linux.probe_library import MACHINES, PAGE, Machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DT = {
    "NEEDED": 1, "HASH": 4, "STRTAB": 5, "SYMTAB": 6, "STRSZ": 10, "SYMENT": 11, "SONAME": 14, "RPATH": 15,
    "RUNPATH": 29, "GNU_HASH": 0x6FFFFEF5, "VERSYM": 0x6FFFFFF0, "VERDEF": 0x6FFFFFFC, "VERDEFNUM": 0x6FFFFFFD,
    "VERNEED": 0x6FFFFFFE, "VERNEEDNUM": 0x6FFFFFFF,
}  # fmt: skip


def returning(machine: Machine, number: int) -> bytes:
    """The code of a function that returns `number`, a small one; probe_library's with another constant."""
    if machine is MACHINES["x86_64"] or machine is MACHINES["i686"]:
        return b"\xb8" + number.to_bytes(4, "little") + b"\xc3"
    if machine is MACHINES["aarch64"]:
        return (0x52800000 | number << 5).to_bytes(4, "little") + machine.code[4:]
    return machine.code


def sysv_hash(name: bytes) -> int:
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return value


def gnu_hash(name: bytes) -> int:
    value = 5381
    for byte in name:
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value


class Strings:
    """A string table. With `merge` a name may be the end of another one, as linkers do it."""

    def __init__(self, merge: bool) -> None:
        self.content = b"\0"
        self._merge = merge
        self._known: dict[str, int] = {}

    def index(self, name: str) -> int:
        wanted = name.encode() + b"\0"
        if name in self._known:
            return self._known[name]
        if self._merge and wanted in self.content:
            return self.content.index(wanted)
        self._known[name] = len(self.content)
        self.content += wanted
        return self._known[name]


def library(
    machine: Machine = MACHINES["x86_64"],
    *,
    soname: str = "",
    needed: Sequence[str] = (),
    rpath: str = "",
    runpath: str = "",
    functions: Mapping[str, int] | None = None,
    versions: Mapping[str, Sequence[str]] | None = None,
    separate_version_names: bool = False,
    defined_versions: Sequence[str] = (),
    tables: str = "sysv",
    merge: bool = False,
    tls: int = 0,
) -> bytes:
    """Return a library. `functions` maps names to what they return; `tables` is "sysv", "gnu" or "none"."""
    wide = machine.bits == 64
    order = "<" if machine.byteorder == "little" else ">"
    word = "Q" if wide else "I"

    def pack(layout: str, *values: int) -> bytes:
        return struct.pack(order + layout, *values)

    strings = Strings(merge)
    entries = [("NEEDED", strings.index(name)) for name in needed]
    for kind, text in (("SONAME", soname), ("RPATH", rpath), ("RUNPATH", runpath)):
        if text:
            entries.append((kind, strings.index(text)))

    header_size, segment_size = (64, 56) if wide else (52, 32)
    body = bytearray()
    base = -(-(header_size + 5 * segment_size) // 16) * 16

    def place(content: bytes) -> int:
        body.extend(bytes(-len(body) % 16))
        body.extend(content)
        return base + len(body) - len(content)

    symbols = [pack("IBBHQQ" if wide else "IIIBBH", 0, 0, 0, 0, 0, 0)]
    names = list(functions or {})
    for name in names:
        code = returning(machine, (functions or {})[name])
        at, index = place(code), strings.index(name)
        row = ("IBBHQQ", index, 0x12, 0, 1, at, len(code)) if wide else ("IIIBBH", index, at, len(code), 0x12, 0, 1)
        symbols.append(pack(*row))
    count = len(symbols)
    entries += [("SYMTAB", place(b"".join(symbols))), ("SYMENT", len(symbols[0]))]
    if tables == "sysv":
        chain = [0, *(number + 1 if number + 1 < count else 0 for number in range(1, count))]
        layout = f"{3 + count}{machine.hash_word}"
        entries.append(("HASH", place(pack(layout, 1, count, 1 if count > 1 else 0, *chain))))
    elif tables == "gnu":
        hashes = [gnu_hash(name.encode()) & ~1 for name in names]
        if hashes:
            hashes[-1] |= 1
        head = pack("4I", 1, 1, 1, 0) + pack(word, 2**machine.bits - 1) + pack("I", 1 if hashes else 0)
        entries.append(("GNU_HASH", place(head + pack(f"{len(hashes)}I", *hashes))))
    if versions:
        rows = b""
        for position, (file, wanted) in enumerate(versions.items(), 1):
            step = 0 if position == len(versions) else 16 + 16 * len(wanted)
            index = len(strings.content) if separate_version_names else strings.index(file)
            if separate_version_names:
                strings.content += file.encode() + b"\0"
            rows += pack("HHIII", 1, len(wanted), index, 16, step)
            for number, version in enumerate(wanted, 1):
                following = 0 if number == len(wanted) else 16
                rows += pack("IHHII", sysv_hash(version.encode()), 0, 1 + number, strings.index(version), following)
        entries += [("VERNEED", place(rows)), ("VERNEEDNUM", len(versions))]
        entries.append(("VERSYM", place(pack(f"{count}H", *[1] * count))))
    if defined_versions:
        rows = b""
        for number, version in enumerate(defined_versions, 1):
            step = 0 if number == len(defined_versions) else 28
            rows += pack("HHHHIII", 1, 0, number, 1, sysv_hash(version.encode()), 20, step)
            rows += pack("II", strings.index(version), 0)
        entries += [("VERDEF", place(rows)), ("VERDEFNUM", len(defined_versions))]
    entries += [("STRTAB", place(strings.content)), ("STRSZ", len(strings.content))]
    body.extend(bytes(-len(body) % 16))
    end = base + len(body)
    dynamic = b"".join(pack(2 * word, DT[kind], value) for kind, value in entries) + pack(2 * word, 0, 0)

    def segment(kind: int, flags: int, offset: int, address: int, size: int, align: int, memory: int = 0) -> bytes:
        if wide:
            return pack("IIQQQQQQ", kind, flags, offset, address, address, size, memory or size, align)
        return pack("IIIIIIII", kind, offset, address, address, size, memory or size, flags, align)

    segments = [
        segment(1, 5, 0, 0, end, PAGE),
        segment(1, 6, end, end + PAGE, len(dynamic), PAGE),
        segment(2, 6, end, end + PAGE, len(dynamic), 8),
        segment(0x6474E551, 6, 0, 0, 0, 16),
        segment(7, 4, end, end + PAGE, 0, 8, tls) if tls else segment(0, 0, 0, 0, 0, 0),
    ]
    identity = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    header = identity + pack(
        f"HHI{word}{word}{word}IHHHHHH",
        3, machine.e_machine, 1, 0, header_size, 0, machine.e_flags, header_size, segment_size, 5, 0, 0, 0,
    )  # fmt: skip
    start = header + b"".join(segments)
    return start + bytes(base - len(start)) + bytes(body) + dynamic
