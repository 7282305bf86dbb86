"""TLS donors: DLLs of data alone, that have a template of thread-local storage and an index for it.

Windows gives an index, and room in every thread, to the DLLs that it loads itself. A mapped DLL with thread-local
storage borrows those of a donor, which has the same template. Pure: bytes in, bytes out.
"""

from __future__ import annotations

import struct

from mempip_native.windows.pe import AMD64, IS_DLL, READ, WRITE

PAGE = 0x1000
_FILE = 0x200  # file alignment
_BASE = 0x180000000
_RELOCATION = 10 << 12  # IMAGE_REL_BASED_DIR64
_INITIALIZED = 0x40
#: Where, from the image's start, the index is.
INDEX = PAGE
_DIRECTORY = PAGE + 16
_TEMPLATE = PAGE + 64


def donor(template: bytes, zeros: int) -> bytes:
    """Return a DLL whose threads each get a copy of `template` and that many zero bytes."""
    start, end = _BASE + _TEMPLATE, _BASE + _TEMPLATE + len(template)
    directory = struct.pack("<4Q2I", start, end, _BASE + INDEX, 0, zeros, 0)
    data = _padded(bytes(16) + directory.ljust(48, b"\0") + template, _FILE)
    relocated = PAGE - -len(data) // PAGE * PAGE  # where the relocations are, which make up the second section
    words = [_RELOCATION | (_DIRECTORY - PAGE + 8 * number) for number in range(3)] + [0]
    relocations = _padded(struct.pack("<2I4H", PAGE, 16, *words), _FILE)
    size = relocated + PAGE
    directories = [(0, 0)] * 16
    directories[5], directories[9] = (relocated, 16), (_DIRECTORY, 40)
    header = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    header += struct.pack("<4s2H3I2H", b"PE\0\0", AMD64, 2, 0, 0, 0, 240, IS_DLL | 0x22)
    header += struct.pack("<H2B5I", 0x20B, 14, 0, 0, len(data) + len(relocations), 0, 0, PAGE)
    header += struct.pack("<Q2I6HI2I", _BASE, PAGE, _FILE, 6, 0, 0, 0, 6, 0, 0, size, 0x400)
    header += struct.pack("<I2H4Q2I", 0, 3, 0x160, 1 << 20, PAGE, 1 << 20, PAGE, 0, 16)
    header += b"".join(struct.pack("<2I", *entry) for entry in directories)
    header += _section(b".data", len(data), PAGE, 0x400, READ | WRITE | _INITIALIZED)
    header += _section(b".reloc", len(relocations), relocated, 0x400 + len(data), READ | _INITIALIZED | 0x2000000)
    return _padded(header, 0x400) + data + relocations


def _section(name: bytes, length: int, address: int, offset: int, flags: int) -> bytes:
    return struct.pack("<8s6I2HI", name, length, address, length, offset, 0, 0, 0, 0, flags)


def _padded(value: bytes, unit: int) -> bytes:
    return value + bytes(-len(value) % unit)
