"""The function that throws C++ exceptions, for code that Windows does not know the image of. Pure: bytes out.

``_CxxThrowException`` of vcruntime140.dll asks Windows which image a thrown type belongs to, and for a mapped one there
is no answer. So each mapped image gets this one of its own, which knows: it raises the same exception (0xE06D7363, with
the same four parameters), and can be unwound like any function.
"""

from __future__ import annotations

import struct

NAME = "_CxxThrowException"
_MAGIC, _CODE = 0x19930520, 0xE06D7363  # of Microsoft's C++ exceptions


def throwing(address: int, base: int, raise_exception: int) -> tuple[bytes, bytes]:
    """Return the function's code, with its unwind information behind it, and its entry for a function table.

    `address` is where the code will be, relative to the image's start, which is at `base`.
    """
    code = b"".join(
        (
            b"\x48\x83\xec\x48",  # sub rsp, 72
            b"\xb8" + struct.pack("<I", _MAGIC),  # mov eax, magic
            b"\x48\x89\x44\x24\x20",  # mov [rsp+32], rax
            b"\x48\x89\x4c\x24\x28",  # mov [rsp+40], rcx: the object
            b"\x48\x89\x54\x24\x30",  # mov [rsp+48], rdx: its type
            b"\x48\xb8" + struct.pack("<Q", base),  # mov rax, base
            b"\x48\x89\x44\x24\x38",  # mov [rsp+56], rax
            b"\xb9" + struct.pack("<I", _CODE),  # mov ecx, code
            b"\xba\x01\x00\x00\x00",  # mov edx, EXCEPTION_NONCONTINUABLE
            b"\x41\xb8\x04\x00\x00\x00",  # mov r8d, 4
            b"\x4c\x8d\x4c\x24\x20",  # lea r9, [rsp+32]
            b"\x48\xb8" + struct.pack("<Q", raise_exception),  # mov rax, RaiseException
            b"\xff\xd0\xcc",  # call rax; int3
        )
    )
    code += b"\xcc" * (-len(code) % 4)
    unwind = struct.pack("<4B2BH", 1, 4, 1, 0, 4, 0x82, 0)  # one operation: 72 bytes are allocated, at offset 4
    return code + unwind, struct.pack("<3I", address, address + len(code), address + len(code))
