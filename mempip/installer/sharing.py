"""Resolutions that machines share: what decides one, and one as text. How they get from one to another is a store's.

Shared is what consists of wheels from the web whose sha256 is promised, at addresses that hold no secret, and what
nothing has a say in that lies on a disk or in a repository.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from packaging.utils import canonicalize_name
from packaging.version import Version

import mempip
from mempip.errors import MempipError
from mempip.installer.index.metadata import parse_metadata
from mempip.installer.index.model import Candidate, ProjectFile
from mempip.installer.resolution import Pinned, Resolution
from mempip.installer.resolution.terms import installed_from
from mempip.installer.transport import redact
from mempip.options import MANNERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

    from mempip.installer.requirements.gather import Wanted
    from mempip.installer.requirements.parse import UserRequirement
    from mempip.installer.resolution.terms import Installed
    from mempip.installer.target import Target

#: Options that do not decide what is chosen: `Wanted` has what the first ones say.
_SAY_NOTHING = (
    "requirements", "requirement_files", "constraint_files", "groups", "script_files", "program",
    "adapter", "dry_run", "tree", *MANNERS,
)  # fmt: skip


class Pool(Protocol):
    """Resolutions that others have made before, or make at this moment."""

    def answer(self, wanted: Wanted, target: Target, resolve: Callable[[], Resolution]) -> Resolution:
        """Return the resolution of what is wanted, made by another or by `resolve`. Raises what that raises."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be resolved. Equal texts have the same answer; they may hold credentials."""

    text: str
    installed: dict[NormalizedName, Installed]

    @classmethod
    def of(cls, wanted: Wanted, target: Target) -> Question | None:
        """Return what is asked, ``None`` if the answer is nobody else's."""
        options = wanted.options
        bound = [entry.partition("=")[2] for entry in options.project_index]
        places = (options.index_url, *options.extra_index_urls, *options.find_links, *bound)
        named = (*wanted.requirements, *wanted.constraints)
        files = [requirement.file for requirement in named if requirement.file is not None]
        says_more = wanted.lock is not None or wanted.build_constraints
        if says_more or not all(map(_is_on_the_web, places)) or not all(map(_may_be_shared, files)):
            return None
        parts = [
            mempip.__version__,
            [_described(requirement) for requirement in wanted.requirements],
            [_described(constraint) for constraint in wanted.constraints],
            {**wanted.config_settings},
            {name: value for name, value in options.to_wire().items() if name not in _SAY_NOTHING},
            [target.python_version, target.environment, [str(tag) for tag in target.tags]],
        ]
        return cls(json.dumps(parts, sort_keys=True), installed_from(options.installed))

    def read(self, text: str) -> Resolution:
        """Return the resolution that `write` made `text` of. Raises `ValueError` if it is none."""
        requirements: dict[str, Requirement] = {}
        try:
            table = json.loads(text)
            pins = [_pinned(row, requirements) for row in table["pins"]]
            satisfied = {name: self.installed[name] for name in table["satisfied"]}
            warnings = tuple(map(str, table["warnings"]))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError, MempipError) as error:
            raise ValueError(f"it cannot be read ({type(error).__name__}: {error})") from error
        by_name = {pinned.candidate.name: pinned for pinned in pins}
        return Resolution(MappingProxyType(by_name), MappingProxyType(satisfied), warnings)


def write(resolution: Resolution) -> str | None:
    """Return `resolution` as JSON, ``None`` if it is not to be shared."""
    if not all(_may_be_shared(pinned.candidate.file) for pinned in resolution.pins.values()):
        return None
    pins = [
        {
            "name": pinned.candidate.name,
            "version": str(pinned.candidate.version),
            "file": pinned.candidate.file._asdict(),
            "rank": pinned.candidate.rank,
            "metadata": pinned.metadata.raw.decode(errors="surrogateescape"),
            "requested": pinned.requested,
            "extras": sorted(pinned.extras),
            "required_by": pinned.required_by,
        }
        for pinned in resolution.pins.values()
    ]
    table = {"pins": pins, "satisfied": [*resolution.satisfied], "warnings": resolution.warnings}
    return json.dumps(table, default=dict)  # of read-only mappings


def _pinned(row: dict[str, Any], requirements: dict[str, Requirement]) -> Pinned:
    file = ProjectFile(**row["file"])
    if not _may_be_shared(file):
        raise ValueError(file.filename)
    candidate = Candidate(canonicalize_name(row["name"]), Version(row["version"]), file, row["rank"])
    metadata = parse_metadata(row["metadata"].encode(errors="surrogateescape"), candidate, requirements)
    extras = frozenset(map(canonicalize_name, row["extras"]))
    return Pinned(candidate, metadata, row["requested"], extras, tuple(row["required_by"]))


def _described(requirement: UserRequirement) -> list[Any]:
    hashes = {algorithm: sorted(digests) for algorithm, digests in requirement.hashes.allowed.items()}
    return [requirement.text, hashes]


def _is_on_the_web(place: str) -> bool:
    return place.lower().startswith(("https://", "http://"))


def _may_be_shared(file: ProjectFile) -> bool:
    """Say whether `file` is a wheel that others can fetch and check, and its address no secret."""
    return file.is_wheel and "sha256" in file.hashes and _is_on_the_web(file.url) and redact(file.url) == file.url
