"""Requirements + catalog → a resolution, or an explanation why there is none. This reads top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from resolvelib import ResolutionImpossible, ResolutionTooDeep
from resolvelib.resolvers import Resolution as Search

from mempip.errors import InvalidRequirement
from mempip.installer.resolution.candidates import Environment, Matcher
from mempip.installer.resolution.explanation import Explainer, History
from mempip.installer.resolution.prefetch import Prefetcher
from mempip.installer.resolution.provider import Provider
from mempip.installer.resolution.result import resolution_of
from mempip.installer.resolution.terms import installed_from, pins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from packaging.utils import NormalizedName

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.requirements import UserRequirement
    from mempip.installer.resolution.result import Resolution
    from mempip.installer.resolution.terms import Catalog
    from mempip.installer.target import Target

#: Rounds after which a resolution is given up: pip's number. A large environment takes a few hundred.
MOST_ROUNDS = 200_000


def resolve(
    requirements: Iterable[UserRequirement],
    catalog: Catalog,
    target: Target,
    *,
    all_releases: Iterable[str] = (),
    only_final: Iterable[str] = (),
    no_deps: bool = False,
    upgrade: bool = False,
    eager: bool = False,
    installed: Iterable[Mapping[str, Any]] = (),
    constraints: Iterable[UserRequirement] = (),
    asked: str = "you asked for",
) -> Resolution:
    """Choose one version of everything that `requirements` need, as pip would.

    `requirements` come from `parse_requirement`, `constraints` from `parse_constraint`, `installed` is
    `InstallOptions.installed`. What is installed stays if it satisfies; with `upgrade`, what `requirements` name is
    taken in the newest version that fits, and with `eager` what that needs, too (pip's ``--upgrade-strategy``). Markers
    (PEP 508), pre-releases (PEP 440) and yanked files (PEP 592) follow the specifications. `asked` stands in front of
    `requirements` where they are explained.

    Raises `ProjectNotFound`, `NoMatchingVersion`, `ResolutionImpossible`, `ResolutionTooDeep` and whatever the
    catalog raises.
    """
    requested = [requirement for requirement in requirements if requirement.applies(target.environment)]
    names = frozenset(requirement.name for requirement in requested)
    here = installed_from(installed)
    environment = Environment(target)
    applying = [constraint for constraint in constraints if constraint.applies(target.environment)]
    limits = _limits(applying)
    pinned = {row.name for row in requested if pins(row.specifier)} | {name for name in limits if pins(limits[name])}
    matcher = Matcher(catalog, limits, pinned, all_releases, only_final)
    history = History()
    with Prefetcher(catalog, environment, matcher, no_deps=no_deps) as prefetcher:
        provider = Provider(
            catalog,
            environment,
            matcher,
            prefetcher,
            no_deps=no_deps,
            installed=here,
            files=_files(applying),
            upgradable=(names | here.keys() if eager else names) if upgrade else frozenset(),
        )
        explainer = Explainer(history, matcher, catalog, provider.missing, provider.dead_ends, asked)
        try:
            roots = provider.roots(requested)
            state = Search(provider, history).resolve(roots, MOST_ROUNDS)
        except ResolutionImpossible as impossible:
            raise explainer.error(impossible.causes) from None
        except ResolutionTooDeep as too_deep:
            raise explainer.given_up(too_deep.round_count) from None
        return resolution_of(state.mapping, roots, provider.get_dependencies, catalog)


def _limits(constraints: Iterable[UserRequirement]) -> dict[NormalizedName, SpecifierSet]:
    limits: dict[NormalizedName, SpecifierSet] = {}
    for constraint in constraints:
        limits[constraint.name] = limits.get(constraint.name, SpecifierSet()) & constraint.specifier
    return limits


def _files(constraints: Iterable[UserRequirement]) -> dict[NormalizedName, ProjectFile]:
    """Return the files that constraints name. Raises `InvalidRequirement` for a second one of a project."""
    files: dict[NormalizedName, ProjectFile] = {}
    for constraint in constraints:
        if constraint.file and files.setdefault(constraint.name, constraint.file) != constraint.file:
            raise InvalidRequirement(constraint.text, "another constraint names another file", constraint.origin)
    return files
