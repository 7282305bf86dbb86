"""Options and pip's environment variables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mempip.errors import UsageError
from mempip.options import DEFAULT_INDEX, InstallOptions, from_environment


@pytest.mark.parametrize(("variable", "value"), [("PIP_REQUIRE_HASHES", "1"), ("PIP_CONSTRAINT", "/c.txt")])
def test_what_restricts_is_refused_rather_than_passed_over(variable: str, value: str) -> None:
    with pytest.raises(UsageError, match=variable):
        from_environment({variable: value})
    assert from_environment({"PIP_REQUIRE_HASHES": "0", "PIP_NO_BINARY": ":none:"}) == {}


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
