"""The resolver's questions, answered for Python packages: what fits, what needs what, what to look at first.

What may live here: the delegate that resolvelib asks. The order in which projects are looked at decides which of
several right answers is found, so it follows pip's, point by point.
"""

from __future__ import annotations

import math
from collections import Counter
from contextlib import suppress
from functools import cache
from itertools import chain, islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from resolvelib import AbstractProvider

from mempip.errors import (
    IndexFailure,
    InvalidRequirement,
    NoMatchingVersion,
    ProjectNotFound,
    SourceRefused,
    WheelRefused,
)
from mempip.installer.requirements import file_at
from mempip.installer.resolution.candidates import Replay
from mempip.installer.resolution.dead_ends import DeadEnds
from mempip.installer.resolution.terms import (
    Demand,
    ExactDemand,
    Installed,
    Pick,
    Refusal,
    VersionDemand,
    identifier_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from resolvelib.providers import Preference
    from resolvelib.structs import Matches, RequirementInformation

    from mempip.installer.index.model import Candidate, Metadata, ProjectFile
    from mempip.installer.requirements import UserRequirement
    from mempip.installer.resolution.candidates import Environment, Matcher
    from mempip.installer.resolution.prefetch import Prefetcher
    from mempip.installer.resolution.terms import Catalog

    Cause = RequirementInformation[Demand, Pick]

#: A project that was still open in this many conflicts is settled before others.
PROMOTED_AFTER = 5


class Provider(AbstractProvider[Demand, Pick, str]):
    """Answers for one resolution.

    `upgradable` are the projects whose installed version is not preferred to a newer one, `files` those that
    constraints name, in place of all others of their projects. ``missing`` collects the projects that no index knows,
    ``dead_ends`` the picks that can be part of no resolution.
    """

    def __init__(
        self,
        catalog: Catalog,
        environment: Environment,
        matcher: Matcher,
        prefetcher: Prefetcher,
        *,
        no_deps: bool,
        installed: Mapping[NormalizedName, Installed],
        upgradable: AbstractSet[NormalizedName],
        files: Mapping[NormalizedName, ProjectFile] = MappingProxyType({}),
    ) -> None:
        self.missing: dict[NormalizedName, ProjectNotFound] = {}
        self._catalog = catalog
        self._environment = environment
        self._matcher = matcher
        self._prefetcher = prefetcher
        self._no_deps = no_deps
        self._installed = installed
        self._upgradable = upgradable
        self._files = files
        self._order: dict[str, int] = {}
        self._picks: dict[tuple[str, str], Pick] = {}
        self._extras: dict[str, frozenset[NormalizedName]] = {}
        self._sources: dict[tuple[NormalizedName, frozenset[str]], Replay[Candidate | Installed]] = {}
        self._conflicts: Counter[str] = Counter()
        self._promoted: set[str] = set()
        self._demand = cache(VersionDemand.of)
        self._allows = cache(_allows)
        self._dependencies = cache(self._find_dependencies)
        self._asked: set[Pick] = set()
        self._direct: list[Candidate] = []
        self.dead_ends = DeadEnds(self._picks_of)

    # --- what the user and picks demand ---

    def roots(self, requirements: Iterable[UserRequirement]) -> list[Demand]:
        """Turn the user's requirements into demands; those with extras come last, as in pip.

        Remembers their order, for `get_preference`. Raises `NoMatchingVersion` for a wheel that cannot be loaded.
        """
        demands: list[Demand] = []
        for position, requirement in enumerate(requirements):
            several = self._demands(requirement.name, requirement.specifier, requirement.extras, requirement.file)
            if isinstance(several[0], Refusal):
                raise NoMatchingVersion(requirement.text, [f"the requirement names {several[0]}"])
            self._order.setdefault(several[0].identifier, position)
            demands += several
        for demand in demands:
            self._announce(demand)
        # The versions that a base may have are then known before those of its extras are looked for.
        return sorted(demands, key=lambda demand: demand.identifier != demand.name)

    def _demands(
        self,
        name: NormalizedName,
        specifier: SpecifierSet,
        extras: frozenset[NormalizedName],
        file: ProjectFile | None,
    ) -> list[Demand]:
        """The demands that one requirement amounts to: one for the project and one for its extras."""
        demands: list[Demand] = []
        limit = self._files.get(name)
        if limit is not None and file not in (None, limit):
            return [Refusal(f"{name} from an address that is not that of its constraint")]
        limited = limit is not None and file is None
        file = file or limit
        if file is not None:
            candidate = self._environment.candidate(file) if file.is_wheel else self._catalog.direct(file)
            if candidate is None:
                return [Refusal(f"{file.filename}, a wheel that {self._environment} cannot load")]
            if name and candidate.name != name:
                return [Refusal(f"{name}, and {file.filename} is {candidate.name}")]
            demands.append(ExactDemand(self._pick(candidate), limited))
            if extras:
                demands.append(ExactDemand(self._pick(candidate, extras), limited))
            if specifier:
                demands.append(self._demand(name, specifier))
            if candidate not in self._direct:
                self._direct.append(candidate)
                self.dead_ends.forget()
            return demands
        if extras and specifier:
            demands.append(self._demand(name, specifier))
        demands.append(self._demand(name, specifier, extras))
        for demand in demands:
            self._extras.setdefault(demand.identifier, extras if demand.identifier != name else frozenset())
        return demands

    def _pick(self, source: Candidate | Installed, extras: frozenset[NormalizedName] = frozenset()) -> Pick:
        identifier = identifier_of(source.name, extras)
        key = (identifier, "" if isinstance(source, Installed) else source.file.url)
        pick = self._picks.get(key)
        if pick is None:
            plain = self._pick(source) if extras else None
            pick = self._picks[key] = Pick(identifier, source, extras, plain)
            self._extras[identifier] = extras
        return pick

    def _find_dependencies(self, pick: Pick) -> tuple[Demand, ...]:
        demands: list[Demand] = [ExactDemand(pick.base)] if pick.extras else []
        try:
            requires = self._requires(pick)
            if not self._no_deps:
                for requirement in requires:
                    if self._environment.applies(requirement.marker, pick.extras):
                        demands += self._demands_of(requirement)
        except _Unusable as unusable:
            return (Refusal(str(unusable)),)
        for demand in demands:
            self._announce(demand)
        return tuple(demands)

    def _announce(self, demand: Demand) -> None:
        if isinstance(demand, VersionDemand) and demand.name not in self._installed:
            self._prefetcher.project(demand, self._extras[demand.identifier])

    def _requires(self, pick: Pick) -> Sequence[Requirement]:
        """What the metadata of a pick asks for; whether this Python is good enough is asked first."""
        if isinstance(pick.source, Installed):
            return pick.source.requires
        try:
            metadata: Metadata = self._catalog.metadata(pick.source)
        except WheelRefused as error:
            raise _Unusable(f"a wheel that can be read ({error})") from error
        if not self._environment.satisfies(metadata.requires_python):
            raise _Unusable(f"Python {metadata.requires_python}, and this is {self._environment}")
        return metadata.requires

    def _demands_of(self, requirement: Requirement) -> list[Demand]:
        extras = frozenset(map(canonicalize_name, requirement.extras))
        try:
            file = file_at(requirement.url) if requirement.url else None
            return self._demands(canonicalize_name(requirement.name), requirement.specifier, extras, file)
        except InvalidRequirement as error:
            raise _Unusable(str(error)) from error
        except SourceRefused as error:
            raise _Unusable(f"a source that can be used ({error})") from error

    # --- resolvelib's questions ---

    def identify(self, requirement_or_candidate: Demand | Pick) -> str:
        """A project with one set of extras is one thing to decide."""
        return requirement_or_candidate.identifier

    def get_dependencies(self, candidate: Pick) -> Iterable[Demand]:
        """Return what the metadata of `candidate` asks for, here and with its extras."""
        self._asked.add(candidate)
        return self._dependencies(candidate)

    def is_satisfied_by(self, requirement: Demand, candidate: Pick) -> bool:
        """Whether a pick is one that the demand allows."""
        return self._allows(requirement, candidate)

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Demand]],
        incompatibilities: Mapping[str, Iterator[Pick]],
    ) -> Matches[Pick]:
        """Find the picks that meet everything asked of a project so far, the one to try first in front."""
        own = list(requirements[identifier])
        if not own or any(isinstance(demand, Refusal) for demand in own):
            return ()
        name = own[0].name
        extras = self._extras[identifier]
        # What limits the base limits its extras too: fewer versions are tried in vain.
        demands = own + (list(requirements[name]) if extras and name in requirements else [])
        excluded = set(incompatibilities[identifier])
        exact = {demand.pick.base for demand in demands if isinstance(demand, ExactDemand)}
        if exact:
            picks = [self._pick(base.source, extras) for base in exact]
            return [
                pick
                for pick in picks
                if pick not in excluded
                and self._matcher.constraint(name).contains(pick.version, prereleases=True)
                and all(self._allows(demand, pick) for demand in own)
            ]
        sources = self._in_order(name, [demand for demand in demands if isinstance(demand, VersionDemand)])
        return lambda: self._in_turn(sources, extras, excluded)

    def _in_turn(
        self,
        sources: Iterable[Candidate | Installed],
        extras: frozenset[NormalizedName],
        excluded: AbstractSet[Pick],
    ) -> Iterator[Pick]:
        before: Pick | None = None
        for tried, source in enumerate(sources):
            self._judge(before)
            # After 1, 2, 4, 8 … versions were tried in vain, that many more are fetched ahead: a long search does
            # not wait for each, and never more than twice as much is fetched as was needed.
            if tried and not tried & (tried - 1):
                self._prefetcher.metadata(islice(sources, tried + 1, 2 * tried + 1))
            pick = self._pick(source, extras)
            if pick not in excluded and pick not in self.dead_ends:
                yield pick
            before = pick
        self._judge(before)

    def _judge(self, pick: Pick | None) -> None:
        """Learn from a pick that was tried and did not do, unless an index has to be asked that does not answer."""
        if pick in self._asked:
            with suppress(IndexFailure):
                self.dead_ends.judge(pick, self._dependencies(pick))

    def _picks_of(self, demand: VersionDemand) -> Iterator[Pick]:
        """Everything that meets `demand`, were it the only one."""
        extras = self._extras[demand.identifier]
        direct = (candidate for candidate in self._direct if candidate.name == demand.name)
        for source in chain(direct, self._in_order(demand.name, [demand])):
            pick = self._pick(source, extras)
            if self._allows(demand, pick):
                yield pick

    def _in_order(self, name: NormalizedName, demands: Sequence[VersionDemand]) -> Iterable[Candidate | Installed]:
        """What fits `demands`, in the order in which it is to be tried; worked out as far as it is read."""
        key = name, frozenset(demand.key for demand in demands)
        if key not in self._sources:
            self._sources[key] = Replay(self._with_installed(name, self._matcher.specifier(name, demands)))
        return self._sources[key]

    def _with_installed(self, name: NormalizedName, specifier: SpecifierSet) -> Iterator[Candidate | Installed]:
        """Candidates, and the installed version: in front of all, or at its place if the project is to be upgraded."""
        installed = self._installed.get(name)
        if installed is None or not specifier.contains(installed.version, prereleases=True):
            yield from self._candidates(name, specifier)
            return
        waiting = name in self._upgradable
        if not waiting:
            yield installed
        for candidate in self._candidates(name, specifier):
            if waiting and candidate.version <= installed.version:
                yield installed
                waiting = False
            if candidate.version != installed.version:
                yield candidate
        if waiting:
            yield installed

    def _candidates(self, name: NormalizedName, specifier: SpecifierSet) -> Iterator[Candidate]:
        try:
            yield from self._matcher.matches(name, specifier)
        except ProjectNotFound as error:
            self.missing[name] = error

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[str],
        resolutions: Mapping[str, Pick],
        candidates: Mapping[str, Iterator[Pick]],
        information: Mapping[str, Iterator[Cause]],
        backtrack_causes: Sequence[Cause],
    ) -> Iterable[str]:
        """Look first at what took part in the last conflict, then at what was open in many of them."""
        involved = set()
        for demand, parent in backtrack_causes:
            for identifier in (demand.identifier, parent.identifier) if parent else (demand.identifier,):
                involved.add(identifier)
                if identifier not in resolutions:
                    self._conflicts[identifier] += 1
                    if self._conflicts[identifier] >= PROMOTED_AFTER:
                        self._promoted.add(identifier)
        identifiers = list(identifiers)
        return (
            [identifier for identifier in identifiers if identifier in involved]
            or [identifier for identifier in identifiers if identifier in self._promoted]
            or identifiers
        )

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Pick],
        candidates: Mapping[str, Iterator[Pick]],
        information: Mapping[str, Iterator[Cause]],
        backtrack_causes: Sequence[Cause],
    ) -> Preference:
        """Lower is looked at sooner: often in conflict, exact, pinned, bounded, user's order, limited, name."""
        exact = pinning = bounding = limiting = False
        for demand, _ in information[identifier]:
            if isinstance(demand, VersionDemand):
                pinning = pinning or demand.pinning
                bounding = bounding or demand.bounding
                limiting = limiting or demand.limiting
            elif isinstance(demand, ExactDemand):
                exact = True
        return (
            identifier not in self._promoted,
            not exact,
            not pinning,
            not bounding,
            self._order.get(identifier, math.inf),
            not limiting,
            identifier,
        )


class _Unusable(Exception):
    """Why a pick cannot be used after all, worded to follow "needs"."""


def _allows(demand: Demand, pick: Pick) -> bool:
    return demand.allows(pick)
