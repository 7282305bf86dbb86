"""packse's scenarios, each over an index of its own on loopback: what is chosen is what should be."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

import mempip
from mempip.errors import ResolutionError
from tests.support.index_server import IndexServer

if TYPE_CHECKING:
    from platform_tests.support.packse import Scenario

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(sys.version_info[:2] != (3, 12), reason="the scenarios are about Python 3.12"),
]

#: PEP 440, "Handling of pre-releases", as packaging and pip have it too; packse follows uv's rule.
NOTHING_ELSE = "pre-releases are taken where no other version satisfies the specifier"
NAMED = "a dependency, too, may name a pre-release in its specifier"

#: Scenarios in which packse expects that there is no resolution, and why mempip finds one.
DIFFERENT = {
    "prereleases/package-only-prereleases-in-range": NOTHING_ELSE,
    "prereleases/transitive-package-only-prereleases-in-range": NOTHING_ELSE,
    "prereleases/transitive-prerelease-and-stable-dependency": NAMED,
    "prereleases/transitive-prerelease-and-stable-dependency-many-versions": NAMED,
    "prereleases/transitive-prerelease-and-stable-dependency-many-versions-holes": NAMED,
}


#: Group → how many scenarios of it there are.
GROUPS = {
    "backtracking": 2,
    "does_not_exist": 5,
    "excluded": 4,
    "extras": 8,
    "incompatible_versions": 4,
    "local": 16,
    "post": 12,
    "prereleases": 20,
    "requires_python": 1,
    "wheels": 11,
    "yanked": 9,
}

#: What pip's configuration may say of this machine does not count.
ALONE = {"extra_index_urls": (), "find_links": (), "constraint_files": ()}


def outcome(scenario: Scenario) -> dict[str, str] | None:
    """Return what mempip chooses, or ``None`` if it says that nothing can be chosen."""
    files, behaviour = scenario.index()
    with IndexServer(files, behaviour) as index:
        try:
            options = {**ALONE, **scenario.options}
            report = mempip.resolve(*scenario.requirements, index_url=index.url, progress=_silent, **options)
        except ResolutionError:
            return None
    return {row["metadata"]["name"]: row["metadata"]["version"] for row in report["install"]}


def _silent(message: object) -> None:
    """Warnings about yanked files are not what scenarios are about."""


def is_expected(scenario: Scenario) -> bool:
    chosen = outcome(scenario)
    if chosen is None or not scenario.expected:
        return (chosen is None) == (scenario.expected is None)
    return chosen == scenario.expected


@pytest.fixture(scope="module")
def found() -> dict[str, Scenario]:
    from platform_tests.support.packse import SHA256, VERSION, scenarios
    from platform_tests.support.sdists import fetch_sdist

    return scenarios(fetch_sdist("packse", VERSION, SHA256))


@pytest.mark.parametrize("group", GROUPS)
def test_scenarios(group: str, found: dict[str, Scenario], subtests: pytest.Subtests) -> None:
    for name, scenario in found.items():
        if scenario.group == group:
            with subtests.test(name):
                assert is_expected(scenario) == (name not in DIFFERENT), outcome(scenario)


def test_no_scenario_is_forgotten(found: dict[str, Scenario]) -> None:
    assert len(found) == 92
    assert Counter(scenario.group for scenario in found.values()) == GROUPS
    assert found.keys() >= DIFFERENT.keys()
