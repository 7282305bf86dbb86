"""Metadata of installed distributions: what `importlib.metadata` says of them, which finds them by path.

Imported only when somebody asks.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mempip.image.layout import normalize
from mempip.runtime.environment import holding, installed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

    from mempip.image.layout import Distribution as Row
    from mempip.runtime.environment import Environment


#: In a requirement that only an extra asks for.
_EXTRA = re.compile(r";.*\bextra\s*==")


def installed_version(name: str) -> str | None:
    """Return the version of the project that ``sys.path`` offers, or ``None`` if there is none."""
    for distribution in Distribution.discover(name=name, path=sys.path):
        return distribution.version
    return None


def describe(project: str) -> dict[str, Any]:
    """Return what ``pip show`` prints of a project in memory, under its names. Raises `NotInstalled`."""
    environment, row, found = _found(project)
    metadata: Message = found.metadata  # type: ignore[assignment]
    requires = _required(metadata.get_all("Requires-Dist") or [])
    required_by = [other["name"] for other in installed() if row.key in map(normalize, _required(other["requires"]))]
    return {
        "Name": row.name,
        "Version": row.version,
        "Summary": metadata.get("Summary", ""),
        "Home-page": metadata.get("Home-page", ""),
        "Author": metadata.get("Author", ""),
        "Author-email": metadata.get("Author-email", ""),
        "License": metadata.get("License-Expression") or metadata.get("License", ""),
        "Location": environment.root,
        "Requires": sorted(requires),
        "Required-by": sorted(required_by),
        "Wheel": row.wheel,
    }


def is_editable(project: str) -> bool:
    """Whether a project's modules are imported from where they lie (PEP 610). Raises `NotInstalled`."""
    *_, found = _found(project)
    direct = found.read_text("direct_url.json")
    return "editable" in json.loads(direct or "{}").get("dir_info", {})


def _found(project: str) -> tuple[Environment, Row, PathDistribution]:
    """Return the environment that holds a project, its row in there, and its metadata. Raises `NotInstalled`."""
    environment = holding(project)
    row = environment.distribution(project)
    assert row is not None  # holding() looked  # noqa: S101
    return environment, row, PathDistribution(Path(environment.path(row.dist_info)))


def _required(requirements: Iterable[str]) -> set[str]:
    """Return the names of what is required without extras."""
    return {_project(text) for text in requirements if not _EXTRA.search(text)}


def _project(requirement: str) -> str:
    """Return the name that a requirement starts with (PEP 508)."""
    end = next(
        (at for at, character in enumerate(requirement) if not (character.isalnum() or character in "-_.")), None
    )
    return requirement[:end]
