"""A dyld that loads nothing, and keeps to the rules of the real one: those that a loader can get wrong.

As read in dyld's source. Files, their inodes, TMPDIR and the memory handed over are real.
"""

from __future__ import annotations

import ctypes
import os
import posixpath
import tempfile
from typing import TYPE_CHECKING, Any

from mempip_native.macos.macho import MH_BUNDLE, MachO, slice_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SYSTEM = ("/usr/lib/", "/System/")

_library = ctypes.PyDLL(None)
_library.getenv.restype = ctypes.c_char_p
_library.valloc.restype = ctypes.c_void_p
_library.valloc.argtypes = [ctypes.c_size_t]
_library.free.argtypes = [ctypes.c_void_p]


class Image:
    """Something that is loaded."""

    def __init__(self, path: str, content: bytes, macho: MachO) -> None:
        self.path = path
        self._mapped = os.open(path, os.O_RDONLY)  # as long as it is, nobody gets its inode
        self.inode = os.fstat(self._mapped).st_ino
        self.content = content
        self.macho = macho
        self.needs: list[Image | str] = []

    def __del__(self) -> None:
        os.close(self._mapped)


class FakeDyld:
    """What `mempip_native.macos.dyld.Functions` is on macOS. ``calls`` are the functions that were called, in order.

    ``symbols`` finds the address of what a bundle of certain bytes exports. ``failing`` has links fail.
    """

    can_link = True

    def __init__(self, architecture: str = "arm64") -> None:
        self.architecture = architecture
        self.calls: list[str] = []
        self.images: list[Image] = []
        self.symbols: Callable[[bytes, bytes], int] = lambda content, name: 0x1000
        self.failing = False
        self.transient: list[str] = []  # files that NSLinkModule has made
        self._memory: dict[int, int] = {}  # address → size, of what is not freed
        self._pending: dict[int, bytes] = {}
        self._modules: dict[int, Image] = {}

    # --- dlfcn.h -----------------------------------------------------------------------------------

    def dlopen(self, path: str) -> Image:
        """Load the file at `path`. Raises `OSError` with words like dyld's."""
        self.calls.append("dlopen")
        before = list(self.images)
        try:
            return self._load(path, path, [])
        except OSError as error:
            self.images = before
            raise OSError(f"dlopen({path}, 0x0002): {error}") from error

    def is_loaded(self, path: str) -> bool:
        return any(image.path == path for image in self.images)

    def _load(self, name: str, path: str, rpaths: Sequence[str]) -> Image:
        # The text of the path comes first, and only then whether there is a file; then which file it is.
        for image in self.images:
            if image.path == path:
                return image
        if not os.path.isfile(path):
            raise FileNotFoundError(f"tried: '{path}' (no such file)")
        for image in self.images:
            if image.inode == os.stat(path).st_ino:
                return image
        with open(path, "rb") as file:
            content = file.read()
        image = Image(os.path.realpath(path), content, self._accepted(path, content))
        self.images.append(image)
        own = [self._beside(rpath, image.path) for rpath in image.macho.rpaths]
        for need in image.macho.needed:
            image.needs.append(self._find(need, image, [*own, *rpaths]))
        return image

    def _accepted(self, path: str, content: bytes) -> MachO:
        macho = slice_for(content, self.architecture)
        if self.architecture == "arm64" and not macho.signed:
            raise OSError(f"tried: '{path}' (mapped file has no cdhash, completely unsigned?)")
        return macho

    def _find(self, need: str, by: Image, rpaths: Sequence[str]) -> Image | str:
        """Find what a load command names. An id such as /DLC/… of what is loaded satisfies nobody."""
        if need.startswith(SYSTEM):
            return need
        start, _, rest = need.partition("/")
        candidates = [f"{rpath}/{rest}" for rpath in rpaths] if start == "@rpath" else [self._beside(need, by.path)]
        reasons = []
        for candidate in candidates:
            try:
                return self._load(need, candidate, rpaths)
            except FileNotFoundError as error:
                reasons.append(str(error))
        reason = ", ".join(reasons) or "no LC_RPATH's found"
        raise OSError(f"Library not loaded: {need}\n  Referenced from: {by.path}\n  Reason: {reason}")

    @staticmethod
    def _beside(name: str, path: str) -> str:
        """Put the directory of `path` for @loader_path. What is left of it stays as it is, ``..`` too."""
        return name.replace("@loader_path", posixpath.dirname(path), 1)

    # --- mach-o/dyld.h -----------------------------------------------------------------------------

    def valloc(self, size: int) -> int:
        address: int = _library.valloc(size)
        self._memory[address] = size
        return address

    def free(self, address: int) -> None:
        del self._memory[address]  # freeing twice is an error
        _library.free(address)

    def NSCreateObjectFileImageFromMemory(self, address: int, size: int, image: Any) -> int:  # noqa: N802
        self.calls.append("NSCreateObjectFileImageFromMemory")
        content = ctypes.string_at(address, size)
        if slice_for(content, self.architecture).kind != MH_BUNDLE:
            return 2  # NSObjectFileImageInappropriateFile
        image._obj.value = address
        self._pending[address] = content
        return 1

    def NSLinkModule(self, image: Any, name: bytes, options: int) -> int | None:  # noqa: N802
        self.calls.append("NSLinkModule")
        assert options & 4, "without RETURN_ON_ERROR a failure ends the process"
        content = self._pending[image.value]
        directory = (_library.getenv(b"TMPDIR") or b"/tmp/").decode()
        descriptor, path = tempfile.mkstemp(prefix="NSCreateObjectFileImageFromMemory-", dir=directory)
        self.transient.append(path)
        with open(descriptor, "wb") as file:
            file.write(content)
        try:
            if self.failing:
                return None  # the file stays
            loaded = self._load(path, path, [])
        except OSError:
            return None
        os.unlink(path)
        module = 0x100000000 + len(self._modules)
        self._modules[module] = loaded
        return module

    def NSDestroyObjectFileImage(self, image: Any) -> bool:  # noqa: N802
        self.calls.append("NSDestroyObjectFileImage")
        del self._pending[image.value]
        self.free(image.value)  # it was given away
        return True

    def NSLookupSymbolInModule(self, module: int, name: bytes) -> int | None:  # noqa: N802
        self.calls.append("NSLookupSymbolInModule")
        return self.symbols(self._modules[module].content, name) or None

    def NSAddressOfSymbol(self, symbol: int) -> int:  # noqa: N802
        self.calls.append("NSAddressOfSymbol")
        return symbol

    @property
    def leaked(self) -> int:
        """How many blocks of memory nobody freed."""
        return len(self._memory)
