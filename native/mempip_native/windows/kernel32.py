"""The functions of kernel32.dll that this room calls, with their types, and their failures as `OSError`."""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if sys.platform != "win32":
    raise ImportError("for Windows only")

PAGE = 4096  # bytes

PAGE_NOACCESS = 0x01
PAGE_READONLY = 0x02
PAGE_READWRITE = 0x04
PAGE_EXECUTE_READ = 0x20
MEM_COMMIT = 0x1000
MEM_RESERVE = 0x2000
MEM_RELEASE = 0x8000
SECTION_QUERY = 0x1
FILE_MAP_WRITE = 0x2
FILE_MAP_READ = 0x4
DUPLICATE_CLOSE_SOURCE = 0x1
DUPLICATE_SAME_ACCESS = 0x2
PROCESS_DUP_HANDLE = 0x40
HANDLE_FLAG_INHERIT = 0x1
PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
_ERROR_INVALID_PARAMETER = 87
#: Full access for the owner of what has it and of all that is made in it, and for nobody else (SDDL).
_OWNERS_ALONE = "D:P(A;OICI;FA;;;OW)"

ERROR_TOO_MANY_OPEN_FILES = 4
ERROR_NO_SYSTEM_RESOURCES = 1450

_dll = ctypes.WinDLL("kernel32", use_last_error=True)


def _function(name: str, result: Any, *arguments: Any) -> Any:
    """Return a function of kernel32 that raises `OSError` where it returns 0."""
    function = getattr(_dll, name)
    function.restype = result
    function.argtypes = arguments

    def check(value: Any, *_: object) -> Any:
        if not value:
            raise ctypes.WinError(ctypes.get_last_error())
        return value

    function.errcheck = check
    return function


_HANDLE, _DWORD, _BOOL, _TEXT = wintypes.HANDLE, wintypes.DWORD, wintypes.BOOL, wintypes.LPCWSTR
_SIZE, _POINTER = ctypes.c_size_t, ctypes.c_void_p

CloseHandle = _function("CloseHandle", _BOOL, _HANDLE)
SetHandleInformation = _function("SetHandleInformation", _BOOL, _HANDLE, _DWORD, _DWORD)
CreateFileMapping = _function(
    "CreateFileMappingW", _HANDLE, _HANDLE, _POINTER, _DWORD, _DWORD, _DWORD, wintypes.LPCWSTR
)
MapViewOfFile = _function("MapViewOfFile", _POINTER, _HANDLE, _DWORD, _DWORD, _DWORD, _SIZE)
UnmapViewOfFile = _function("UnmapViewOfFile", _BOOL, _POINTER)
OpenProcess = _function("OpenProcess", _HANDLE, _DWORD, _BOOL, _DWORD)
DuplicateHandle = _function(
    "DuplicateHandle", _BOOL, _HANDLE, _HANDLE, _HANDLE, ctypes.POINTER(_HANDLE), _DWORD, _BOOL, _DWORD
)
VirtualAlloc = _function("VirtualAlloc", _POINTER, _POINTER, _SIZE, _DWORD, _DWORD)
VirtualFree = _function("VirtualFree", _BOOL, _POINTER, _SIZE, _DWORD)
VirtualProtect = _function("VirtualProtect", _BOOL, _POINTER, _SIZE, _DWORD, ctypes.POINTER(_DWORD))
VirtualQuery = _function("VirtualQuery", _SIZE, _POINTER, _POINTER, _SIZE)
_advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)
InitializeAcl = _advapi32.InitializeAcl

DescriptorFromText = _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW
DescriptorFromText.argtypes = _TEXT, _DWORD, ctypes.POINTER(_POINTER), _POINTER
LocalFree = _dll.LocalFree
LocalFree.argtypes = (_POINTER,)

#: A handle that means this process wherever it is used.
THIS_PROCESS = -1


class SecurityDescriptor(ctypes.Structure):
    """SECURITY_DESCRIPTOR."""

    _fields_ = (
        ("revision", ctypes.c_ubyte),
        ("padding", ctypes.c_ubyte),
        ("control", wintypes.WORD),
        ("owner", _POINTER),
        ("group", _POINTER),
        ("system_list", _POINTER),
        ("access_list", _POINTER),
    )


class SecurityAttributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (("length", _DWORD), ("descriptor", _POINTER), ("inherited", _BOOL))


