"""METADATA of a wheel → what the resolver needs of it. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mempip.errors import WheelRefused
from mempip.installer.headers import scan_header
from mempip.installer.index.model import Metadata
from mempip.installer.transport.addresses import hide_credentials

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from mempip.installer.index.model import Candidate

FIELDS = frozenset({"name", "version", "requires-dist", "requires-python", "provides-extra"})


def parse_metadata(raw: bytes, candidate: Candidate, requirements: dict[str, Requirement]) -> Metadata:
    """Read the header of a METADATA file (core metadata specification) and check that it is `candidate`'s.

    `requirements` remembers parsed ``Requires-Dist`` values: parsing is slow and most are seen many times.

    Raises `WheelRefused` if it is another project's or version's, or cannot be read.
    """
    filename = candidate.file.filename
    fields = _fields(raw)
    name, version = _identity(filename, fields)
    if name != candidate.name:
        raise WheelRefused(filename, f"its metadata is of the project {name!r}", "METADATA")
    if version != candidate.version:
        raise WheelRefused(filename, f"its metadata is of version {version}", "METADATA")
    return Metadata(
        name=name,
        version=version,
        requires=tuple(_requirement(text, filename, requirements) for text in fields["requires-dist"]),
        provides_extras=frozenset(canonicalize_name(extra) for extra in fields["provides-extra"]),
        requires_python=_python_specifiers(fields["requires-python"]),
        raw=raw,
    )


def identity(filename: str, raw: bytes) -> tuple[NormalizedName, Version]:
    """Return the project and version that a METADATA file is of. Raises `WheelRefused` if it names none."""
    return _identity(filename, _fields(raw))


def _identity(filename: str, fields: dict[str, list[str]]) -> tuple[NormalizedName, Version]:
    name = canonicalize_name(next(iter(fields["name"]), ""))
    written = next(iter(fields["version"]), "")
    try:
        return name, Version(written)
    except InvalidVersion:
        raise WheelRefused(filename, f"its metadata has no valid version ({written!r})", "METADATA") from None


def _fields(raw: bytes) -> dict[str, list[str]]:
    """Return the values of `FIELDS`, each as often as it is there."""
    fields: dict[str, list[str]] = {field: [] for field in FIELDS}
    for field, value in scan_header(raw):
        if field in FIELDS:
            fields[field].append(value)
    return fields


def _requirement(text: str, filename: str, known: dict[str, Requirement]) -> Requirement:
    requirement = known.get(text)
    if requirement is None:
        try:
            requirement = known[text] = Requirement(text)
        except (InvalidRequirement, RecursionError) as fault:
            shown, reason = hide_credentials(text)[:200], hide_credentials(str(fault).partition("\n")[0])
            raise WheelRefused(filename, f"Requires-Dist {shown!r} is not valid: {reason}", "METADATA") from fault
    return requirement


def _python_specifiers(values: list[str]) -> SpecifierSet:
    try:
        return SpecifierSet(values[0]) if values else SpecifierSet()
    except InvalidSpecifier:
        return SpecifierSet()  # pip takes an unreadable Requires-Python for none
