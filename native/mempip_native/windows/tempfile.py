"""The adapter of last choice: the objects of the first one, and every DLL in a file while the program runs."""

from __future__ import annotations

import os
import sys

from mempip_native._adapter import Probe
from mempip_native.errors import AdapterUnavailable
from mempip_native.windows import files, kernel32
from mempip_native.windows.donor import donor
from mempip_native.windows.mapped import Mapped

if sys.platform != "win32":
    raise ImportError("for Windows only")


class TemporaryFiles(Mapped):
    """Sections, and DLLs that Windows loads from a directory below the one that ``MEMPIP_TMPDIR`` names."""

    name = "tempfile"

    def probe(self) -> Probe:
        """See `Adapter.probe`. The file has no code."""
        outcome = super().probe()
        if not outcome.ok:
            return outcome
        parent = os.environ.get(files.VARIABLE, "")
        if not parent:
            return Probe(self.name, False, f"{files.VARIABLE} names no directory", files.REMEDY)
        try:
            path = files.unique_name(os.path.abspath(parent)) + ".dll"
            handle = files.create(path, donor(bytes(8), 0))
            try:
                kernel32.FreeLibrary(kernel32.LoadLibraryEx(path, None, 0))
            finally:
                kernel32.CloseHandle(handle)
        except (AdapterUnavailable, OSError) as error:
            return Probe(self.name, False, f"no DLL can be loaded from {parent}: {error}", files.REMEDY)
        return outcome
