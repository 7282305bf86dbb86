"""Options and pip's environment variables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mempip.errors import UsageError
from mempip.options import DEFAULT_INDEX, InstallOptions, choose_formats, from_environment, merge_formats


@pytest.mark.parametrize(("variable", "value"), [("PIP_CLIENT_CERT", "/c.pem"), ("PIP_PLATFORM", "win32")])
def test_what_restricts_is_refused_rather_than_passed_over(variable: str, value: str) -> None:
    with pytest.raises(UsageError, match=variable):
        from_environment({variable: value})
    assert from_environment({"PIP_CLIENT_CERT": "", "PIP_PLATFORM": "0"}) == {}


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
        found = choose_formats(found, f"{option}_binary", names)
    assert (found["no_binary"], found["only_binary"]) == (no_binary, only_binary)


def test_formats_are_added_to_those_of_variables() -> None:
    found = merge_formats({"no_binary": ["a"], "only_binary": []}, {"no_binary": "b", "only_binary": [":all:"]})
    assert found == {"no_binary": ["b"], "only_binary": [":all:"]}
    assert merge_formats({"pre": True}, {"no_binary": None}) == {"pre": True}


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


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("PIP_INDEX_URL", " https://a/simple ", {"index_url": "https://a/simple"}),
        ("PIP_PYPI_URL", "https://a/simple", {"index_url": "https://a/simple"}),
        ("PIP_EXTRA_INDEX_URL", "https://a  https://b", {"extra_index_urls": ["https://a", "https://b"]}),
        ("PIP_NO_BINARY", "a,b", {"no_binary": ["a", "b"], "only_binary": []}),
        ("PIP_ONLY_BINARY", ":all:", {"no_binary": [], "only_binary": [":all:"]}),
        ("PIP_REQUIREMENT", "a.txt b.txt", {"requirement_files": ["a.txt", "b.txt"]}),
        ("PIP_CONSTRAINT", "/c.txt", {"constraint_files": ["/c.txt"]}),
        ("PIP_REQUIRE_HASHES", "0", {"require_hashes": False}),
        ("PIP_FIND_LINKS", "/a\n/b", {"find_links": ["/a", "/b"]}),
        ("PIP_TRUSTED_HOST", "a b", {"trusted_hosts": ["a", "b"]}),
        ("PIP_PRE", "1", {"pre": True}),
        ("PIP_PRE", "False", {"pre": False}),
        ("PIP_NO_DEPS", "yes", {"no_deps": True}),
        ("PIP_NO_INDEX", "on", {"no_index": True}),
        ("PIP_TIMEOUT", "2.5", {"timeout": 2.5}),
        ("PIP_DEFAULT_TIMEOUT", "60", {"timeout": 60.0}),
        ("PIP_RETRIES", "0", {"retries": 0}),
        ("PIP_CERT", "/ca.pem", {"cert": "/ca.pem"}),
        ("PIP_PROXY", "http://p:1", {"proxy": "http://p:1"}),
        ("PIP_INDEX_URL", "  ", {}),
        ("PIP_UNRELATED", "x", {}),
        ("INDEX_URL", "x", {}),
    ],
)
def test_variables(variable: str, value: str, expected: dict[str, object]) -> None:
    assert from_environment({variable: value}) == expected


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PIP_PRE", "maybe"),
        ("PIP_RETRIES", "many"),
        ("PIP_TIMEOUT", "-1"),
        ("PIP_TIMEOUT", "inf"),
        ("PIP_RETRIES", "nan"),
    ],
)
def test_bad_values_name_the_variable(variable: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_environment({variable: value})
    assert caught.value.option == variable
