"""Small Mach-O files, byte by byte, for tests on any operating system."""

from __future__ import annotations

import struct
from collections.abc import Sequence

EXECUTE, DYLIB, BUNDLE = 2, 6, 8
CPUS = {
    "x86_64": (0x01000007, 3),
    "x86_64h": (0x01000007, 8),
    "arm64": (0x0100000C, 0),
    "arm64e": (0x0100000C, 0x80000002),
}
SIGNATURE = b"\xfa\xde\x0c\xc0\0\0\0\x0c\0\0\0\0"  # an embedded signature of nothing


def macho(
    kind: int = BUNDLE,
    *,
    architecture: str = "arm64",
    install_name: str = "",
    needed: Sequence[str] = ("/usr/lib/libSystem.B.dylib",),
    weak: Sequence[str] = (),
    rpaths: Sequence[str] = (),
    undefined: Sequence[str] = (),
    defined: Sequence[str] = (),
    signed: bool = True,
    bits: int = 64,
    order: str = "<",
) -> bytes:
    """Return a library for one architecture. Symbols are named as C names them."""

    def command(number: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 8)
        return struct.pack(order + "2I", number, 8 + len(body)) + body

    def library(number: int, name: str) -> bytes:
        return command(number, struct.pack(order + "4I", 24, 2, 0x10000, 0x10000) + name.encode() + b"\0")

    commands = [library(0xD, install_name)] if install_name else []
    commands += [library(0xC, name) for name in needed]
    commands += [library(0x80000018, name) for name in weak]
    commands += [command(0x8000001C, struct.pack(order + "I", 12) + path.encode() + b"\0") for path in rpaths]
    strings, symbols = b"\0", b""
    rows = [(name, 0x0F, 1) for name in defined] + [(name, 0x01, 0) for name in undefined]
    for name, flags, section in rows:
        symbols += struct.pack(order + ("IBBHQ" if bits == 64 else "IBBHI"), len(strings), flags, section, 0, 0)
        strings += b"_" + name.encode() + b"\0"
    header_size = 32 if bits == 64 else 28
    start = header_size + sum(map(len, commands)) + 24 + (16 if signed else 0)
    commands.append(command(0x2, struct.pack(order + "4I", start, len(rows), start + len(symbols), len(strings))))
    content = symbols + strings
    if signed:
        commands.append(command(0x1D, struct.pack(order + "2I", start + len(content), len(SIGNATURE))))
        content += SIGNATURE
    cpu, subtype = CPUS[architecture]
    size = sum(map(len, commands))
    magic = 0xFEEDFACF if bits == 64 else 0xFEEDFACE
    header = struct.pack(order + "7I", magic, cpu, subtype, kind, len(commands), size, 0x85)
    return header.ljust(header_size, b"\0") + b"".join(commands) + content


def fat(*slices: bytes, wide: bool = False) -> bytes:
    """Return a file for several architectures; `wide` has it name offsets of 64 bits."""
    layout = ">2I2QII" if wide else ">5I"
    head = struct.pack(">2I", 0xCAFEBABF if wide else 0xCAFEBABE, len(slices))
    at = 4096
    table, body = b"", b""
    for part in slices:
        cpu, subtype = struct.unpack_from("<2I", part, 4)
        table += struct.pack(layout, cpu, subtype, at, len(part), 12, *([0] if wide else []))
        padded = part + bytes(-len(part) % 4096)
        body += padded
        at += len(padded)
    return (head + table).ljust(4096, b"\0") + body
