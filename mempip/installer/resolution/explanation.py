"""resolvelib's failures → errors that a person can follow, with the nearest way out.

What may live here: finding and wording reasons. Nothing here influences what is resolved.
"""

from __future__ import annotations

from collections import Counter, deque
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from resolvelib import BaseReporter
from resolvelib.structs import RequirementInformation

from mempip.errors import NoMatchingVersion, ProjectNotFound, ResolutionImpossible, ResolutionTooDeep
from mempip.installer.requirements import pep508
from mempip.installer.resolution.terms import Demand, ExactDemand, Pick, Refusal, VersionDemand

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from packaging.utils import NormalizedName

    from mempip.errors import ResolutionError
    from mempip.installer.index.model import Candidate
    from mempip.installer.resolution.candidates import Matcher
    from mempip.installer.resolution.dead_ends import DeadEnds
    from mempip.installer.resolution.terms import Catalog

    Cause = RequirementInformation[Demand, Pick]

#: More lines than this are counted instead of shown.
MOST_LINES = 12
#: Projects named as those that a resolution was stuck on.
MOST_PROJECTS = 3


class History(BaseReporter[Demand, Pick, str]):
    """Remembers who demanded what during a resolution, so that a demand can be traced to the user, and what failed.

    ``conflicts`` counts the conflicts about each project; ``last`` are the causes of the last one.
    """

    def __init__(self) -> None:
        self._demanded: dict[str, dict[tuple[Demand, Pick | None], None]] = {}
        self.conflicts: Counter[NormalizedName] = Counter()
        self.last: Collection[Cause] = ()

    def adding_requirement(self, requirement: Demand, parent: Pick | None) -> None:
        """Note one demand; resolvelib reports each as it looks at it."""
        self._demanded.setdefault(requirement.identifier, {})[requirement, parent] = None

    def resolving_conflicts(self, causes: Collection[Cause]) -> None:
        """Note a conflict; resolvelib reports each before it takes back what led there."""
        self.conflicts.update({cause.requirement.name for cause in causes})
        self.last = causes

    def route(self, pick: Pick) -> list[tuple[Demand, Pick | None]]:
        """Return the shortest chain of demands that leads from `pick` (first) up to the user (last).

        There is one for every pick that the resolver has tried.
        """
        before: dict[Pick, list[tuple[Demand, Pick | None]]] = {pick: []}
        queue = deque([pick])
        while queue:
            current = queue.popleft()
            for demand, parent in self._demanded.get(current.identifier, ()):
                if not demand.allows(current):
                    continue
                route = [*before[current], (demand, parent)]
                if parent is None:
                    return route
                if parent not in before:
                    before[parent] = route
                    queue.append(parent)
        return before[pick]


