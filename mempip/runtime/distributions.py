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
    from email.message import Message


#: In a requirement that only an extra asks for.
_EXTRA = re.compile(r";.*\bextra\s*==")


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
    metadata: Message = PathDistribution(Path(environment.path(row.dist_info))).metadata  # type: ignore[assignment]
    requires = [_project(text) for text in metadata.get_all("Requires-Dist") or [] if not _EXTRA.search(text)]
    required_by = [
        other["name"]
        for other in installed()
        if row.key in {normalize(_project(text)) for text in other["requires"] if not _EXTRA.search(text)}
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


def is_editable(project: str) -> bool:
    """Whether a project's modules are imported from where they lie (PEP 610). Raises `NotInstalled`."""
    environment = holding(project)
    row = environment.distribution(project)
    assert row is not None  # holding() looked  # noqa: S101
    direct = PathDistribution(Path(environment.path(row.dist_info))).read_text("direct_url.json")
    return "editable" in json.loads(direct or "{}").get("dir_info", {})


def _project(requirement: str) -> str:
    """Return the name that a requirement starts with (PEP 508)."""
    end = next(
        (at for at, character in enumerate(requirement) if not (character.isalnum() or character in "-_.")), None
    )
    return requirement[:end]
