"""resolvelib's functional Python cases, on their own indexes, through mempip's provider.

They are in its repository, but in none of its releases on PyPI; Debian's source package has all of the repository.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from mempip.errors import ResolutionError
from platform_tests.support.sdists import fetch
from tests.installer.resolution.memory_catalog import record_visits, solve

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.network

ARCHIVE = "http://deb.debian.org/debian/pool/main/p/python-resolvelib/python-resolvelib_1.2.1.orig.tar.gz"
SHA256 = "4d4c4137d7b8f8f27f298ff1af2faa767d790f271928506358d25e4252ed749a"
INPUTS = "/tests/functional/python/inputs/"

CASES = [
    "backjump-test-1",
    "backjump-test-2",
    "backjump-test-3",
    "backjump-test-4",
    "chalice",
    "cheroot",
    "conflict-with-dependency",
    "different-extras",
    "issue-134",
    "pyrex-1.9.8",
    "same-package",
    "same-package-extras",
    "with-without-extras",
]

#: What mempip chooses beyond what a case expects: its provider drops all that has a marker, true or not, from a
#: project that is wanted without extras.
MORE = {"chalice": {"urllib3": Version("1.25.8")}}

#: A case that resolvelib gives up after 500 rounds ("xfail"), and what stands in the way.
IMPOSSIBLE = {"pyrex-1.9.8": ["pbr", "msgpack"]}


@pytest.fixture(scope="module")
def inputs() -> dict[str, Any]:
    """Return the files of the cases and of their indexes, ``case/….json`` and ``index/….json``."""
    with tarfile.open(fileobj=io.BytesIO(fetch(ARCHIVE, SHA256))) as tar:
        found = {member.name.partition(INPUTS)[2]: tar.extractfile(member) for member in tar.getmembers()}
        return {name: json.load(file) for name, file in found.items() if name and file is not None}


def world(index: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return an index of theirs as the catalog in memory takes it, without what PEP 440 and PEP 508 do not know."""
    projects: dict[str, dict[str, Any]] = {}
    for name, releases in index.items():
        if not isinstance(releases, dict):  # a note of theirs
            continue
        versions = projects[name] = {}
        for version, release in releases.items():
            requires = release["dependencies"]
            extras = set(re.findall("extra == ['\"]([^'\"]+)", " ".join(requires)))
            try:
                Version(version), *map(Requirement, requires)
            except (InvalidVersion, InvalidRequirement):
                continue
            versions[version] = {"requires": requires, "extras": extras}
    return projects


def resolved(case: Mapping[str, Any]) -> dict[str, Version]:
    """Return the versions that a case expects with this Python."""
    rows = {name: row if isinstance(row, dict) else {"version": row} for name, row in case["resolved"].items()}
    return {
        name: Version(row["version"])
        for name, row in rows.items()
        if "marker" not in row or Marker(row["marker"]).evaluate()
    }


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str, inputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    case = inputs[f"case/{name}.json"]
    projects = world(inputs[f"index/{case['index']}.json"])
    visited = record_visits(monkeypatch)
    conflicted = case.get("conflicted") or IMPOSSIBLE.get(name)
    if conflicted:
        with pytest.raises(ResolutionError) as caught:
            solve(projects, *case["requested"])
        assert all(project in str(caught.value) for project in conflicted)
        return
    found = {project: pin.candidate.version for project, pin in solve(projects, *case["requested"]).pins.items()}
    assert found == resolved(case) | MORE.get(name, {})
    assert visited.isdisjoint(
        f"{project}-{version}" for project, versions in case.get("unvisited", {}).items() for version in versions
    )


def test_no_case_is_forgotten(inputs: dict[str, Any]) -> None:
    assert {f"case/{name}.json" for name in CASES} == {name for name in inputs if name.startswith("case/")}
