"""Specifiers and a catalog → candidates in the order in which they are to be tried.

What may live here: what an environment can use and what specifiers let through (PEP 440's rule for pre-releases,
PEP 592's for yanked files). Used by the resolver and, from other threads, by the prefetcher: both must see the same.
"""

from __future__ import annotations

from copy import copy
from functools import partial, reduce
from itertools import tee
from operator import and_, attrgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename

from mempip.installer.choices import choice
from mempip.installer.index.model import Candidate
from mempip.installer.requirements import marker_applies
from mempip.installer.resolution.terms import pins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from packaging.markers import Marker
    from packaging.utils import NormalizedName

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.resolution.terms import Catalog, VersionDemand
    from mempip.installer.target import Target

T = TypeVar("T")

_version = attrgetter("version")


class Environment:
    """What the target can use: markers, Requires-Python and the tags of wheels named directly."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._answers: dict[tuple[str, frozenset[NormalizedName]], bool] = {}

    def applies(self, marker: Marker | None, extras: frozenset[NormalizedName]) -> bool:
        """Whether a dependency with `marker` is one when `extras` are asked for."""
        if marker is None:
            return True
        key = str(marker), extras
        if key not in self._answers:
            self._answers[key] = marker_applies(marker, self._target.environment, extras)
        return self._answers[key]

    def satisfies(self, requires_python: SpecifierSet) -> bool:
        """Whether the target's Python is one that a project asks for."""
        return self._target.accepts_python(str(requires_python))

    def candidate(self, file: ProjectFile) -> Candidate | None:
        """The candidate that a wheel named directly is, or ``None`` if its tags do not fit."""
        name, version, _, _ = parse_wheel_filename(file.filename)
        rank = self._target.rank("-".join(file.filename[:-4].lower().rsplit("-", 3)[1:]))
        return None if rank is None else Candidate(name, version, file, rank)

    def __str__(self) -> str:
        return f"Python {self._target.python_version}"


class Matcher:
    """Answers which candidates of a project fit, given constraints and whether pre-releases are welcome."""

    def __init__(
        self,
        catalog: Catalog,
        constraints: Mapping[NormalizedName, SpecifierSet],
        pinned: Collection[NormalizedName],
        all_releases: Iterable[str] = (),
        only_final: Iterable[str] = (),
    ) -> None:
        self._catalog = catalog
        self._constraints = constraints
        self._pinned = pinned  # by the user
        # Where no list has a project, PEP 440's rule holds: pre-releases if a specifier names one, or as a last resort.
        self._prereleases = choice(all_releases, only_final)

    def constraint(self, name: NormalizedName) -> SpecifierSet:
        """What the user's constraints say about a project; empty if nothing."""
        return self._constraints.get(name, _ANY)

    def specifier(self, name: NormalizedName, demands: Iterable[VersionDemand]) -> SpecifierSet:
        """All that limits a project: its constraint and what `demands` say."""
        return reduce(and_, (demand.specifier for demand in demands), self.constraint(name))

    def matches(self, name: NormalizedName, specifier: SpecifierSet) -> Iterator[Candidate]:
        """Yield the candidates that `specifier` lets through, newest first, as far as they are asked for.

        Yanked ones are left out, unless the user pins one version, and that exists yanked only (PEP 592). Raises
        `ProjectNotFound`.
        """
        candidates = self._catalog.candidates(name)
        fitting = partial(specifier.filter, prereleases=self._prereleases(name), key=_version)
        found = False
        for candidate in fitting(c for c in candidates if not c.yanked):
            found = True
            yield candidate
        if not found and name in self._pinned and pins(specifier):
            yield from fitting(c for c in candidates if c.yanked)


class Replay(Generic[T]):
    """An iterable over an iterator that works only as far as it is read, and never twice for one item."""

    def __init__(self, items: Iterable[T]) -> None:
        (self._items,) = tee(items, 1)

    def __iter__(self) -> Iterator[T]:
        return copy(self._items)


_ANY = SpecifierSet()
