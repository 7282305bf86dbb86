"""The value that holds all options."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mempip.errors import UsageError
from mempip.options import DEFAULT_INDEX, InstallOptions, choose, merge_choices


@pytest.mark.parametrize(
    ("values", "no_binary", "only_binary"),
    [
        (["no a,b", "only b"], ["a"], ["b"]),
        (["no a", "no :none:"], [], []),
        (["only :all:", "no a"], ["a"], [":all:"]),
        (["no a", "only :all:"], [], [":all:"]),
        (["no a,:all:,b"], [":all:", "b"], []),
    ],
)
def test_formats_as_in_pip(values: list[str], no_binary: list[str], only_binary: list[str]) -> None:
    found: dict[str, Any] = {}
    for value in values:
        option, _, names = value.partition(" ")
        found = choose(found, f"{option}_binary", names)
    assert (found["no_binary"], found["only_binary"]) == (no_binary, only_binary)


def test_a_project_has_all_releases_or_final_ones() -> None:
    found = choose(choose({}, "all_releases", ":all:,a"), "only_final", "a,b")
    assert found == {"all_releases": [":all:"], "only_final": ["a", "b"]}
    assert InstallOptions(pre=True).all_releases == (":all:",)
    with pytest.raises(UsageError, match="pre: it cannot be used with all_releases or only_final"):
        InstallOptions(pre=True, only_final=["a"])


@pytest.mark.parametrize("more", [{"no_deps": True}, {"requirement_files": ["r"]}, {"lock": "l"}, {"program": "p"}])
def test_only_dependencies_of_what_is_named(more: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="only_deps: it is about requirements that are named"):
        InstallOptions(["a"], only_deps=True, **more)


def test_formats_are_added_to_those_of_variables() -> None:
    found = merge_choices({"no_binary": ["a"], "only_binary": []}, {"no_binary": "b", "only_binary": [":all:"]})
    assert found == {"no_binary": ["b"], "only_binary": [":all:"]}
    assert merge_choices({"pre": True}, {"no_binary": None}) == {"pre": True}


@pytest.mark.parametrize("more", [{"python_version": "3.12"}, {"platforms": ["win32"]}, {"abis": ["cp312"]}])
def test_another_python_is_not_installed_into(more: dict[str, Any]) -> None:
    assert not InstallOptions().names_target
    for kind in ({"dry_run": True}, {"tree": True}, {"lock_for": "/"}):
        assert InstallOptions(**kind, **more).names_target
    with pytest.raises(UsageError, match="nothing can be installed into another Python"):
        InstallOptions(**more)


@pytest.mark.parametrize("options", [{"timeout": 0}, {"timeout": -5}, {"timeout": "soon"}, {"retries": -1}])
def test_numbers_that_are_none_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        InstallOptions(["a"], **options)


def test_defaults_are_pips() -> None:
    options = InstallOptions(["numpy"])
    assert (options.index_url, options.timeout, options.retries) == (DEFAULT_INDEX, 15.0, 5)
    assert options.requirements == ("numpy",)


def test_options_travel_as_json() -> None:
    options = InstallOptions(["a"], find_links=["b"], installed=[{"name": "c", "version": "1", "requires": []}])
    again = InstallOptions.from_wire(json.loads(json.dumps(options.to_wire())))
    assert again.to_wire() == options.to_wire()