class MemoryInformation(ctypes.Structure):
    """MEMORY_BASIC_INFORMATION."""

    _fields_ = (
        ("base", _POINTER),
        ("allocation_base", _POINTER),
        ("allocation_protection", _DWORD),
        ("partition", wintypes.WORD),
        ("size", _SIZE),
        ("state", _DWORD),
        ("protection", _DWORD),
        ("kind", _DWORD),
    )


def duplicate(process: int, handle: int, access: int = 0, options: int = DUPLICATE_SAME_ACCESS) -> int:
    """Return a handle of this process, which children do not inherit, to what `handle` is in `process`."""
    made = _HANDLE()
    DuplicateHandle(process, handle, THIS_PROCESS, ctypes.byref(made), access, 0, options)
    return made.value or 0


# --- DLLs ------------------------------------------------------------------------------------------

DLL_PROCESS_ATTACH = 1
#: The program's directory, the system's, and those of `os.add_dll_directory`: what importlib allows, too.
LOAD_LIBRARY_SEARCH_DEFAULT_DIRS = 0x1000
#: The directory that a DLL is in.
LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR = 0x100

GENERIC_WRITE = 0x40000000
DELETE = 0x00010000
FILE_SHARE_READ = 0x1
FILE_SHARE_DELETE = 0x4
CREATE_NEW = 1
OPEN_EXISTING = 3
FILE_ATTRIBUTE_TEMPORARY = 0x100
FILE_FLAG_DELETE_ON_CLOSE = 0x04000000

GetTempPath = _function("GetTempPathW", _DWORD, _DWORD, wintypes.LPWSTR)
LoadLibraryEx = _function("LoadLibraryExW", _HANDLE, _TEXT, _HANDLE, _DWORD)
FreeLibrary = _function("FreeLibrary", _BOOL, _HANDLE)
GetProcAddress = _function("GetProcAddress", _POINTER, _HANDLE, _POINTER)
AddFunctionTable = _function("RtlAddFunctionTable", ctypes.c_ubyte, _POINTER, _DWORD, ctypes.c_uint64)
DeleteFunctionTable = _function("RtlDeleteFunctionTable", ctypes.c_ubyte, _POINTER)
FlushInstructionCache = _function("FlushInstructionCache", _BOOL, _HANDLE, _POINTER, _SIZE)
WriteFile = _function("WriteFile", _BOOL, _HANDLE, _POINTER, _DWORD, ctypes.POINTER(_DWORD), _POINTER)
CreateDirectory = _function("CreateDirectoryW", _BOOL, _TEXT, _POINTER)
CreateFile = _dll.CreateFileW
CreateFile.restype = _HANDLE
CreateFile.argtypes = _TEXT, _DWORD, _DWORD, _POINTER, _DWORD, _DWORD, _HANDLE


def procedure(module: int, key: str | int) -> int:
    """Return the address of what a DLL of the system's exports. Raises `OSError` if it does not."""
    address: int = GetProcAddress(module, key if isinstance(key, int) else ctypes.c_char_p(key.encode("latin-1")))
    return address


def temporary_directory() -> str:
    """Return the directory that Windows has for temporary files (TMP, TEMP, …). Raises `OSError`."""
    buffer = ctypes.create_unicode_buffer(32768)
    GetTempPath(len(buffer), buffer)
    return buffer.value


def open_file(path: str, access: int, sharing: int, disposition: int, flags: int) -> int:
    """Return the handle of a file, which children do not inherit. Raises `OSError`."""
    handle: int | None = CreateFile(path, access, sharing, None, disposition, flags, None)
    if handle in (None, ctypes.c_void_p(-1).value):
        raise ctypes.WinError(ctypes.get_last_error())
    return handle or 0


def make_private_directory(path: str) -> None:
    """Make a directory for this user alone. Raises `OSError`: it exists, or cannot be made."""
    descriptor = _POINTER()
    if not DescriptorFromText(_OWNERS_ALONE, 1, ctypes.byref(descriptor), None):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        attributes = SecurityAttributes(ctypes.sizeof(SecurityAttributes), descriptor)
        CreateDirectory(path, ctypes.byref(attributes))
    finally:
        LocalFree(descriptor)


def is_running(process: int) -> bool:
    """Return whether there is a process with that number."""
    try:
        CloseHandle(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, process))
    except OSError as error:
        return error.winerror != _ERROR_INVALID_PARAMETER
    return True
