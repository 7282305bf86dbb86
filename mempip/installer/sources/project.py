"""A source tree's ``pyproject.toml``: which backend builds it, and what that needs (PEP 517, PEP 518).

What may live here: reading and judging that one table.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from mempip.errors import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: What PEP 517 prescribes for a tree that names no backend.
LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
LEGACY_REQUIRES = ("setuptools>=40.8.0",)


@dataclass(frozen=True, slots=True)
class BuildSystem:
    """The ``[build-system]`` table."""

    requires: Sequence[str] = LEGACY_REQUIRES
    backend: str = LEGACY_BACKEND
    backend_path: Sequence[str] = ()


def read_build_system(pyproject: bytes | None, *, has_setup_py: bool, name: str) -> BuildSystem:
    """Return the build system that ``pyproject.toml`` asks for; ``None`` stands for a tree without that file.

    `name` is what the source is called in errors. Raises `SourceRefused`.
    """
    if pyproject is None:
        if has_setup_py:
            return BuildSystem()
        raise SourceRefused(name, "it has neither a pyproject.toml nor a setup.py: it is no Python project")
    try:
        table = tomllib.loads(pyproject.decode()).get("build-system")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceRefused(name, f"it is not TOML ({error})", "pyproject.toml") from error
    if table is None:
        return BuildSystem()
    if not isinstance(table, dict):
        raise _wrong(name, "build-system is not a table")
    requires = table.get("requires", None)
    if requires is None or not _strings(requires):
        raise _wrong(name, "build-system.requires, which PEP 518 demands, is not a list of strings")
    path = table.get("backend-path", [])
    if not _strings(path):
        raise _wrong(name, "build-system.backend-path is not a list of strings")
    for entry in path:
        if PurePosixPath(entry).is_absolute() or ".." in PurePosixPath(entry).parts:
            raise _wrong(name, f"build-system.backend-path leads out of the project: {entry!r}")
    backend = table.get("build-backend", LEGACY_BACKEND)
    if not isinstance(backend, str) or not backend:
        raise _wrong(name, "build-system.build-backend is not a string")
    return BuildSystem(requires, backend, path)


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _wrong(name: str, reason: str) -> SourceRefused:
    return SourceRefused(name, reason, "pyproject.toml")
