"""dyld, the dynamic linker of this process: the functions of ``mach-o/dyld.h`` and ``dlfcn.h``, by ctypes.

The former are deprecated since Mac OS X 10.5 and still there. What is said here of them was read in dyld's source.
"""

from __future__ import annotations

import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

if sys.platform == "win32":
    raise ImportError("for POSIX only")

SUCCESS = 1  # NSObjectFileImageReturnCode
_BINDNOW, _PRIVATE, _RETURN_ON_ERROR = 1, 2, 4
OPTIONS = _BINDNOW | _PRIVATE | _RETURN_ON_ERROR

_POINTER = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "valloc": (_POINTER, [ctypes.c_size_t]),
    "free": (None, [_POINTER]),
    "NSCreateObjectFileImageFromMemory": (ctypes.c_int, [_POINTER, ctypes.c_size_t, ctypes.POINTER(_POINTER)]),
    "NSLinkModule": (_POINTER, [_POINTER, ctypes.c_char_p, ctypes.c_uint32]),
    "NSDestroyObjectFileImage": (ctypes.c_bool, [_POINTER]),
    "NSLookupSymbolInModule": (_POINTER, [_POINTER, ctypes.c_char_p]),
    "NSAddressOfSymbol": (_POINTER, [_POINTER]),
}


class Functions:
    """dyld's functions, declared. ``can_link`` is whether this system still has those of ``mach-o/dyld.h``."""

    def __init__(self) -> None:
        library = ctypes.PyDLL(None)  # as dlopen is called by importlib: what a library does first may need the GIL
        self.can_link = all(hasattr(library, name) for name in _SIGNATURES)
        for name, (result, arguments) in _SIGNATURES.items() if self.can_link else ():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Any]: ...

    def is_loaded(self, path: str) -> bool:
        """Return whether the library at `path` is in this process. From then on it is never unloaded."""
        import _ctypes

        try:
            _ctypes.dlopen(path, os.RTLD_LAZY | os.RTLD_NOLOAD)
        except OSError:
            return False
        return True


def link(functions: Functions, content: bytes, name: str, directory: str) -> int:
    """Have dyld link the bundle in `content`, and return the module; 0 if it does not.

    dyld writes what it is given to ``$TMPDIR/NSCreateObjectFileImageFromMemory-XXXXXXXX``, loads that, and removes it
    only if that worked. So the file is in `directory`, which is private and empty, and is empty again afterwards.
    """
    if not functions.can_link:
        return 0
    # Page-aligned, for old versions of dyld; free() takes it. It is dyld's once there is an image.
    memory = functions.valloc(len(content))
    if not memory:
        raise MemoryError
    ctypes.memmove(memory, content, len(content))
    image = _POINTER()
    if functions.NSCreateObjectFileImageFromMemory(memory, len(content), ctypes.byref(image)) != SUCCESS:
        functions.free(memory)
        return 0
    before = os.environ.get("TMPDIR")
    os.putenv("TMPDIR", directory)  # dyld's getenv() alone sees it: os.environ is as it was
    try:
        module: int | None = functions.NSLinkModule(image, os.fsencode(name), OPTIONS)
    finally:
        if before is None:
            os.unsetenv("TMPDIR")
        else:
            os.putenv("TMPDIR", before)
        functions.NSDestroyObjectFileImage(image)  # what is linked stays; the memory is freed
        for left in os.listdir(directory):
            os.unlink(os.path.join(directory, left))
    return module or 0


def address(functions: Functions, module: int, name: str) -> int:
    """Return the address of what a linked module exports under a name, as C has it; 0 if that is nothing."""
    symbol = functions.NSLookupSymbolInModule(module, b"_" + name.encode())
    return functions.NSAddressOfSymbol(symbol) or 0 if symbol else 0
