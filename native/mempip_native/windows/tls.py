"""Thread-local storage for mapped images: donors on disk, for as long as this process lives.

The one thing here that Windows takes from files only. A donor has no code; its file belongs to this process alone, and
Windows deletes it when the process ends, however it ends (`files`).
"""

from __future__ import annotations

import ctypes
import sys

from mempip_native.windows import files, kernel32
from mempip_native.windows.donor import INDEX, donor

if sys.platform != "win32":
    raise ImportError("for Windows only")


def lend(template: bytes, zeros: int) -> tuple[int, int]:
    """Return the index of new thread-local storage, of which every thread gets a copy of `template`, and its donor.

    Raises `OSError` if no file can be written or Windows refuses it.
    """
    # Not tempfile's directory: to find that, it writes a file.
    path = files.unique_name(kernel32.temporary_directory()) + ".dll"
    sys.audit("mempip.tls_donor", path)
    handle = files.create(path, donor(template, zeros))
    try:
        module = kernel32.LoadLibraryEx(path, None, 0)
    except OSError:
        kernel32.CloseHandle(handle)
        raise
    files.hold(handle)
    return ctypes.c_uint32.from_address(module + INDEX).value, module
