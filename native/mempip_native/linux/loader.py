"""Loading of ELF libraries: which belong together, which come first, how long their memory objects stay open."""

from __future__ import annotations

import mmap
import os
import sys
from _thread import RLock

from mempip_native._library import Anchor
from mempip_native.errors import InvalidElf, LoadError, Unbindable
from mempip_native.linux import linker
from mempip_native.linux.descriptors import reserve
from mempip_native.linux.elf import Elf
from mempip_native.linux.interposition import Imports
from mempip_native.linux.resolution import resolve, search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mempip_native._adapter import Adapter
    from mempip_native._library import LibrarySource

if sys.platform != "linux":
    raise ImportError("for Linux only")


class _Library:
    """One library on its way from a memory object into the process."""

    __slots__ = ("fd", "group", "imports", "loaded", "needs", "number", "path", "shared", "soname", "spelling")

    def __init__(self, path: str, fd: int, shared: bool, soname: str, imports: Imports) -> None:
        self.path = path
        self.fd = fd  # -1 once closed
        self.shared = shared  # the object is a store's: it cannot be changed
        self.soname = soname
        self.imports = imports
        self.needs: list[tuple[str, _Library]] = []  # DT_NEEDED names that bundled libraries satisfy
        self.group: list[_Library] = [self]  # those that need each other, and so load together
        self.number = -1  # a descriptor of its own that other libraries are bound to; open for good
        self.spelling = ""  # the path given to dlopen
        self.loaded = False