class Explainer:
    """Finds the words for a resolution that failed.

    `missing` are the projects that no index knows, `dead_ends` the picks that were passed over as such. `asked` says
    who asked for the requirements themselves.
    """

    def __init__(
        self,
        history: History,
        matcher: Matcher,
        catalog: Catalog,
        missing: Collection[NormalizedName],
        dead_ends: DeadEnds,
        asked: str = "you asked for",
    ) -> None:
        self._history = history
        self._matcher = matcher
        self._catalog = catalog
        self._missing = missing
        self._dead_ends = dead_ends
        self._asked = asked

    def error(self, causes: Collection[Cause]) -> ResolutionError:
        """Return the error for `causes`, the demands (and whose they are) that resolvelib could not reconcile."""
        causes = self._reasons(causes)
        if all(isinstance(cause.requirement, Refusal) for cause in causes):
            return self._unusable(causes)
        first = next(iter(causes)).requirement
        if isinstance(first, VersionDemand) and all(self._is_hopeless(cause.requirement) for cause in causes):
            return self._hopeless(first, [cause.parent for cause in causes if cause.parent is not None])
        return ResolutionImpossible(self._conflict(causes), self._way_out(causes, _names(causes)))

    def given_up(self, rounds: int) -> ResolutionTooDeep:
        """Return the error for a resolution that was given up: what it was stuck on."""
        most = [name for name, _ in self._history.conflicts.most_common(MOST_PROJECTS)]
        return ResolutionTooDeep(rounds, most, self._conflict(self._reasons(self._history.last)))

    def _reasons(self, causes: Collection[Cause]) -> list[Cause]:
        """What `causes` come down to where they lead to dead ends only."""
        found = (reason for cause in causes for reason in self._dead_ends.reasons(*cause))
        return [RequirementInformation(*reason) for reason in dict.fromkeys(found)]

    # --- one thing that cannot be had ---

    def _is_hopeless(self, demand: Demand) -> bool:
        """Whether no version meets `demand`, whatever else is asked for."""
        return isinstance(demand, VersionDemand) and self._newest(demand.name, demand.specifier) is None

    def _hopeless(self, demand: VersionDemand, parents: Sequence[Pick]) -> ResolutionError:
        required_by = list(dict.fromkeys(map(self._trail, parents)))[:3]
        if demand.name in self._missing:
            try:
                self._catalog.candidates(demand.name)
            except ProjectNotFound as error:
                return ProjectNotFound(error.project, error.sources, required_by)
        reasons = self._catalog.explain(demand.name, pep508(str(demand)))
        return NoMatchingVersion(str(demand), reasons, required_by, self._nearest(demand, parents))

    def _nearest(self, demand: VersionDemand, parents: Sequence[Pick]) -> str:
        """The nearest thing to `demand` that can be had; empty if nothing of the project can."""
        usable = self._catalog.candidates(demand.name)
        fitting = [candidate for candidate in usable if demand.specifier.contains(candidate.version, prereleases=True)]
        if fitting:  # yanked, or there would be no error
            return f"'{demand.name}=={fitting[0].version}' asks for a yanked version all the same."
        newest = next((candidate.version for candidate in usable if not candidate.yanked), None)
        if newest is None:
            return ""
        if not parents:
            return f"{demand.name} {newest} is the newest that can be used here: ask for that, or use another Python."
        roots = dict.fromkeys(str(self._history.route(parent)[-1][0]) for parent in parents)
        return f"{demand.name} {newest} can be used here: ask for another version of {', '.join(map(repr, roots))}."

    def _unusable(self, causes: Collection[Cause]) -> ResolutionError:
        refused = {cause.parent: cause.requirement for cause in causes if cause.parent is not None}
        wanted, by = self._history.route(next(iter(refused)))[0]
        reasons = [f"{pick} needs {reason}" for pick, reason in refused.items()]
        return NoMatchingVersion(str(wanted), reasons, [self._trail(by)] if by else [])

    # --- things that contradict each other ---

    def _conflict(self, causes: Collection[Cause]) -> list[str]:
        """All lines about a conflict, as far as people read them."""
        lines = [*self._lines(causes), *filter(None, map(self._constraint_line, _names(causes)))]
        if len(lines) > MOST_LINES:
            lines[MOST_LINES:] = [f"and {len(lines) - MOST_LINES} more of this kind"]
        return lines

    def _lines(self, causes: Iterable[Cause]) -> list[str]:
        """One line for each thing that somebody wants; versions that want the same share a line."""
        groups: dict[tuple[str, str], list[Cause]] = {}
        for cause in causes:
            owner = cause.parent.identifier if cause.parent else ""
            groups.setdefault((owner, _wish(cause)), []).append(cause)
        lines = []
        for (_, wish), group in groups.items():
            parents = list(dict.fromkeys(cause.parent for cause in group if cause.parent is not None))
            if not parents:
                lines.append(f"{self._asked} {wish}{self._remark(group[0].requirement)}")
            else:
                verb = "needs" if len(parents) == 1 else "need"
                remark = self._remark(group[0].requirement)
                lines.append(f"{_versions(parents)} {verb} {wish}{remark}{self._because(parents[0])}")
        # What the user asked for is what the user can change: it comes first.
        return sorted(lines, key=lambda line: not line.startswith(self._asked))

    def _remark(self, demand: Demand) -> str:
        if demand.name in self._missing:
            return ", which no index knows"
        return ", of which there is no usable version" if self._is_hopeless(demand) else ""

    def _trail(self, pick: Pick) -> str:
        """Name `pick`, and how it came into play unless the user named it."""
        return f"{pick}{self._because(pick)}" if len(self._history.route(pick)) > 1 else str(pick)

    def _because(self, pick: Pick) -> str:
        """How `pick` came into play, in brackets: who needs it, up to what the user asked for."""
        steps = []
        for demand, parent in self._history.route(pick):
            if parent is None:
                steps.append(f"{self._asked} {demand}")
            elif parent.name != demand.name:
                steps.append(f"{parent} needs {demand}")
        return f" ({', '.join(steps)})" if steps else ""

    def _constraint_line(self, name: NormalizedName) -> str:
        constraint = self._matcher.constraint(name)
        return f"a constraint limits {name} to {constraint}" if constraint else ""

    def _way_out(self, causes: Collection[Cause], names: Sequence[NormalizedName]) -> str:
        """The smallest change by the user that would end the conflict, as far as it can be seen from here."""
        for name in names:
            wishes = [(cause.requirement, cause.parent) for cause in causes if cause.requirement.name == name]
            specifiers = [
                (demand.specifier if isinstance(demand, VersionDemand) else SpecifierSet(), demand, parent)
                for demand, parent in wishes
            ]
            constraint = self._matcher.constraint(name)
            for index, (_, demand, parent) in enumerate(specifiers):
                if parent is not None:
                    continue
                others = [specifier for specifier, *_ in specifiers[:index] + specifiers[index + 1 :]]
                best = self._newest(name, reduce(and_, others, constraint))
                if best is not None:
                    return f"Without your '{demand}', {name} {best.version} would fit: loosen it or leave it out."
            if constraint:
                best = self._newest(name, reduce(and_, [specifier for specifier, *_ in specifiers], SpecifierSet()))
                if best is not None:
                    return f"Without the constraint '{name}{constraint}', {name} {best.version} would fit."
        roots = dict.fromkeys(str(self._root(cause)) for cause in causes)
        if len(roots) == 1:
            return f"Ask for another version of {next(iter(roots))!r}, or leave it out."
        return f"Loosen or leave out one of: {', '.join(map(repr, roots))}."

    def _root(self, cause: Cause) -> Demand:
        """The user's own demand that led to `cause`."""
        route = self._history.route(cause.parent) if cause.parent else []
        return route[-1][0] if route else cause.requirement

    def _newest(self, name: NormalizedName, specifier: SpecifierSet) -> Candidate | None:
        try:
            return next(self._matcher.matches(name, specifier), None)
        except ProjectNotFound:
            return None


def _names(causes: Iterable[Cause]) -> list[NormalizedName]:
    return sorted({cause.requirement.name for cause in causes})


def _wish(cause: Cause) -> str:
    demand, parent = cause
    if isinstance(demand, ExactDemand) and parent is not None and parent.name == demand.name:
        return f"{demand.pick} and no other"  # extras go with their own version
    return str(demand)


def _versions(picks: Sequence[Pick]) -> str:
    """Name several versions of one project in few words."""
    versions = sorted((pick.version for pick in picks), reverse=True)
    if len(versions) <= 3:
        return f"{picks[0].identifier} {', '.join(map(str, versions))}"
    return f"{picks[0].identifier} {versions[-1]} to {versions[0]} ({len(versions)} versions)"
