"""Metadata of installed distributions out of an environment (`importlib.metadata`).

Imported only when importlib.metadata searches, and so has been imported.
"""

from __future__ import annotations

import sys
from importlib.metadata import Distribution, DistributionFinder
from typing import TYPE_CHECKING, Any

from mempip.image.layout import normalize
from mempip.runtime.environment import holding, installed
from mempip.runtime.finder import ENVIRONMENTS
from mempip.runtime.resources import MemoryPath

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from email.message import Message

    from mempip.image.layout import Distribution as Row
    from mempip.runtime.environment import Environment


class MemoryDistribution(Distribution):
    """A distribution whose dist-info directory is in an environment."""

    def __init__(self, environment: Environment, row: Row) -> None:
        self._environment = environment
        self._path = MemoryPath(environment, environment.path(row.dist_info))

    def read_text(self, filename: str | os.PathLike[str]) -> str | None:
        """Return the text of a file of the dist-info directory, or ``None`` if there is none."""
        try:
            return (self._path / filename).read_text()
        except OSError:
            return None

    def locate_file(self, path: str | os.PathLike[str]) -> Any:
        """Return where a file that RECORD names is: a path that can be read, in the environment."""
        return MemoryPath(self._environment, self._environment.root) / path


def find_distributions(context: Any = None) -> Iterator[MemoryDistribution]:
    """Yield the distributions that `context` (a `DistributionFinder.Context`) asks for, in search order."""
    context = context or DistributionFinder.Context()
    wanted = None if context.name is None else normalize(context.name)
    for path in context.path:
        environment = ENVIRONMENTS.get(path)
        if environment is None:
            continue
        for row in environment.distributions:
            if wanted is None or row.key == wanted:
                yield MemoryDistribution(environment, row)


def installed_version(name: str) -> str | None:
    """Return the version of the project that ``sys.path`` offers, or ``None`` if there is none."""
    for distribution in Distribution.discover(name=name, path=sys.path):
        return distribution.version
    return None


def describe(project: str) -> dict[str, Any]:
    """Return what ``pip show`` prints of a project in memory, under its names. Raises `NotInstalled`."""
    environment = holding(project)
    row = environment.distribution(project)
    assert row is not None  # holding() looked  # noqa: S101
    metadata: Message = MemoryDistribution(environment, row).metadata  # type: ignore[assignment]
    requires = [_project(text) for text in metadata.get_all("Requires-Dist") or [] if "extra ==" not in text]
    required_by = [
        other["name"]
        for other in installed()
        if row.key in {normalize(_project(text)) for text in other["requires"] if "extra ==" not in text}
    ]
    return {
        "Name": row.name,
        "Version": row.version,
        "Summary": metadata.get("Summary", ""),
        "Home-page": metadata.get("Home-page", ""),
        "Author": metadata.get("Author", ""),
        "Author-email": metadata.get("Author-email", ""),
        "License": metadata.get("License-Expression") or metadata.get("License", ""),
        "Location": environment.root,
        "Requires": sorted(set(requires)),
        "Required-by": sorted(required_by),
        "Wheel": row.wheel,
    }


def _project(requirement: str) -> str:
    """Return the name that a requirement starts with (PEP 508)."""
    end = next(
        (at for at, character in enumerate(requirement) if not (character.isalnum() or character in "-_.")), None
    )
    return requirement[:end]
