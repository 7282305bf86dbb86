"""Machine code that looks at a path: two ways to go on, and nothing else.

A *gate* stands in for a function of the C library that takes a path. If that begins with a prefix, it jumps to where
one cell points, else to where another one does. Arguments, stack and return address stay as they are, so whoever is
jumped to was called by whoever called the gate.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def x86_64(prefix: bytes, argument: int, matching: int, other: int) -> bytes:
    """Return a gate. `argument` is the path's place among the arguments, `matching` and `other` the cells."""
    test, base = ((0xFF, 7), (0xF6, 6), (0xD2, 2))[argument]  # rdi, rsi, rdx
    jump = b"\x49\xbb%b\x41\xff\x23"  # movabs r11, CELL; jmp [r11]
    hit, miss = (jump % struct.pack("<Q", cell) for cell in (matching, other))
    body = b""
    for index in range(len(prefix) - 1, -1, -1):  # cmp byte [base + index], character; jne miss
        body = bytes((0x80, 0x78 | base, index, prefix[index], 0x75, len(body) + len(hit))) + body
    # endbr64; test base, base; jz miss
    return b"\xf3\x0f\x1e\xfa" + bytes((0x48, 0x85, test, 0x74, len(body) + len(hit))) + body + hit + miss


def aarch64(prefix: bytes, argument: int, matching: int, other: int) -> bytes:
    """Return a gate: see `x86_64`."""
    hit_at = 2 + 3 * len(prefix)  # in instructions, as everything here
    cells_at = (hit_at + 6 + 1) // 2 * 2
    words = [0xD503245F, 0xB4000000 | (hit_at + 3 - 1) << 5 | argument]  # bti c; cbz base, miss
    for index, character in enumerate(prefix):
        words.append(0x39400010 | index << 10 | argument << 5)  # ldrb w16, [base, index]
        words.append(0x7100021F | character << 10)  # cmp w16, character
        words.append(0x54000001 | (hit_at + 3 - len(words)) << 5)  # b.ne miss
    for cell in (cells_at, cells_at + 2):
        words.append(0x58000010 | (cell - len(words)) << 5)  # ldr x16, CELL
        words += [0xF9400210, 0xD61F0200]  # ldr x16, [x16]; br x16
    words += [0xD503201F] * (cells_at - len(words))  # nop
    return struct.pack(f"<{len(words)}I2Q", *words, matching, other)


#: How gates are made, by the machine's number in ELF.
MACHINES: dict[int, Callable[[bytes, int, int, int], bytes]] = {62: x86_64, 183: aarch64}
