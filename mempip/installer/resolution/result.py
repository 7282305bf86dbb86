"""The outcome of a resolution: which wheel of which project, in which order, and who wanted it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mempip.installer.resolution.terms import Installed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from packaging.utils import NormalizedName

    from mempip.installer.index.model import Candidate, Metadata
    from mempip.installer.resolution.terms import Catalog, Demand, Pick


class Pinned(NamedTuple):
    """A project in the one version that was chosen.

    ``requested``: the user named it. ``extras``: all that anybody asked for. ``required_by``: the projects that
    depend on it, sorted.
    """

    candidate: Candidate
    metadata: Metadata
    requested: bool
    extras: frozenset[NormalizedName]
    required_by: tuple[NormalizedName, ...]


class Resolution(NamedTuple):
    """Everything that is to be installed, dependencies before what depends on them.

    The order is the same for the same choice; where projects depend on each other in a circle, it is cut at the name
    that sorts first. ``satisfied`` are installed distributions that stay. ``warnings`` are sentences for the user.
    """

    pins: Mapping[NormalizedName, Pinned]
    satisfied: Mapping[NormalizedName, Installed] = MappingProxyType({})
    warnings: tuple[str, ...] = ()

    def without_requested(self) -> Resolution:
        """Return the same without the projects that the user named (pip's ``--only-deps``)."""
        pins = {name: pinned for name, pinned in self.pins.items() if not pinned.requested}
        return self._replace(pins=MappingProxyType(pins))


def resolution_of(
    mapping: Mapping[str, Pick],
    roots: Iterable[Demand],
    dependencies: Callable[[Pick], Iterable[Demand]],
    catalog: Catalog,
) -> Resolution:
    """Make a `Resolution` of what is pinned in `mapping`, in which extras are projects of their own.

    Only what can be reached from `roots` counts. resolvelib's own result is not used: picks that were abandoned on the
    way may still hang together in it, and it never comes back from a circle of those.
    """
    chosen: dict[NormalizedName, Pick] = {}
    extras: dict[NormalizedName, set[NormalizedName]] = {}
    parents: dict[NormalizedName, set[NormalizedName]] = {}
    requested = {demand.name for demand in roots}
    todo: list[tuple[Demand, Pick | None]] = [(demand, None) for demand in roots]
    seen = set()
    while todo:
        demand, parent = todo.pop()
        pick = mapping[demand.identifier]
        parents.setdefault(pick.name, set())
        if parent is not None and parent.name != pick.name:
            parents[pick.name].add(parent.name)
        if pick not in seen:
            seen.add(pick)
            chosen[pick.name] = pick.base
            extras.setdefault(pick.name, set()).update(pick.extras)
            todo += [(below, pick) for below in dependencies(pick)]

    pins = {}
    satisfied = {}
    warnings: list[str] = []
    for name in _dependencies_first(parents):
        source = chosen[name].source
        if isinstance(source, Installed):
            satisfied[name] = source
            continue
        metadata = catalog.metadata(source)
        wanted = frozenset(extras[name])
        pins[name] = Pinned(source, metadata, name in requested, wanted, tuple(sorted(parents[name])))
        unknown = sorted(wanted - metadata.provides_extras)
        warnings += [f"{name} {source.version} has no extra named {extra!r}; it was left out." for extra in unknown]
        if source.yanked:
            reason = source.file.yanked or "no reason is given"
            warnings.append(f"{name} {source.version} was yanked by its publisher: {reason}")
    return Resolution(MappingProxyType(pins), MappingProxyType(satisfied), tuple(warnings))


def _dependencies_first(parents: Mapping[NormalizedName, Collection[NormalizedName]]) -> Iterator[NormalizedName]:
    """Yield every name after those that it is not a parent of, as far as circles allow."""
    children: dict[NormalizedName, list[NormalizedName]] = {name: [] for name in sorted(parents)}
    for child, above in sorted(parents.items()):
        for parent in above:
            children[parent].append(child)
    seen: set[NormalizedName] = set()
    for root, roots_children in children.items():
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(roots_children))]
        while path:
            name, below = path[-1]
            for child in below:
                if child not in seen:
                    seen.add(child)
                    path.append((child, iter(children[child])))
                    break
            else:
                path.pop()
                yield name
