"""Finds modules in an environment: a path entry finder per directory, served by one path hook.

The root of an environment is an entry on ``sys.path`` like any directory's, so packages that extend
``sys.path`` or ``__path__`` themselves, pkgutil, and namespace packages shared with the disk work as they do
there (PEP 302, PEP 420, PEP 451).
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES, SOURCE_SUFFIXES, FileFinder, ModuleSpec

from mempip.runtime.loaders import BytecodeLoader, ExtensionLoader, SourceLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from mempip.runtime.environment import Environment

#: The parent of all roots. The kernel knows no such path, so a path below it can be told from every real one.
PREFIX = f"{os.environ.get('SYSTEMDRIVE', 'C:')}\\mempip" if os.name == "nt" else "/mempip"
#: The last name of every root: by it, debuggers, error trackers and the like tell packages from a program's own code.
ROOT_NAME = "site-packages"

#: Root → environment, for those that are served here and by the overlay.
ENVIRONMENTS: dict[str, Environment] = {}

#: The order in which importlib's own FileFinder tries suffixes.
_LOADERS: list[tuple[str, type[ExtensionLoader | SourceLoader | BytecodeLoader]]] = [
    *((suffix, ExtensionLoader) for suffix in EXTENSION_SUFFIXES),
    *((suffix, SourceLoader) for suffix in SOURCE_SUFFIXES),
    *((suffix, BytecodeLoader) for suffix in BYTECODE_SUFFIXES),
]


class MemorySpec(ModuleSpec):
    """A spec whose module has a ``__file__`` and no place for cached bytecode."""

    cached = None


class MemoryFinder(FileFinder):
    """The path entry finder for one directory of an environment.

    It passes for importlib's: pkgutil and pkg_resources look into the directory of a finder of that class.
    """

    def __init__(self, environment: Environment, directory: str) -> None:
        super().__init__(environment.path(directory))
        self.environment = environment
        self.directory = directory
        self._prefix = f"{directory}/" if directory else ""
        self._names = environment.image.listing(directory) or {}

    def __repr__(self) -> str:
        return f"MemoryFinder({self.path!r})"

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of the module `fullname` in this directory, a namespace portion's, or ``None``."""
        name = fullname.rpartition(".")[2]
        names = self._names
        is_directory = False
        if name in names:
            package = self._prefix + name
            inside = self.environment.image.listing(package)
            if inside is not None:
                is_directory = True
                for suffix, loader in _LOADERS:
                    if "__init__" + suffix in inside:
                        return self._spec(fullname, loader, f"{package}/__init__{suffix}", package)
        for suffix, loader in _LOADERS:
            if name + suffix in names:
                return self._spec(fullname, loader, self._prefix + name + suffix, None)
        if is_directory:
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [self.environment.path(package)]
            return spec
        return None

    def _spec(
        self,
        fullname: str,
        loader: type[ExtensionLoader | SourceLoader | BytecodeLoader],
        file: str,
        package: str | None,
    ) -> ModuleSpec:
        path = self.environment.path(file)
        spec = MemorySpec(
            fullname, loader(fullname, path, self.environment), origin=path, is_package=package is not None
        )
        spec.has_location = True
        if package is not None:
            spec.submodule_search_locations = [self.environment.path(package)]
        return spec

    def invalidate_caches(self) -> None:
        """Forget nothing: an image does not change."""


def path_hook(path: str) -> MemoryFinder:
    """Return the finder for a path in an environment; raise ImportError for every other path (PEP 302)."""
    for root, environment in ENVIRONMENTS.items():
        if is_below(path, root):
            directory = environment.relative(path).rstrip("/")
            if not environment.image.is_directory(directory):
                raise ImportError(f"{path} is no directory of the environment", path=path)
            return MemoryFinder(environment, directory)
    raise ImportError("not a path of an environment in memory", path=path)


class DirectoryHook:
    """What stands in for importlib's own path hook, for programs that look for that to have directories served by it.

    `path_hook` alone would do for the import system, which asks the hooks in their order.
    """

    NAME = FileFinder.path_hook().__name__

    def __init__(self, original: Callable[[str], Any]) -> None:
        self.original = original
        self.__name__ = self.NAME

    def __repr__(self) -> str:
        return repr(self.original)

    def __call__(self, path: str) -> Any:
        """Return the finder for a directory in an environment or on disk; raise ImportError for another path."""
        try:
            return path_hook(path)
        except ImportError:
            return self.original(path)


def _install_hooks() -> None:
    if path_hook not in sys.path_hooks:
        sys.path_hooks.insert(0, path_hook)
        for index, hook in enumerate(sys.path_hooks):
            if getattr(hook, "__name__", "") == DirectoryHook.NAME and not isinstance(hook, DirectoryHook):
                sys.path_hooks[index] = DirectoryHook(hook)


def _remove_hooks() -> None:
    for index, hook in enumerate(sys.path_hooks):
        if isinstance(hook, DirectoryHook):
            sys.path_hooks[index] = hook.original
    if path_hook in sys.path_hooks:
        sys.path_hooks.remove(path_hook)


def install(environment: Environment) -> None:
    """Serve imports from `environment`; its root must be put on ``sys.path`` for that to have an effect."""
    ENVIRONMENTS[environment.root] = environment
    _install_hooks()
    from mempip.runtime import overlay  # it looks up ENVIRONMENTS

    overlay.install()


def remove(environment: Environment) -> None:
    """Stop serving imports from `environment`."""
    ENVIRONMENTS.pop(environment.root, None)
    if not ENVIRONMENTS:
        _remove_hooks()
        from mempip.runtime import overlay

        overlay.remove()


def is_below(path: object, root: str) -> bool:
    """Return whether `path`, whatever may be on ``sys.path``, is `root` or below it."""
    return isinstance(path, str) and path.startswith(root) and path[len(root) : len(root) + 1] in ("", os.sep, "/")