class LibraryLoader:
    """Loads libraries of one environment through one adapter. Safe to use from several threads.

    ``notes`` are sentences about libraries that could be loaded only with a reservation.
    """

    def __init__(self, adapter: Adapter, source: LibrarySource) -> None:
        self.notes: list[str] = []
        self._adapter = adapter
        self._source = source
        self._lock = RLock()
        self._libraries: dict[str, _Library] = {}  # prepared or loaded, by path in the environment
        self._sonames: dict[str, _Library] = {}  # who was first to bring a SONAME into the process
        self._musl = not linker.glibc_version()
        # musl opens a path each time instead of remembering it; gdb reads symbols from what is open.
        self._keep = self._musl or os.environ.get("MEMPIP_KEEP_DESCRIPTORS", "0") not in ("", "0")
        os.register_at_fork(after_in_child=self._after_fork)

    @staticmethod
    def name_of(file: str) -> str:
        """Return the name that a file called `file` is needed by, empty if it is no library."""
        return file if ".so" in file else ""

    def load(self, path: str) -> Anchor:
        """Return an anchor for the library at `path`; what it needs of the environment is loaded already.

        The library itself need not be: that is for importlib, or whoever opens ``anchor.path``. The same library
        always has the same path in a process. Raises `LoadError`, and `AdapterUnavailable` or `OSError` if
        there is no memory object to be had.
        """
        with self._lock:
            library = self._libraries.get(path)
            if library is None:
                library = self._prepare(path)
            return Anchor(library.spelling, lambda: self._close(library))

    def dlopen(self, path: str, mode: int = linker.NOW) -> int:
        """Load the library at `path` and what it needs, and return its handle. Raises what `load` raises."""
        with self.load(path) as anchor:
            try:
                return linker.dlopen(anchor.path, mode)
            except OSError as error:
                raise self.explain(path, str(error)) from error

    def explain(self, path: str, message: str) -> LoadError:
        """Return what the dynamic linker's `message` about the library at `path` means."""
        names = {library.spelling: library.path for library in self._libraries.values()}
        return linker.explain(path, message, names)

    # --- one library and what it needs -----------------------------------------------------------

    def _prepare(self, path: str) -> _Library:
        closure: dict[str, _Library] = {}
        try:
            root = self._discover(path, (), closure)
            for group in components(closure.values()):
                for library in group:
                    library.group = group
                    self._finish(library)
                self._libraries.update((library.path, library) for library in group)
                if root not in group or any(library.imports for library in group):
                    self._load(group)
        except BaseException:
            self._settle(closure.values())
            raise
        self._settle(library for library in closure.values() if library not in root.group)
        return root

    def _discover(self, path: str, inherited: Sequence[str], closure: dict[str, _Library]) -> _Library:
        """Bring the library at `path` into memory, and then everything that it needs of the environment."""
        library, elf = self._read(path)
        closure[path] = library
        directories, inherited = search_path(elf, path, inherited)
        for name in elf.needed:
            dependency = resolve(name, path, directories, self._source)
            if dependency is None or dependency == path:
                continue
            known = self._same(name, dependency, closure)
            if known is None:
                if not self._musl and name not in self._sonames and linker.is_loaded(name):
                    continue  # the process has one of that name from elsewhere: the linker takes that
                known = self._discover(dependency, inherited, closure)
            library.needs.append((name, known))
        return library

    def _same(self, name: str, path: str, closure: dict[str, _Library]) -> _Library | None:
        """Return the library of this environment that is `path`, or that has its name and its bytes."""
        known = self._libraries.get(path) or closure.get(path)
        if known is not None:
            return known
        first = self._sonames.get(name)
        if first is None:
            return None
        same = is_hashed(name) or self._source.identity(first.path) == self._source.identity(path)
        return first if same else None

    def _read(self, path: str) -> tuple[_Library, Elf]:
        fd = self._source.sealed(path)
        shared = fd is not None
        if fd is None:
            fd = self._adapter.allocate(path)
        try:
            if not shared:
                self._source.inflate(path, fd)
            with _mapped(fd) as data:
                elf = Elf(data)
                imports = Imports(elf, data)
            linker.check_machine(path, elf)
        except InvalidElf as error:
            os.close(fd)
            raise LoadError(path, str(error), "The wheel is broken; choose another version of it.") from error
        except BaseException:
            os.close(fd)
            raise
        return _Library(path, fd, shared, elf.soname, imports), elf

    # --- from memory object to path --------------------------------------------------------------

    def _finish(self, library: _Library) -> None:
        """Bind what SONAMEs cannot tell apart, seal the object and give it its path."""
        bound = {name: dependency for name, dependency in library.needs if self._must_bind(library, name, dependency)}
        if bound:
            self._bind(library, bound)
        if not library.shared:
            library.fd = self._adapter.seal(library.fd)
        if library.number >= 0:
            os.dup2(library.fd, library.number, inheritable=False)
        library.spelling = self._adapter.path(library.fd)

    def _must_bind(self, library: _Library, name: str, dependency: _Library) -> bool:
        return self._unnamed(library, name, dependency) or self._sonames.get(name) is not dependency

    def _unnamed(self, library: _Library, name: str, dependency: _Library) -> bool:
        """Return whether the linker would find nothing at all under `name` when it loads `library`."""
        return self._musl or dependency.soname != name or dependency in library.group

    def _bind(self, library: _Library, bound: dict[str, _Library]) -> None:
        """Let the names in `bound` mean descriptors in the library's bytes, which become private if need be."""
        from mempip_native.linux import binding

        try:
            targets = {name: self._target(dependency) for name, dependency in bound.items()}
            with _mapped(library.fd) as data:
                edits = binding.bind(Elf(data), data, targets)
        except (Unbindable, InvalidElf) as error:
            names = " and ".join(dependency.path for dependency in bound.values())
            if any(self._unnamed(library, name, dependency) for name, dependency in bound.items()):
                raise LoadError(library.path, f"it cannot be bound to {names}: {error}") from error
            self.notes.append(f"{library.path} shares the first loaded library of a name instead of {names}: {error}")
            return
        if library.shared:
            library.fd = self._private_copy(library)
            library.shared = False
        for offset, content in edits:
            os.pwrite(library.fd, content, offset)

    def _target(self, library: _Library) -> tuple[int, str]:
        """Return the number and a path that other libraries are to find `library` by."""
        if library.number < 0 and library.fd < 0:
            return -1, library.spelling  # loaded: the linker knows it by that path, open or not
        if library.number < 0:
            library.number = reserve(library.fd)
        return library.number, self._adapter.path(library.number)

    def _private_copy(self, library: _Library) -> int:
        copy = self._adapter.allocate(library.path)
        size = os.fstat(library.fd).st_size
        done = 0
        while done < size:
            done += os.sendfile(copy, library.fd, done, size - done)
        os.close(library.fd)
        return copy

    # --- into the process, and after ---------------------------------------------------------------

    def _load(self, group: Sequence[_Library]) -> None:
        for library in group:
            try:
                try:
                    linker.dlopen(library.spelling, linker.NOW)
                except OSError as error:
                    if not linker.lacks_symbol(str(error)):
                        raise
                    # Underlinked libraries take functions from whatever comes to need them.
                    linker.dlopen(library.spelling, linker.LATER)
            except OSError as error:
                raise self.explain(library.path, str(error)) from error
            self._note_loaded(library)

    def _note_loaded(self, library: _Library) -> None:
        library.loaded = True
        if library.imports:
            library.imports.connect(library.spelling, self._adapter)
        first = self._sonames.setdefault(library.soname, library) if library.soname else library
        if first is not library and library.number < 0:
            library.number = reserve(library.fd)  # whoever needs it must be bound to it

    def _close(self, library: _Library) -> None:
        with self._lock:
            self._settle(library.group)

    def _settle(self, libraries: Iterable[_Library]) -> None:
        """Close the objects of libraries that were loaded; forget those that were not."""
        for library in libraries:
            if library.fd < 0:
                continue
            if not library.loaded and library.spelling and linker.hold(library.spelling):
                self._note_loaded(library)
            if library.loaded and self._keep:
                continue
            os.close(library.fd)
            library.fd = -1
            if not library.loaded:
                self._libraries.pop(library.path, None)
                if library.number >= 0:
                    os.close(library.number)
                    library.number = -1

    def _after_fork(self) -> None:
        self._lock = RLock()  # another thread may have held it
        for library in self._libraries.values():
            if not library.loaded:  # its path is one of the parent's
                library.spelling = self._adapter.path(library.fd)


