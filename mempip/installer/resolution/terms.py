"""The words of the resolver: what it asks an index for, what is demanded, and what is picked.

What may live here: values without behaviour of their own. A *demand* is what resolvelib calls a requirement, a
*pick* what it calls a candidate; the names are kept apart from packaging's `Requirement` and from the index's
`Candidate`, which both are made from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from mempip.installer.requirements import parse_dependency

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

    from mempip.installer.index.model import Candidate, Metadata, ProjectFile


class Catalog(Protocol):
    """What the resolver asks of indexes. Methods may be called from several threads at once."""

    def candidates(self, name: NormalizedName) -> Iterable[Candidate]:
        """Return the wheels of a project that the target can load, newest first. Raises `ProjectNotFound`."""

    def metadata(self, candidate: Candidate) -> Metadata:
        """Return the metadata of a wheel."""

    def direct(self, file: ProjectFile) -> Candidate:
        """Return the candidate that a source named by its address is."""

    def explain(self, name: NormalizedName, requirement: Requirement) -> list[str]:
        """Return lines that say why no file of the project satisfies `requirement`."""

    def prefetch_metadata(self, candidate: Candidate) -> None:
        """Begin to fetch a wheel's metadata, and return at once."""


class Installed(NamedTuple):
    """A distribution that the interpreter already has in memory."""

    name: NormalizedName
    version: Version
    requires: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pick:
    """One version of one project, with or without extras: what a resolution is made of.

    There is one pick for each wheel (or installed distribution) and set of extras, so picks are compared by
    identity. A pick without extras has no ``plain`` one beside it: it is its own `base`.
    """

    identifier: str
    source: Candidate | Installed
    extras: frozenset[NormalizedName] = frozenset()
    plain: Pick | None = None

    @property
    def name(self) -> NormalizedName:
        """The project's name, without extras."""
        return self.source.name

    @property
    def version(self) -> Version:
        """The version that it is."""
        return self.source.version

    @property
    def base(self) -> Pick:
        """The same version without extras."""
        return self.plain or self

    def __str__(self) -> str:
        return f"{self.identifier} {self.version}"


@dataclass(frozen=True, slots=True, eq=False)
class VersionDemand:
    """A project in one of the versions that a specifier allows.

    ``pinning``, ``bounding`` and ``limiting`` say what the specifier has: ``==`` of one version, an upper bound,
    anything at all. They steer the order of resolution and are worked out once.
    """

    identifier: str
    name: NormalizedName
    specifier: SpecifierSet
    key: str  #: the specifier as a string
    pinning: bool
    bounding: bool
    limiting: bool

    @classmethod
    def of(
        cls, name: NormalizedName, specifier: SpecifierSet, extras: frozenset[NormalizedName] = frozenset()
    ) -> VersionDemand:
        """Make the demand that a requirement without an address is."""
        clauses = [(clause.operator, clause.version) for clause in specifier]
        return cls(
            identifier=identifier_of(name, extras),
            name=name,
            specifier=specifier,
            key=str(specifier),
            pinning=pins(specifier),
            bounding=any(op in ("<", "<=", "~=") or (op == "==" and "*" in version) for op, version in clauses),
            limiting=bool(clauses),
        )

    def allows(self, pick: Pick) -> bool:
        """Whether the pick's version is one of those asked for."""
        # Whether pre-releases are welcome was decided when the pick was offered.
        return self.specifier.contains(pick.version, prereleases=True)

    def __str__(self) -> str:
        return f"{self.identifier}{self.key}"


@dataclass(frozen=True, slots=True, eq=False)
class ExactDemand:
    """One pick and no other: the file that a requirement or constraint names, or the base of a pick with extras."""

    pick: Pick
    by_constraint: bool = False

    @property
    def identifier(self) -> str:
        """That of the pick."""
        return self.pick.identifier

    @property
    def name(self) -> NormalizedName:
        """That of the pick."""
        return self.pick.name

    def allows(self, pick: Pick) -> bool:
        """Whether it is the one."""
        return pick is self.pick

    def __str__(self) -> str:
        if isinstance(self.pick.source, Installed):
            return f"{self.pick.identifier}=={self.pick.version}"
        remark = ", which a constraint names" if self.by_constraint else ""
        return f"{self.pick.identifier}=={self.pick.version} ({self.pick.source.file.filename}{remark})"


@dataclass(frozen=True, slots=True, eq=False)
class Refusal:
    """A demand that nothing meets: how a pick says that it cannot be used after all, and why."""

    reason: str  #: worded to follow "needs"

    #: No project can have this name.
    identifier = "<refused>"
    name = canonicalize_name("<refused>")

    def allows(self, pick: Pick) -> bool:
        """Never."""
        return False

    def __str__(self) -> str:
        return self.reason


Demand = VersionDemand | ExactDemand | Refusal


def identifier_of(name: NormalizedName, extras: frozenset[NormalizedName]) -> str:
    """What the resolver knows a project by: its name, and the extras if there are any."""
    return f"{name}[{','.join(sorted(extras))}]" if extras else name


def pins(specifier: SpecifierSet) -> bool:
    """Whether `specifier` names one version, with ``===`` or with ``==`` and no wildcard."""
    return any(clause.operator in ("==", "===") and not clause.version.endswith(".*") for clause in specifier)


def installed_from(rows: Iterable[Mapping[str, Any]]) -> dict[NormalizedName, Installed]:
    """Read `InstallOptions.installed`: dictionaries with ``name``, ``version`` and ``requires``.

    Raises `InvalidRequirement`.
    """
    found = {}
    for row in rows:
        name = canonicalize_name(row["name"])
        origin = f"the installed {name} {row['version']}"
        requires = tuple(parse_dependency(text, origin=origin) for text in row.get("requires", ()))
        found[name] = Installed(name, Version(row["version"]), requires)
    return found
