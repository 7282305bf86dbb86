"""Which library of the environment a DT_NEEDED name means: what ld.so(8) would find on disk."""

from __future__ import annotations

import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from mempip_native.libraries import LibrarySource
    from mempip_native.linux.elf import Elf


def search_path(elf: Elf, path: str, inherited: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the directories that `elf`, at `path`, names for its own needs, and those its needs inherit.

    DT_RUNPATH is for the library alone and hides DT_RPATH; DT_RPATH is also for what it loads.
    """
    if elf.runpath:
        return _directories(elf.runpath, path), []
    own = [*_directories(elf.rpath, path), *inherited]
    return own, own


def resolve(name: str, wanted_by: str, directories: Sequence[str], source: LibrarySource) -> str | None:
    """Return the path of the bundled library that satisfies `name`, or None: the system's is meant.

    The `directories` come first; then any library of that base name in the same distribution
    (``pkg/`` and ``pkg.libs/``), because wheels exist whose Python code loads these beforehand.
    """
    if "/" in name:
        return None
    for directory in directories:
        candidate = posixpath.join(directory, name)
        if source.exists(candidate):
            return candidate
    own = _distribution(wanted_by)
    near = [path for path in source.find(name) if path != wanted_by and _distribution(path) == own]
    return min(near, key=lambda path: (-len(posixpath.commonpath([path, wanted_by])), path), default=None)


def _directories(paths: str, library: str) -> list[str]:
    origin = posixpath.dirname(library)
    entries = (entry.replace("${ORIGIN}", "$ORIGIN") for entry in paths.split(":"))
    return [
        posixpath.normpath(posixpath.join(origin, "." + entry.removeprefix("$ORIGIN")))
        for entry in entries
        if entry == "$ORIGIN" or entry.startswith("$ORIGIN/")
    ]


def _distribution(path: str) -> str:
    return path.split("/", 1)[0].removesuffix(".libs")
