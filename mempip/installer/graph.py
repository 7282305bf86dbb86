"""What would be there, and what requires what: rows for ``mempip tree`` and ``mempip check``. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from mempip.installer.requirements import marker_applies
from mempip.installer.resolution.terms import installed_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from mempip.installer.resolution import Resolution
    from mempip.installer.target import Target


def graph(
    resolution: Resolution,
    installed: Iterable[Mapping[str, Any]],
    requested: Collection[NormalizedName],
    target: Target,
) -> list[dict[str, Any]]:
    """Return a row for each project that is there once `resolution` is installed beside `installed`
    (`InstallOptions.installed`), sorted by name.

    A row has ``name``, ``version``, ``requested`` (the user named it) and ``requires``: what applies to `target` and to
    the extras that anybody asks for. Of each requirement: ``name``, ``requirement`` (PEP 508), the ``version`` that is
    there, or ``None``, and whether it is ``satisfied``.
    """
    here = installed_from(installed)
    versions = {name: row.version for name, row in here.items()}
    requires: dict[NormalizedName, Sequence[Requirement]] = {name: row.requires for name, row in here.items()}
    asked: dict[NormalizedName, frozenset[NormalizedName]] = {}
    for name, pinned in resolution.pins.items():
        versions[name], requires[name] = pinned.candidate.version, pinned.metadata.requires
        asked[name] = pinned.extras
    found = {name: _row(name, version, requested=name in requested) for name, version in versions.items()}
    todo = list(versions)
    while todo:  # again and again, as requirements ask for extras of what was seen before
        name = todo.pop()
        applying = _applying(requires[name], asked.get(name, frozenset()), target)
        found[name]["requires"] = [_edge(requirement, versions) for requirement in applying]
        for requirement in applying:
            below, extras = canonicalize_name(requirement.name), frozenset(map(canonicalize_name, requirement.extras))
            if below in versions and not extras <= asked.get(below, frozenset()):
                asked[below] = asked.get(below, frozenset()) | extras
                todo.append(below)
    return [found[name] for name in sorted(found)]


def _row(name: NormalizedName, version: Version, *, requested: bool) -> dict[str, Any]:
    return {"name": name, "version": str(version), "requested": requested, "requires": []}


def _applying(requires: Sequence[Requirement], extras: frozenset[NormalizedName], target: Target) -> list[Requirement]:
    applying = [row for row in requires if row.marker is None or marker_applies(row.marker, target.environment, extras)]
    return sorted(applying, key=lambda row: (canonicalize_name(row.name), str(row)))


def _edge(requirement: Requirement, versions: Mapping[NormalizedName, Version]) -> dict[str, Any]:
    name = canonicalize_name(requirement.name)
    version = versions.get(name)
    return {
        "name": name,
        "requirement": str(requirement),
        "version": None if version is None else str(version),
        "satisfied": version is not None and requirement.specifier.contains(version, prereleases=True),
    }
