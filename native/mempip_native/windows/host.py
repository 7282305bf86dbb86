"""What this process is, and whether DLLs can be mapped in it at all."""

from __future__ import annotations

import ctypes
import sys

from mempip_native.windows import kernel32
from mempip_native.windows.pe import AMD64, ARM64

if sys.platform != "win32":
    raise ImportError("for Windows only")

MACHINE = ARM64 if "ARM64" in sys.version else AMD64  # where sysconfig has it from


def forbidden() -> str:
    """Return why no DLL can be mapped here, whatever it is; nothing if some can."""
    if "free-threading" in sys.version:
        return "DLLs are not mapped in free-threaded interpreters"
    if not _may_execute():
        return "a policy forbids this process new executable memory (Arbitrary Code Guard)"
    return ""


def _may_execute() -> bool:
    """Return whether memory that was written can be made executable. Nothing is executed."""
    allocation = kernel32.MEM_RESERVE | kernel32.MEM_COMMIT
    page = kernel32.VirtualAlloc(None, kernel32.PAGE, allocation, kernel32.PAGE_READWRITE)
    try:
        kernel32.VirtualProtect(page, kernel32.PAGE, kernel32.PAGE_EXECUTE_READ, ctypes.byref(ctypes.c_ulong()))
    except OSError:
        return False
    finally:
        kernel32.VirtualFree(page, 0, kernel32.MEM_RELEASE)
    return True
