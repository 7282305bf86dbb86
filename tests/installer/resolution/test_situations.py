"""The situations of resolvelib's functional Python cases, told with made-up projects, through mempip's provider.

resolvelib's releases carry neither the cases nor their indexes. As there, a case may name versions that a search has no
reason to look at: projects that have nothing to do with a conflict keep their newest version. If
``MEMPIP_TEST_RESOLVELIB`` names ``tests/functional/python/inputs`` of a checkout, the cases in there are run, too.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from packaging.markers import Marker

from mempip.errors import ResolutionImpossible
from mempip.installer.index.candidates import parse_version
from mempip.installer.resolution import resolver
from tests.installer.resolution.memory_catalog import pinned, solve

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


def recorded(inputs):
    """Return resolvelib's own cases as those above are; without those that are written for other rules.

    Their indexes list no extras, and have versions that PEP 440 knows not.
    """
    for file in sorted(inputs.glob("case/*.json")):
        case = json.loads(file.read_text())
        index = inputs / "index" / f"{case['index']}.json"
        if not index.exists() or not (case.get("resolved") or case.get("conflicted")):
            continue
        world = {}
        for name, versions in json.loads(index.read_text()).items():
            releases = world[name] = {}
            for version, contents in versions.items():
                requires = [text.replace("=='", "==").replace("';", ";") for text in contents["dependencies"]]
                extras = set(re.findall("extra == ['\"]([^'\"]+)", " ".join(requires)))
                if parse_version(version, {}) is not None:
                    releases[version] = {"requires": requires, "extras": extras}
        found = {
            name: row if isinstance(row, dict) else {"version": row} for name, row in case.get("resolved", {}).items()
        }
        expected = {
            name: row["version"]
            for name, row in found.items()
            if "marker" not in row or Marker(row["marker"]).evaluate()
        }
        unvisited = [
            f"{name}-{version}" for name, versions in case.get("unvisited", {}).items() for version in versions
        ]
        yield file.stem, (world, case["requested"], expected or None, unvisited)


if "MEMPIP_TEST_RESOLVELIB" in os.environ:
    CASES |= recorded(Path(os.environ["MEMPIP_TEST_RESOLVELIB"]))


@pytest.mark.parametrize(("world", "wanted", "expected", "unvisited"), CASES.values(), ids=CASES)
def test_situations(world, wanted, expected, unvisited, monkeypatch):
    visited = set()

    class Visits(resolver.History):
        def pinning(self, candidate):
            visited.add(f"{candidate.name}-{candidate.version}")
            super().pinning(candidate)

    monkeypatch.setattr(resolver, "History", Visits)
    if expected is None:
        with pytest.raises(ResolutionImpossible):
            solve(world, *wanted)
        return
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
