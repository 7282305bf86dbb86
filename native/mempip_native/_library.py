"""The protocols around the loading of libraries: where their bytes come from, and what a loaded one leaves behind."""

from __future__ import annotations

from mempip_native.errors import LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Protocol
else:
    Protocol = object


class LibrarySource(Protocol):
    """The environment, as the loader of libraries sees it.

    A path is relative to the environment's root, in the form of RECORD: ``numpy.libs/libgfortran.so.5``.
    """

    def exists(self, path: str) -> bool:
        """Return whether there is a file at `path`."""

    def find(self, name: str) -> Sequence[str]:
        """Return the paths of all files whose base name is `name`."""

    def identity(self, path: str) -> object:
        """Return a value that is equal for files with equal bytes, such as (size, CRC)."""

    def inflate(self, path: str, fd: int) -> None:
        """Write the bytes of the file into `fd`. Raises an error if they are damaged."""

    def sealed(self, path: str) -> int | None:
        """Return a new descriptor of a sealed object that already holds the file's bytes, or None.

        A store that shares libraries between processes has such objects. The caller closes it.
        """


class Anchor:
    """A library that is ready for dlopen: its ``path``, and the descriptors behind it.

    Use it in a ``with`` statement around whatever calls dlopen; afterwards they are closed. The path stays
    valid for a library that was loaded: the linker knows it by that name. A library that was not loaded is
    prepared anew when it is asked for again.
    """

    __slots__ = ("_release", "path")

    #: Of a library that is loaded already, in a way that the operating system knows no path of; else 0.
    handle = 0

    def __init__(self, path: str, release: Callable[[], None]) -> None:
        self.path = path
        self._release = release

    def __enter__(self) -> Anchor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Create the extension module in the library, as importlib does. Raises `ImportError` about `path`."""
        import _imp
        from importlib.machinery import ModuleSpec

        located = ModuleSpec(spec.name, spec.loader, origin=self.path)
        located.submodule_search_locations = spec.submodule_search_locations
        module: ModuleType = _imp.create_dynamic(located)
        return module

    def address(self, key: str | int) -> int:
        """Return the address of what a library with a ``handle`` exports. Raises `LoadError` if that is nothing."""
        raise LoadError(self.path, f"{key} is found by its path")

    def close(self) -> None:
        """Let go of the descriptors."""
        self._release()


class Plan:
    """How a library is to be loaded: a system's preflight names the strategies. ``reason`` says why not the first."""

    __slots__ = ("reason", "strategy")

    def __init__(self, strategy: str, reason: str = "") -> None:
        self.strategy = strategy
        self.reason = reason

    def __repr__(self) -> str:
        return f"Plan({self.strategy!r}, {self.reason!r})"
