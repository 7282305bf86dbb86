"""Loading of Mach-O libraries: which belong together, which way each takes, and what becomes of its file."""

from __future__ import annotations

import os
import sys
import threading

from mempip_native._adapter import Probe
from mempip_native._library import Anchor, Plan
from mempip_native.errors import InvalidMachO, LoadError
from mempip_native.macos import messages, shared_memory, staging
from mempip_native.macos.macho import MH_DYLIB, MachO, slice_for
from mempip_native.macos.preflight import LINKED, REFUSED, plan
from mempip_native.macos.resolution import resolve, search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from mempip_native._adapter import Adapter
    from mempip_native._library import LibrarySource
    from mempip_native.macos import dyld

if sys.platform == "win32":
    raise ImportError("for POSIX only")


class LinkedAnchor(Anchor):
    """A bundle that dyld has linked. There is no path to it any more: ``path`` is the one in the environment."""

    __slots__ = ("_functions", "handle")

    def __init__(self, path: str, module: int, functions: dyld.Functions) -> None:
        super().__init__(path, lambda: None)
        self.handle = module
        self._functions = functions

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """See `Anchor.create_module`."""
        from mempip_native import _extension

        try:
            address = self.address(_extension.function_name(spec.name))
        except LoadError as error:
            raise ImportError(error.reason, name=spec.name, path=self.path) from error
        return _extension.create_module(spec, address)

    def address(self, key: str | int) -> int:
        """See `Anchor.address`."""
        from mempip_native.macos import dyld

        found = dyld.address(self._functions, self.handle, str(key))
        if not found:
            raise LoadError(self.path, f"it does not export {key}")
        return found


