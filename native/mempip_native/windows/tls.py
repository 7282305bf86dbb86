"""Thread-local storage for mapped images: donors on disk, for as long as this process lives.

The one thing here that Windows takes from files only. A donor has no code; its file belongs to this process alone, and
Windows deletes it when the process ends, however it ends.
"""

from __future__ import annotations

import ctypes
import os
import sys

from mempip_native.windows import kernel32
from mempip_native.windows.donor import INDEX, donor

if sys.platform != "win32":
    raise ImportError("for Windows only")

_held: list[int] = []  # handles of files that are deleted when they are closed


def lend(template: bytes, zeros: int) -> tuple[int, int]:
    """Return the index of new thread-local storage, of which every thread gets a copy of `template`, and its donor.

    Raises `OSError` if no file can be written or Windows refuses it.
    """
    # Not tempfile's directory: to find that, it writes a file.
    path = os.path.join(kernel32.temporary_directory(), f"mempip-{os.getpid()}-{os.urandom(6).hex()}.dll")
    content = donor(template, zeros)
    sharing = kernel32.FILE_SHARE_READ | kernel32.FILE_SHARE_DELETE
    sys.audit("mempip.tls_donor", path)
    created = kernel32.open_file(
        path, kernel32.GENERIC_WRITE, sharing, kernel32.CREATE_NEW, kernel32.FILE_ATTRIBUTE_TEMPORARY
    )
    try:
        kernel32.WriteFile(created, content, len(content), ctypes.byref(ctypes.c_ulong()), None)
        kernel32.CloseHandle(created)
        held = kernel32.open_file(
            path, kernel32.DELETE, sharing, kernel32.OPEN_EXISTING, kernel32.FILE_FLAG_DELETE_ON_CLOSE
        )
    except OSError:
        os.unlink(path)
        raise
    try:
        module = kernel32.LoadLibraryEx(path, None, 0)
    except OSError:
        kernel32.CloseHandle(held)
        raise
    _held.append(held)
    return ctypes.c_uint32.from_address(module + INDEX).value, module
