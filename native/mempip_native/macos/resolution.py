"""Which library of the environment a name in a load command means: what dyld(1) would find on disk."""

from __future__ import annotations

import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from mempip_native._library import LibrarySource
    from mempip_native.macos.macho import MachO


def search_path(macho: MachO, path: str, inherited: Sequence[str]) -> list[str]:
    """Return the directories of the environment that ``@rpath`` means for `macho`, at `path`.

    Its own come before those of whoever loads it.
    """
    own = [found for rpath in macho.rpaths if (found := _beside(rpath, path)) is not None]
    return [*own, *inherited]


def resolve(name: str, wanted_by: str, directories: Sequence[str], source: LibrarySource) -> str | None:
    """Return the path of the bundled library that `name` means, or None: it is another's, or nobody's.

    `directories` are those of `search_path`.
    """
    start, _, rest = name.partition("/")
    if start == "@rpath":
        candidates: list[str | None] = [
            posixpath.normpath(posixpath.join(directory, rest)) for directory in directories
        ]
    else:
        candidates = [_beside(name, wanted_by)]
    return next((found for found in candidates if found is not None and source.exists(found)), None)


def is_alone(macho: MachO) -> bool:
    """Return whether all that `macho` needs has one place on this system, wherever `macho` itself is."""
    return all(name.startswith("/") for name in macho.needed)


def _beside(name: str, library: str) -> str | None:
    """Return the path in the environment of a name that begins with ``@loader_path``, else None."""
    start, _, rest = name.partition("/")
    if start != "@loader_path":
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(library), rest))
