"""Loading of DLLs: which belong together, what their imports mean, and in which order they start."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

from mempip_native import _extension
from mempip_native._library import Anchor, Plan
from mempip_native.errors import AdapterUnavailable, InvalidPe, LoadError
from mempip_native.windows import extension, files, host, kernel32, sections, throwing
from mempip_native.windows.image import Image
from mempip_native.windows.pe import Pe
from mempip_native.windows.preflight import FILE, REFUSED, plan
from mempip_native.windows.tempfile import TemporaryFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from mempip_native._adapter import Adapter
    from mempip_native._library import LibrarySource
    from mempip_native.windows.pe import Import

if sys.platform != "win32":
    raise ImportError("for Windows only")

_BROKEN = "The wheel is broken; choose another version of it."
_OTHER_MACHINE = "Choose another version of the package, or install it on disk."
_CHOSEN = "the adapter that was chosen has Windows load DLLs from files"


class MappedAnchor(Anchor):
    """A DLL that is loaded. Windows knows no path to it: ``path`` is the one in the environment."""

    __slots__ = ("_image", "_loader", "handle")

    def __init__(self, image: Image, loader: LibraryLoader) -> None:
        super().__init__(image.path, lambda: None)
        self.handle = image.base
        self._image = image
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """See `Anchor.create_module`."""
        return extension.create_module(spec, self.address(_extension.function_name(spec.name)))

    def address(self, key: str | int) -> int:
        """See `Anchor.address`."""
        return self._loader.symbol(self._image, key, self.path)


class FileDll:
    """A DLL that Windows has loaded from ``place``; ``path`` is the one in the environment."""

    __slots__ = ("handle", "path", "place")

    def __init__(self, path: str, place: str, handle: int) -> None:
        self.path = path
        self.place = place
        self.handle = handle


class LibraryLoader:
    """Loads the DLLs of one environment. Safe to use from several threads.

    ``notes`` are sentences about libraries that could be loaded only with a reservation.
    """

    def __init__(self, adapter: Adapter, source: LibrarySource) -> None:
        self.notes: list[str] = []
        self._adapter = adapter
        self._source = source
        self._lock = threading.RLock()
        self._directory = files.Directory()
        self._images: dict[str, Image | FileDll] = {}  # loaded, or about to be, by path in the environment
        self._names: dict[str, Image | FileDll] = {}  # the first that came in under a base name

    @staticmethod
    def name_of(file: str) -> str:
        """Return the name that a file called `file` is needed by, in lower case; empty if it is no DLL."""
        name = file.lower()
        return name if name.endswith((".dll", ".pyd")) else ""

    def load(self, path: str) -> Anchor:
        """Return an anchor for the DLL at `path`, which is loaded, as is what it needs.

        Raises `LoadError`, and `AdapterUnavailable` or `OSError` if there is no memory to be had.
        """
        with self._lock:
            image = self._images.get(path)
            if image is None:
                image = self._load(path)
            return Anchor(image.place, lambda: None) if isinstance(image, FileDll) else MappedAnchor(image, self)

    def explain(self, path: str, message: str) -> LoadError:
        """Return an error about the DLL at `path`."""
        return LoadError(path, message)

    def symbol(self, image: Image | FileDll, key: str | int, wanted_by: str) -> int:
        """Return the address of what `image` exports, forwarders followed. Raises `LoadError`."""
        if isinstance(image, FileDll):
            return _procedure(image.handle, image.path, key, wanted_by)
        found = image.exports.get(key)
        if isinstance(found, int):
            return image.base + found
        if found is None:
            name = f"number {key}" if isinstance(key, int) else key
            raise LoadError(wanted_by, f"{image.path} does not export {name}", _other_version(image.path))
        dll, _, name = found.rpartition(".")
        return self._resolve(f"{dll}.dll", int(name[1:]) if name.startswith("#") else name, image.path)

    # --- one DLL and what it needs ---------------------------------------------------------------

    def _load(self, path: str) -> Image | FileDll:
        begun: list[Image] = []
        parts: dict[Image, Pe] = {}
        try:
            image = self._discover(path, begun, parts)
            for part in begun:
                self._bind(part, parts[part])
            for part in begun:
                part.place()
            while begun:  # what is needed comes before what needs it
                begun[0].start()
                sys.audit("mempip.load_library", begun[0].path)
                del begun[0]
        except BaseException as error:
            for part in begun:
                self._forget(part)
            if isinstance(error, InvalidPe):
                raise LoadError(path, str(error), _BROKEN) from error
            raise
        return image

    def _discover(self, path: str, begun: list[Image], parts: dict[Image, Pe]) -> Image | FileDll:
        """Bring the DLL at `path` into memory, and then everything that it needs of the environment."""
        data, pe, how = self._read(path)
        if how.strategy == FILE:
            return self._load_file(path, data, pe, how)
        image = Image(path, pe)
        self._images[path] = image
        self._names.setdefault(_name(path), image)
        parts[image] = pe
        try:
            for name in self._needs(pe):
                dependency = self._bundled(name, path)
                if dependency is not None and dependency not in self._images:
                    self._discover(dependency, begun, parts)
        except BaseException:
            self._forget(image)
            raise
        begun.append(image)
        return image

    def _read(self, path: str) -> tuple[bytes, Pe, Plan]:
        draft = self._adapter.allocate(path)
        try:
            self._source.inflate(path, draft)
            with sections.View(draft) as view:
                data = view.read(view.size, 0)
            pe = Pe(data)
            how = plan(pe, host.MACHINE, self._forbidden())
        except InvalidPe as error:
            raise LoadError(path, str(error), _BROKEN) from error
        finally:
            sections.close(draft)
        if how.strategy == REFUSED:
            raise LoadError(path, how.reason, _OTHER_MACHINE)
        return data, pe, how

    def _forbidden(self) -> str:
        return _CHOSEN if self._adapter.name == TemporaryFiles.name else host.forbidden()

    def _load_file(self, path: str, data: bytes, pe: Pe, how: Plan) -> FileDll:
        """Have Windows load the DLL at `path` from a file, with what it needs of the environment beside it."""
        places: dict[str, str] = {}
        try:
            self._write(path, data, pe, places)
            directories = {place.rpartition("\\")[0] for place in places.values()}
            with contextlib.ExitStack() as searched:
                for directory in directories:
                    searched.enter_context(os.add_dll_directory(directory))
                flags = kernel32.LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | kernel32.LOAD_LIBRARY_SEARCH_DEFAULT_DIRS
                handles = {written: kernel32.LoadLibraryEx(place, None, flags) for written, place in places.items()}
        except AdapterUnavailable as error:
            raise LoadError(path, f"{how.reason}, and {error}", files.REMEDY) from error
        except OSError as error:
            raise LoadError(path, f"Windows does not load it from a file: {error}") from error
        loaded = {written: FileDll(written, places[written], handle) for written, handle in handles.items()}
        for written, image in loaded.items():
            if isinstance(self._images.setdefault(written, image), Image):
                self.notes.append(f"There are two copies of {written}: {path} has one of its own, in a file.")
            self._names.setdefault(_name(written), image)
            sys.audit("mempip.load_library", written)
        return loaded[path]

    def _write(self, path: str, data: bytes, pe: Pe, places: dict[str, str]) -> None:
        """Write a DLL and what it needs of the environment, each once in a process."""
        places[path] = self._directory.write(path, data)
        for name in self._needs(pe):
            dependency = self._bundled(name, path)
            if dependency is not None and dependency not in places:
                content, needed, _ = self._read(dependency)
                self._write(dependency, content, needed, places)

    def _needs(self, pe: Pe) -> Iterable[str]:
        yield from (name for name, _ in pe.imports())
        yield from (name for name, _ in pe.delayed_imports())

    def _forget(self, image: Image) -> None:
        self._images.pop(image.path, None)
        if self._names.get(_name(image.path)) is image:
            del self._names[_name(image.path)]
        image.discard()

    # --- imports -----------------------------------------------------------------------------------

    def _bind(self, image: Image, pe: Pe) -> None:
        for dll, imports in pe.imports():
            self._fill(image, pe, dll, imports)
        for dll, imports in pe.delayed_imports():
            if self._bundled(dll, image.path) is not None:  # others are the system's, found when they are called
                self._fill(image, pe, dll, imports)

    def _fill(self, image: Image, pe: Pe, dll: str, imports: Iterable[Import]) -> None:
        for key, slot in imports:
            if key == throwing.NAME:
                address = image.throw
            elif key in extension.INTERPOSED:
                address = extension.INTERPOSED[key]()
            else:
                address = self._resolve(dll, key, image.path)
            pe.put(slot, address)

    def _resolve(self, dll: str, key: str | int, wanted_by: str) -> int:
        bundled = self._bundled(dll, wanted_by)
        if bundled is not None:
            image = self._images.get(bundled) or self._load(bundled)
            return self.symbol(image, key, wanted_by)
        return _procedure(_system(dll, wanted_by), dll, key, wanted_by)

    def _bundled(self, name: str, wanted_by: str) -> str | None:
        """Return the path of the DLL of the environment that satisfies `name`, or ``None``: the system's is meant.

        As in Windows, the first that is loaded under a name is it, if it has the bytes that are wanted.
        """
        candidates = [path for path in self._source.find(self.name_of(name)) if path != wanted_by]
        if not candidates:
            return None
        own = _distribution(wanted_by)
        path = min(candidates, key=lambda path: (_distribution(path) != own, len(path), path))
        first = self._names.get(name.lower())
        if first is not None and self._source.identity(first.path) == self._source.identity(path):
            return first.path
        return path


def _procedure(module: int, dll: str, key: str | int, wanted_by: str) -> int:
    """Return the address of what a DLL exports that Windows has loaded. Raises `LoadError`."""
    try:
        return kernel32.procedure(module, key)
    except OSError as error:
        name = f"number {key}" if isinstance(key, int) else key
        raise LoadError(wanted_by, f"{dll} does not export {name}", _other_version(dll)) from error


def _system(dll: str, wanted_by: str) -> int:
    """Return the handle of a DLL that is the system's or the interpreter's. Raises `LoadError` if there is none."""
    if dll.lower() in ("python3.dll", f"python3{sys.version_info[1]}.dll"):
        return sys.dllhandle
    try:
        handle: int = kernel32.LoadLibraryEx(dll, None, kernel32.LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
    except OSError as error:
        raise LoadError(
            wanted_by,
            f"it needs {dll}, which is neither bundled in its wheel nor installed on this system",
            f"{dll} belongs to Windows or to a runtime: install what has it.",
        ) from error
    return handle


def _name(path: str) -> str:
    return path.rpartition("/")[2].lower()


def _distribution(path: str) -> str:
    return path.split("/", 1)[0].removesuffix(".libs")


def _other_version(dll: str) -> str:
    return f"{dll} is of another version than the one it was built with; look for two packages that bundle it."
