"""The order in which projects are looked at. It is pip's; a change of it changes what is installed."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from resolvelib.structs import RequirementInformation as Cause

from mempip.installer.requirements import parse_requirements
from mempip.installer.resolution.candidates import Environment, Matcher
from mempip.installer.resolution.prefetch import Prefetcher
from mempip.installer.resolution.provider import PROMOTED_AFTER, Provider
from mempip.installer.resolution.terms import ExactDemand, Installed, Pick, VersionDemand
from tests.installer.resolution.memory_catalog import TARGET, MemoryCatalog


@pytest.fixture
def provider():
    catalog = MemoryCatalog({})
    environment = Environment(TARGET)
    matcher = Matcher(catalog, {}, ())
    with Prefetcher(catalog, environment, matcher, no_deps=False) as prefetcher:
        yield Provider(catalog, environment, matcher, prefetcher, no_deps=False, installed={}, upgradable=frozenset())


def demand(name, specifier=""):
    return VersionDemand.of(name, SpecifierSet(specifier))


def pick(name):
    return Pick(name, Installed(name, Version("1"), ()))


def order(provider, *demands):
    information = {}
    for one in demands:
        information.setdefault(one.identifier, []).append(Cause(one, None))
    return sorted(information, key=lambda name: provider.get_preference(name, {}, {}, information, []))


def narrow(provider, identifiers, causes=(), resolutions=()):
    return list(provider.narrow_requirement_selection(identifiers, dict.fromkeys(resolutions), {}, {}, causes))


def test_exact_then_pinned_then_bounded_then_requested_then_limited_then_by_name(provider):
    provider.roots(parse_requirements(["second", "first"]))
    demands = [
        demand("a"),
        demand("b", ">=1"),
        demand("first"),
        demand("second"),
        demand("h", "<2"),
        demand("g", "~=1.0"),
        demand("f", "==1.*"),
        demand("i", "<=2"),
        demand("p", "==1"),
        demand("o", "===1"),
        demand("c", "!=1"),
        ExactDemand(pick("z")),
    ]
    expected = ["z", "o", "p", "f", "g", "h", "i", "second", "first", "b", "c", "a"]
    assert order(provider, *demands) == expected


def test_one_pin_among_several_demands_is_enough(provider):
    assert order(provider, demand("a"), demand("b", ">=1"), demand("b", "==1"), demand("c", "<2")) == ["b", "c", "a"]


def test_a_requirement_with_extras_and_a_specifier_counts_for_its_project(provider):
    provider.roots(parse_requirements(["z[x]>=1", "y[x]"]))
    assert order(provider, demand("a"), demand("z")) == ["z", "a"]
    assert order(provider, demand("a"), demand("y")) == ["a", "y"]


def test_requirements_with_extras_are_looked_up_last(provider):
    roots = provider.roots(parse_requirements(["a[x]>=1", "b"]))
    assert [str(root) for root in roots] == ["a>=1", "b", "a[x]>=1"]


def test_what_was_in_the_last_conflict_comes_first(provider):
    assert narrow(provider, ["a", "b", "c", "d"]) == ["a", "b", "c", "d"]
    assert narrow(provider, ["a", "b", "c", "d"], [Cause(demand("d"), pick("b"))]) == ["b", "d"]
    assert narrow(provider, ["a", "b"], [Cause(demand("d"), None)]) == ["a", "b"]


def test_what_is_open_in_many_conflicts_is_settled_before_others(provider):
    causes = [Cause(demand("d"), pick("b"))]
    for _ in range(PROMOTED_AFTER - 1):
        narrow(provider, ["d"], causes, resolutions=["b"])
    assert narrow(provider, ["a", "d"]) == ["a", "d"]
    narrow(provider, ["d"], causes, resolutions=["b"])
    assert narrow(provider, ["a", "b", "d"]) == ["d"]
    assert order(provider, demand("a", "==1"), demand("b", "==1"), demand("d")) == ["d", "a", "b"]
