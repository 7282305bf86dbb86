"""Small DLLs, byte by byte, for tests on any operating system."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

BASE = 0x180000000
PAGE = 0x1000
DATA = 0x1000  # where the section with all tables is
CODE = 0x40000  # where the one with code is

EXECUTE_READ, READ_WRITE = 0x60000020, 0xC0000040


def dll(
    *,
    imports: Mapping[str, Sequence[str | int]] | None = None,
    delayed: Mapping[str, Sequence[str | int]] | None = None,
    exports: Mapping[str, int | str] | None = None,
    pointers: Sequence[int] = (),
    tls: bytes | None = None,
    machine: int = 0x8664,
    flags: int = 0x2022,
    code_flags: int = EXECUTE_READ,
    code: bytes = b"\xb8\x2a\0\0\0\xc3",  # return 42
    directories: Mapping[int, tuple[int, int]] | None = None,
) -> bytes:
    """Return a DLL. `exports` are addresses in the image or forwarders; `pointers` are relocated addresses in it."""
    builder = _Builder()
    tables = {0: builder.exports(exports or {}), 1: builder.imports(imports or {}), 13: builder.delayed(delayed or {})}
    slots = [builder.add(struct.pack("<Q", BASE + pointer)) for pointer in pointers]
    if tls is not None:
        template, index = builder.add(tls), builder.add(bytes(8))
        record = struct.pack("<4Q2I", BASE + template, BASE + template + len(tls), BASE + index, 0, 0, 0)
        tables[9] = (builder.add(record), len(record))
        slots += [tables[9][0] + 8 * number for number in range(3)]
    tables[5] = builder.relocations(slots)
    tables.update(directories or {})
    return _file(builder.data, code, tables, machine, flags, code_flags)


class _Builder:
    def __init__(self) -> None:
        self.data = bytearray(16)

    def add(self, content: bytes) -> int:
        """Add bytes and return their address."""
        self.data += bytes(-len(self.data) % 16)
        at = DATA + len(self.data)
        self.data += content
        return at

    def exports(self, names: Mapping[str, int | str]) -> tuple[int, int]:
        if not names:
            return 0, 0
        start = self.add(bytes(40))
        found = [value if isinstance(value, int) else self.add(value.encode() + b"\0") for value in names.values()]
        functions = self.add(struct.pack(f"<{len(found)}I", *found))
        texts = [self.add(name.encode() + b"\0") for name in names]
        name_table = self.add(struct.pack(f"<{len(texts)}I", *texts))
        ordinals = self.add(struct.pack(f"<{len(texts)}H", *range(len(texts))))
        struct.pack_into(
            "<6I", self.data, start - DATA + 16, 1, len(found), len(texts), functions, name_table, ordinals
        )
        return start, DATA + len(self.data) - start

    def imports(self, needed: Mapping[str, Sequence[str | int]]) -> tuple[int, int]:
        rows = [(self._thunks(keys), 0, 0, self._text(dll), self._thunks(keys)) for dll, keys in needed.items()]
        return self._table("<5I", rows)

    def delayed(self, needed: Mapping[str, Sequence[str | int]]) -> tuple[int, int]:
        rows = [
            (1, self._text(dll), 0, self._thunks(keys), self._thunks(keys), 0, 0, 0) for dll, keys in needed.items()
        ]
        return self._table("<8I", rows)

    def relocations(self, slots: Sequence[int]) -> tuple[int, int]:
        words = [0xA000 | (slot - DATA) for slot in slots] + [0] * (len(slots) % 2)
        block = struct.pack(f"<2I{len(words)}H", DATA, 8 + 2 * len(words), *words)
        return self.add(block), len(block)

    def _table(self, layout: str, rows: Sequence[tuple[int, ...]]) -> tuple[int, int]:
        if not rows:
            return 0, 0
        content = b"".join(struct.pack(layout, *row) for row in rows) + bytes(struct.calcsize(layout))
        return self.add(content), len(content)

    def _thunks(self, keys: Sequence[str | int]) -> int:
        values = [key | 1 << 63 if isinstance(key, int) else self.add(b"\0\0" + key.encode() + b"\0") for key in keys]
        return self.add(struct.pack(f"<{len(values) + 1}Q", *values, 0))

    def _text(self, text: str) -> int:
        return self.add(text.encode() + b"\0")


def _file(
    data: bytes, code: bytes, tables: Mapping[int, tuple[int, int]], machine: int, flags: int, code_flags: int
) -> bytes:
    stored = len(data) + -len(data) % 512
    header = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    header += struct.pack("<4s2H3I2H", b"PE\0\0", machine, 2, 0, 0, 0, 240, flags)
    header += struct.pack("<H2B5I", 0x20B, 14, 0, 512, stored, 0, 0, CODE)
    header += struct.pack("<Q2I6HI2I", BASE, PAGE, 512, 6, 0, 0, 0, 6, 0, 0, CODE + PAGE, 1024)
    header += struct.pack("<I2H4Q2I", 0, 3, 0x160, 1 << 20, PAGE, 1 << 20, PAGE, 0, 16)
    header += b"".join(struct.pack("<2I", *tables.get(number, (0, 0))) for number in range(16))
    for name, size, address, offset, kind in (
        (b".data", stored, DATA, 1024, READ_WRITE),
        (b".text", 512, CODE, 1024 + stored, code_flags),
    ):
        header += struct.pack("<8s6I2HI", name, size, address, size, offset, 0, 0, 0, 0, kind)
    return header.ljust(1024, b"\0") + bytes(data).ljust(stored, b"\0") + code.ljust(512, b"\0")