def components(libraries: Iterable[_Library]) -> list[list[_Library]]:
    """Return the strongly connected components of `libraries`, what is needed before what needs it (Tarjan)."""
    wanted = {library.path: library for library in libraries}
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[_Library]] = []

    def visit(path: str) -> None:
        order[path] = lowest[path] = len(order)
        stack.append(path)
        for _, dependency in wanted[path].needs:
            if dependency.path not in wanted:
                continue
            if dependency.path not in order:
                visit(dependency.path)
                lowest[path] = min(lowest[path], lowest[dependency.path])
            elif dependency.path in stack:
                lowest[path] = min(lowest[path], order[dependency.path])
        if lowest[path] == order[path]:
            start = stack.index(path)
            found.append([wanted[member] for member in stack[start:]])
            del stack[start:]

    for path in wanted:
        if path not in order:
            visit(path)
    return found


def is_hashed(name: str) -> bool:
    """Return whether auditwheel put a hash into the `name` of a library: ``libgfortran-040039e1.so.5``.

    It is that of the original: libraries of such a name are equal, whatever patchelf did to their bytes.
    """
    return any(
        len(part) >= 8 and not set(part) - set("0123456789abcdef") for part in name.partition(".")[0].split("-")[1:]
    )


def _mapped(fd: int) -> mmap.mmap:
    """Map an object for reading; privately, since a shared mapping would keep it from being sealed."""
    try:
        return mmap.mmap(fd, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    except ValueError as error:
        raise InvalidElf("the file is empty") from error
