"""One DLL in memory: placed, bound, protected, started. What is done here is what Windows' own loader does."""

from __future__ import annotations

import ctypes
import sys

from mempip_native.errors import LoadError
from mempip_native.windows import kernel32, tls
from mempip_native.windows.pe import EXCEPTIONS, EXECUTE, WRITE
from mempip_native.windows.throwing import throwing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native.windows.pe import Pe

if sys.platform != "win32":
    raise ImportError("for Windows only")

_FUNCTION = 12  # bytes of an entry in a function table
_Entry = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)


class Image:
    """A DLL at ``base``. Behind its last page are some of mempip's: the function that throws, and the function table.

    There is one table, the DLL's with that function at its end, since Wine takes the first table that spans an address.

    Until `start` has returned, `discard` undoes everything.
    """

    def __init__(self, path: str, pe: Pe) -> None:
        self.path = path
        self.exports = pe.exports()
        self._pe = pe
        self._size = -(-pe.size // kernel32.PAGE) * kernel32.PAGE
        self._functions = pe.directory(EXCEPTIONS)
        self._table = 0
        table = kernel32.PAGE + self._functions[1] + _FUNCTION
        self._whole = self._size + table + -table % kernel32.PAGE
        self._donor = 0
        allocation = kernel32.MEM_RESERVE | kernel32.MEM_COMMIT
        self.base: int = kernel32.VirtualAlloc(None, self._whole, allocation, kernel32.PAGE_READWRITE)
        try:
            pe.relocate(self.base)
        except BaseException:
            self.discard()
            raise

    @property
    def throw(self) -> int:
        """The address of its function that throws C++ exceptions."""
        return self.base + self._size

    def place(self) -> None:
        """Put the bytes, which are relocated and bound, where they belong, and give each page the access it needs.

        No page is ever writable and executable at once. Raises `OSError`.
        """
        pe = self._pe
        storage = pe.tls()
        if storage is not None and storage.size + storage.zeros:
            template = bytes(pe.image[storage.template : storage.template + storage.size])
            index, self._donor = tls.lend(template, storage.zeros)
            pe.image[storage.index : storage.index + 4] = index.to_bytes(4, "little")
        ctypes.memmove(self.base, (ctypes.c_char * pe.size).from_buffer(pe.image), pe.size)
        self._append()
        self._protect(0, self._whole, kernel32.PAGE_READONLY)
        for section in pe.sections:
            access = kernel32.PAGE_READONLY
            if section.flags & EXECUTE:
                access = kernel32.PAGE_EXECUTE_READ
            elif section.flags & WRITE:
                access = kernel32.PAGE_READWRITE
            if section.size and access != kernel32.PAGE_READONLY:
                self._protect(section.address, section.size, access)
        self._protect(self._size, kernel32.PAGE, kernel32.PAGE_EXECUTE_READ)
        kernel32.FlushInstructionCache(kernel32.THIS_PROCESS, self.base, self._whole)

    def start(self) -> None:
        """Run its TLS callbacks and its entry point. Raises `LoadError` if it does not want to be loaded."""
        pe = self._pe
        storage = pe.tls()
        for callback in storage.callbacks if storage is not None else ():
            _Entry(self.base + callback)(self.base, kernel32.DLL_PROCESS_ATTACH, None)
        if pe.entry and not _Entry(self.base + pe.entry)(self.base, kernel32.DLL_PROCESS_ATTACH, None):
            raise LoadError(self.path, "its DllMain refuses to be loaded")
        del self._pe  # its bytes are in their place, and those here of no more use

    def discard(self) -> None:
        """Give back the memory. Nothing of the image may be in use."""
        if self._table:
            kernel32.DeleteFunctionTable(self._table)
        if self._donor:
            kernel32.FreeLibrary(self._donor)
        kernel32.VirtualFree(self.base, 0, kernel32.MEM_RELEASE)

    def _append(self) -> None:
        """Write the function that throws and the function table behind the image, and tell Windows the table."""
        code, entry = throwing(self._size, self.base, _raise_exception())
        ctypes.memmove(self.throw, code, len(code))
        address, size = self._functions
        count = size // _FUNCTION
        self._pe.check(address, size)
        table = bytes(self._pe.image[address : address + count * _FUNCTION]) + entry
        at = self.throw + kernel32.PAGE
        ctypes.memmove(at, table, len(table))
        kernel32.AddFunctionTable(at, count + 1, self.base)
        self._table = at

    def _protect(self, start: int, size: int, access: int) -> None:
        kernel32.VirtualProtect(self.base + start, size, access, ctypes.byref(ctypes.c_ulong()))


def _raise_exception() -> int:
    module = kernel32.LoadLibraryEx("kernel32.dll", None, kernel32.LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
    return kernel32.procedure(module, "RaiseException")
