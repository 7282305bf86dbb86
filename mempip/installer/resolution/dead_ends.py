"""Picks that can be part of no resolution at all, whatever else is chosen, remembered so that none is tried twice.

What may live here: that one inference. A pick is a dead end if one of its demands has no pick, or dead ends only. It is
judged after the resolver had to go on to another version, so that a resolution without trouble pays nothing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from mempip.installer.resolution.terms import ExactDemand, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mempip.installer.resolution.terms import Demand, Pick, VersionDemand


class DeadEnds:
    """Dead ends, each with the demand of its own that nothing meets.

    `picks_of` returns what meets a demand, were it the only one.
    """

    def __init__(self, picks_of: Callable[[VersionDemand], Iterable[Pick]]) -> None:
        self._picks_of = picks_of
        self._unmet: dict[Pick, Demand] = {}
        self._hopeless: set[tuple[str, str]] = set()

    def __contains__(self, pick: Pick) -> bool:
        return pick in self._unmet or pick.base in self._unmet

    def judge(self, pick: Pick, demands: Iterable[Demand]) -> None:
        """Find out whether `pick`, which asks for `demands`, is a dead end."""
        unmet = None if pick in self else next(filter(self._is_hopeless, demands), None)
        if unmet is not None:
            self._unmet[pick] = unmet

    def forget(self) -> None:
        """Take back all judgements: there are picks that were not known of."""
        self._unmet.clear()
        self._hopeless.clear()

    def _is_hopeless(self, demand: Demand) -> bool:
        if isinstance(demand, Refusal):
            return True
        if isinstance(demand, ExactDemand):
            return demand.pick in self
        key = demand.identifier, demand.key
        if key not in self._hopeless and all(pick in self for pick in self._picks_of(demand)):
            self._hopeless.add(key)
        return key in self._hopeless

    def reasons(self, demand: Demand, parent: Pick | None) -> Iterator[tuple[Demand, Pick | None]]:
        """Yield the demands without any pick for which `demand`, of `parent`, cannot be met, and whose they are.

        That is `demand` itself, if it has picks that are no dead ends, or none at all.
        """
        todo: deque[tuple[Demand, Pick | None]] = deque([(demand, parent)])
        seen = set()
        while todo:
            current, owner = todo.popleft()
            below = self._below(current)
            if not below:
                yield current, owner
            for pick in below:
                if pick not in seen:
                    seen.add(pick)
                    todo.append((self._unmet[pick], pick))

    def _below(self, demand: Demand) -> list[Pick]:
        """The dead ends that are all that meets `demand`."""
        if isinstance(demand, Refusal):
            return []
        picks = [demand.pick] if isinstance(demand, ExactDemand) else list(self._picks_of(demand))
        if not all(pick in self for pick in picks):
            return []
        return [pick if pick in self._unmet else pick.base for pick in picks]
