"""An operating system that mempip has no way with yet: no adapters, so pure Python only."""

# ruff: noqa: ARG004 - the signatures are those of a system's module

from __future__ import annotations

from mempip_native.errors import LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native._adapter import Adapter
    from mempip_native._library import Anchor, LibrarySource

_NOT_YET = "mempip cannot keep packages in memory on this operating system yet"


def adapters() -> list[Adapter]:
    """Return this operating system's adapters: none."""
    return []


class LibraryLoader:
    """Refuses every library."""

    def __init__(self, adapter: Adapter, source: LibrarySource) -> None:
        self.notes: list[str] = []

    @staticmethod
    def name_of(file: str) -> str:
        """Return the name that a file called `file` is needed by: none is."""
        return ""

    def load(self, path: str) -> Anchor:
        """Raise `LoadError`."""
        raise self.explain(path, _NOT_YET)

    def dlopen(self, path: str, mode: int = 0) -> int:
        """Raise `LoadError`."""
        raise self.explain(path, _NOT_YET)

    def explain(self, path: str, message: str) -> LoadError:
        """Return an error about the library at `path`."""
        return LoadError(path, message)
