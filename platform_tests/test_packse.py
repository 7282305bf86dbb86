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

#: PEP 592's own suggestion, and pip's rule; packse wants the user to name the version.
PINNED = "a yanked version is taken where == asks for it, whoever writes that"

#: Scenarios in which packse expects that there is no resolution, and why mempip finds one.
DIFFERENT = {
    "prereleases/package-only-prereleases-in-range": NOTHING_ELSE,
    "prereleases/transitive-package-only-prereleases-in-range": NOTHING_ELSE,
    "prereleases/transitive-prerelease-and-stable-dependency": NAMED,
    "prereleases/transitive-prerelease-and-stable-dependency-many-versions": NAMED,
    "prereleases/transitive-prerelease-and-stable-dependency-many-versions-holes": NAMED,
    "yanked/transitive-yanked-and-unyanked-dependency": PINNED,
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


def test_scenarios(subtests: pytest.Subtests) -> None:
    from platform_tests.support.packse import SHA256, VERSION, scenarios
    from platform_tests.support.sdists import fetch_sdist

    found = scenarios(fetch_sdist("packse", VERSION, SHA256))
    assert found.keys() >= DIFFERENT.keys()
    answers: Counter[bool] = Counter()
    for name, scenario in found.items():
        with subtests.test(name):
            answer = is_expected(scenario)
            answers[answer] += 1
            assert answer == (name not in DIFFERENT), outcome(scenario)
    assert answers.total() == len(found) == 92