class LibraryLoader:
    """Loads the libraries of one environment, by way of files. Safe to use from several threads.

    ``notes`` are sentences about libraries that could be loaded only with a reservation.
    """

    def __init__(self, adapter: Adapter, source: LibrarySource, functions: dyld.Functions | None = None) -> None:
        self.notes: list[str] = []
        self._adapter = adapter
        self._source = source
        self._functions = functions
        self._lock = threading.RLock()
        self._stage: staging.Stage | None = None
        self._linked: dict[str, int] = {}  # path in the environment → module
        self._in_use: dict[str, int] = {}  # path of a file that is there to be loaded → by how many
        self._kept: set[str] = set()  # paths of libraries that are loaded, and whose files others may come to need
        os.register_at_fork(after_in_child=self._after_fork)

    @staticmethod
    def name_of(file: str) -> str:  # noqa: ARG004
        """Return nothing: what is needed here is a path."""
        return ""

    def load(self, path: str) -> Anchor:
        """Return an anchor for the library at `path`.

        A bundle that needs nothing of the environment is loaded; others, and what they need, are in files until the
        anchor is closed. Raises `LoadError`, and `OSError` if there is no room for them.
        """
        from mempip_native.macos import dyld

        with self._lock:
            functions = self._functions or dyld.Functions()
            self._functions = functions
            if path not in self._linked:
                stage = self._stage_of(path)
                content = self._read(path)
                how, macho = self._examine(path, content)
                needs = list(self._closure(path, macho))
                if how.strategy != LINKED or not self._link(path, content, stage, functions):
                    return self._staged(path, content, macho, needs, stage)
            return LinkedAnchor(path, self._linked[path], functions)

    def explain(self, path: str, message: str) -> LoadError:
        """Return what dyld's `message` about the library at `path` means."""
        return messages.explain(path, message, self._stage.prefix if self._stage is not None else "")

    # --- what belongs together ---------------------------------------------------------------------

    def _stage_of(self, path: str) -> staging.Stage:
        if self._stage is None:
            outcome = probe()
            if not outcome.ok:
                raise LoadError(path, outcome.reason, outcome.remedy)
            self._stage = staging.Stage(os.environ[staging.VARIABLE])
        return self._stage

    def _read(self, path: str) -> bytes:
        draft = self._adapter.allocate(path)
        try:
            self._source.inflate(path, draft)
            with shared_memory.View(draft) as view:
                return bytes(view.contents)
        finally:
            shared_memory.close(draft)

    def _examine(self, path: str, content: bytes) -> tuple[Plan, MachO]:
        """Return how a library is loaded, and its header. Raises `LoadError` if it cannot be."""
        try:
            macho = slice_for(content, os.uname().machine)
            how = plan(macho)
        except InvalidMachO as error:
            raise LoadError(path, str(error), messages.OTHER_WHEEL) from error
        if how.strategy == REFUSED:
            raise LoadError(path, how.reason, messages.OTHER_WHEEL)
        return how, macho

    def _closure(self, path: str, macho: MachO) -> Iterator[str]:
        """Yield all that a library needs of the environment and that has no file yet. Nothing is written before."""
        seen = {path}

        def visit(path: str, macho: MachO, inherited: Sequence[str]) -> Iterator[str]:
            directories = search_path(macho, path, inherited)
            for name in macho.needed:
                found = resolve(name, path, directories, self._source)
                if found is None or found in seen or found in self._kept:
                    continue
                seen.add(found)
                yield found
                yield from visit(found, self._examine(found, self._read(found))[1], directories)

        return visit(path, macho, ())

    # --- the two ways ------------------------------------------------------------------------------

    def _link(self, path: str, content: bytes, stage: staging.Stage, functions: dyld.Functions) -> bool:
        """Have dyld link a bundle. If it does not, it says why not only when it loads a file."""
        from mempip_native.macos import dyld

        module = dyld.link(functions, content, path, stage.transient())
        if module:
            self._linked[path] = module
            sys.audit("mempip.load_library", path)
        return bool(module)

    def _staged(self, path: str, content: bytes, macho: MachO, needs: Sequence[str], stage: staging.Stage) -> Anchor:
        """Put a library and what it needs into files. They are read-only, and have the bytes that were signed."""
        held: list[str] = []
        try:
            for need in needs:
                self._hold(need, None, stage)
                held.append(need)
            self._hold(path, content, stage)
        except BaseException:
            self._let_go(held, stage)
            raise
        spelling = stage.path(path)

        def release() -> None:
            with self._lock:
                assert self._functions is not None  # it was asked to load  # noqa: S101
                if self._functions.is_loaded(spelling):
                    # Those who need a library later must find the file that was loaded: dyld knows it by its inode.
                    self._kept.update(needs, [path] if macho.kind == MH_DYLIB else [])
                self._let_go([path, *held], stage)

        return Anchor(spelling, release)

    def _hold(self, path: str, content: bytes | None, stage: staging.Stage) -> None:
        if not self._in_use.get(path) and path not in self._kept:
            stage.write(path, self._read(path) if content is None else content)
        self._in_use[path] = self._in_use.get(path, 0) + 1

    def _let_go(self, paths: Sequence[str], stage: staging.Stage) -> None:
        for path in paths:
            self._in_use[path] -= 1
            if not self._in_use[path]:
                del self._in_use[path]
                if path not in self._kept:
                    stage.remove(path)

    def _after_fork(self) -> None:
        self._lock = threading.RLock()  # another thread may have held it


def probe() -> Probe:
    """Return whether libraries can be loaded: whether the user has named a directory that takes their files."""
    name = "libraries"
    directory = os.environ.get(staging.VARIABLE, "")
    if not directory:
        return Probe(
            name,
            False,
            "macOS loads code from files only, and nothing is written unless a directory for them is named",
            f"{staging.VARIABLE}=DIRECTORY lets libraries be in files there while they are loaded.",
        )
    remedy = f"Name a directory of a disk that allows it in {staging.VARIABLE}."
    if not os.path.isdir(directory):
        return Probe(name, False, f"{staging.VARIABLE} names {directory}, which is no directory", remedy)
    if not os.access(directory, os.W_OK | os.X_OK):
        return Probe(name, False, f"{staging.VARIABLE} names {directory}, which cannot be written to", remedy)
    return Probe(name, True)
