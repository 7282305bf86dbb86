"""The situations of resolvelib's functional Python cases, told with made-up projects, through mempip's provider.

As there, a case may name versions that a search has no reason to look at: projects that have nothing to do with a
conflict keep their newest version. The cases themselves are no part of its releases; platform_tests fetches them.
"""

from __future__ import annotations

import pytest

from mempip.errors import ResolutionImpossible
from tests.installer.resolution.memory_catalog import pinned, record_visits, solve

EXTRAS = ["red", "green", "blue"]


def colours(*versions):
    """Return a project whose extras each pin a project of their own to the project's version, and those projects."""
    world = {"paint": {}, **{colour: {version: [] for version in versions} for colour in EXTRAS}}
    for version in versions:
        requires = [f"{colour}=={version}; extra == '{colour}'" for colour in EXTRAS]
        world["paint"][version] = {"requires": requires, "extras": EXTRAS}
    return world


#: Two maps and a table that all want dates; the oldest demand of dates is deep in the newest version of ``tiles``.
DATES = {
    "table": {"1.3": ["dates>=2.7.3"], "1.4": ["dates>=2.8.1"]},
    "maps": {"1.8.2": ["dates>=2.7"], "1.8.3": ["dates>=2.7"]},
    "client": {"0.3.2": ["http>=2.25", "maps~=1.2.0"], "0.3.3": ["http>=2.25", "maps>=1.4"]},
    "tiles": {"0.1.0": ["http~=2.19.1", "dates~=2.7.5"], "0.1.1": ["dates~=2.7.5"]},
    "dates": {"2.7.5": [], "2.9.0": []},
    "http": {"2.31": []},
}
WANTED = ["table>=1.3,<=1.4", "maps>=1.8.2,<=1.8.3", "client>=0.3.2,<=0.3.3", "tiles<=0.1.1"]
FOUND = {"table": "1.3", "maps": "1.8.3", "client": "0.3.3", "tiles": "0.1.1", "dates": "2.7.5", "http": "2.31"}

#: ``top`` needs ``middle`` in its own version, and that ``bottom`` in its own; the others have nothing to do with it.
STAIRS = {
    "bottom": {"1": [], "2": []},
    "top": {"1": ["middle==1"], "2": ["middle==2"]},
    "middle": {"1": ["bottom==1"], "2": ["bottom==2"]},
    **{name: {"1": [], "2": []} for name in ("x", "y", "z")},
}

CASES = {
    "an older version accepts what the newest does not": (
        {"six": {"1.11": [], "1.12": []}, "env": {"16.7": ["six>=1.9"], "20.0": ["six>=1.12"]}},
        ["six<1.12", "env"],
        {"six": "1.11", "env": "16.7"},
        [],
    ),
    "one project, several times": (
        {"a": {"0.1": [], "1.0": [], "1.1": [], "1.2": [], "1.3": []}},
        ["a>=1.1", "a>=1.0,<1.3", "a>=1.2"],
        {"a": "1.2"},
        ["a-1.3", "a-1.1"],
    ),
    "one project, several times, with extras": (
        colours("0.1", "1.0", "1.1", "1.2", "1.3"),
        ["paint[red,blue]>=1.1", "paint[red,green]>=1.0,<1.3", "paint>=1.2"],
        {"paint": "1.2", "red": "1.2", "green": "1.2", "blue": "1.2"},
        ["red-1.3", "blue-1.1"],
    ),
    "with an extra and without": (
        colours("1.0", "1.1"), ["paint", "paint[red]<1.1"], {"paint": "1.0", "red": "1.0"}, ["paint-1.1"]
    ),
    "different extras of a pinned version": (
        colours("1.0", "1.1"),
        ["paint[red]==1.0", "paint[green]==1.0"],
        {"paint": "1.0", "red": "1.0", "green": "1.0"},
        ["paint-1.1"],
    ),
    "demands that meet in one project": (DATES, WANTED, FOUND, ["maps-1.8.2", "client-0.3.2", "tiles-0.1.0"]),
    "demands of one project that meet in another": (
        {"all": {"1": WANTED}, **DATES}, ["all"], {"all": "1", **FOUND}, ["maps-1.8.2", "tiles-0.1.0"]
    ),
    "demands that meet two levels down": (
        {"a": {"1": ["b", "c"]}, "b": {"1": [], "2": []}, "c": {"1": WANTED}, **DATES},
        ["a"],
        {"a": "1", "b": "2", "c": "1", **FOUND},
        ["b-1", "maps-1.8.2"],
    ),
    "a conflict three levels down, beside one that has no part in it": (
        STAIRS, ["bottom==1", "top", "x"], {"bottom": "1", "middle": "1", "top": "1", "x": "2"}, ["x-1"]
    ),
    "a conflict three levels down, beside several": (
        STAIRS,
        ["bottom==1", "top", "x", "y", "z"],
        {"bottom": "1", "middle": "1", "top": "1", "x": "2", "y": "2", "z": "2"},
        ["x-1", "y-1", "z-1"],
    ),
    "projects that need each other": (
        {"a": {"1": ["b==1"], "2": ["b==2"]}, "b": {"1": ["a==1"], "2": ["a<2"]}}, ["a"], {"a": "1", "b": "1"}, []
    ),
    "a pre-release that a dependency names": (
        {"a": {"1": ["b>=2rc1"]}, "b": {"1": [], "2rc1": []}}, ["a", "b"], {"a": "1", "b": "2rc1"}, ["b-1"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("world", "wanted", "expected", "unvisited"), CASES.values(), ids=CASES)
def test_situations(world, wanted, expected, unvisited, monkeypatch):
    visited = record_visits(monkeypatch)
    assert pinned(solve(world, *wanted)) == expected
    assert {f"{name}-{version}" for name, version in expected.items()} <= visited
    assert visited.isdisjoint(unvisited)


def test_who_contradicts_whom_is_said():
    world = {
        "coverage": {"5.2": [], "5.3": []},
        "pytest": {"5": [], "6": []},
        "mock": {"1.11": ["pytest>=5"]},
        "sugar": {"0.9": ["pytest>=5"]},
        "testmon": {"0.9": ["coverage<5", "pytest>=5,<7"], "0.8": ["pytest<5", "coverage"]},
    }
    with pytest.raises(ResolutionImpossible) as caught:
        solve(world, "coverage==5.3", "mock>=1.11", "sugar>=0.9", "testmon<1")
    assert "testmon 0.9 needs coverage<5" in str(caught.value)
    assert "coverage==5.3" in str(caught.value)
