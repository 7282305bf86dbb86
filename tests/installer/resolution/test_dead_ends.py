from __future__ import annotations

import pytest

from mempip.errors import NoMatchingVersion, ProjectNotFound, ResolutionImpossible
from tests.installer.resolution.memory_catalog import pinned, solve

VERSIONS = [str(version) for version in range(1, 60)]


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch):
    monkeypatch.setattr("mempip.installer.resolution.resolver.MOST_ROUNDS", 400)


def test_what_needs_the_impossible_is_not_tried_with_everything_else():
    world = {
        "top": {version: [f"middle<={version}", f"other<={version}"] for version in VERSIONS},
        "other": {version: [] for version in VERSIONS},
        "middle": {version: ["low"] for version in VERSIONS},
        "low": {version: ["nowhere"] for version in VERSIONS},
    }
    with pytest.raises(ProjectNotFound) as caught:
        solve(world, "top")
    assert caught.value.required_by[0] == "low 59 (middle 59 needs low, top 59 needs middle<=59, you asked for top)"


def test_an_older_version_without_the_impossible_is_found():
    world = {
        "top": {version: [f"middle<={version}", f"other<={version}"] for version in VERSIONS},
        "other": {version: [] for version in VERSIONS},
        "middle": {version: ["low"] if version != "1" else [] for version in VERSIONS},
        "low": {version: ["none>2"] for version in VERSIONS},
        "none": {"1": []},
    }
    assert pinned(solve(world, "top")) == {"top": "59", "middle": "1", "other": "59"}


def test_extras_are_dead_with_their_base():
    world = {
        "a": {version: {"requires": ["low", "b; extra == 'x'"], "extras": ["x"]} for version in VERSIONS},
        "b": {version: [] for version in VERSIONS},
        "low": {version: ["none>2"] for version in VERSIONS},
        "none": {"1": []},
    }
    with pytest.raises(NoMatchingVersion) as caught:
        solve({**world, "top": {version: [f"a[x]<={version}"] for version in VERSIONS}}, "top")
    assert caught.value.requirement == "none>2"


def test_what_another_version_of_something_else_would_allow_is_no_dead_end():
    world = {
        "a": {"2": ["shared>1"], "1": ["shared<=1"]},
        "b": {"2": ["shared<=1", "gone"], "1": ["shared>1"]},
        "shared": {"1": [], "2": []},
    }
    assert pinned(solve(world, "a", "b")) == {"a": "2", "b": "1", "shared": "2"}
    with pytest.raises(ResolutionImpossible):
        solve(world, "a<2", "b")


def test_a_wheel_named_directly_meets_what_the_index_does_not():
    world = {
        "a": {"1": [], "2": []},
        "b": {"3": ["a>1", "gone"], "2": ["a>1"], "1": []},
    }
    catalog_has_only_1 = {**world, "a": {"1": [], "2": {"yanked": ""}}}
    wheel = "https://index/a-2-py3-none-any.whl"
    assert pinned(solve(catalog_has_only_1, "b", wheel)) == {"a": "2", "b": "2"}
