"""packse's scenarios: small worlds of packages, and what a resolver should make of each.

What may live here: which scenarios an installer can be asked, and the index that each describes.
"""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tomllib

from tests.support.index_server import Behaviour
from tests.support.sdist_factory import static_sdist
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSION = "0.3.59"
SHA256 = "718bcca5dd1e9321f5c2918d5975ffd772f0c3b150cf29b03979677a003d73d2"

#: The Python that scenarios are about, where they do not name one.
PYTHON = "3.12"


@dataclass(frozen=True)
class Scenario:
    """One scenario. ``expected`` are versions by project, or ``None`` if there should be no resolution."""

    group: str
    name: str
    requirements: list[str]
    options: dict[str, Any]  #: keywords of `mempip.resolve`
    packages: Mapping[str, Any]
    expected: dict[str, str] | None

    def __str__(self) -> str:
        return f"{self.group}/{self.name}"

    def index(self) -> tuple[dict[str, bytes], Behaviour]:
        """Return the files of the scenario's index, and which of them are yanked."""
        files: dict[str, bytes] = {}
        yanked: dict[str, str] = {}
        for project, package in self.packages.items():
            for version, release in package["versions"].items():
                made = dict(_files(project, version, release))
                files |= made
                if release.get("yanked"):
                    yanked |= dict.fromkeys(made, "")
        return files, Behaviour(yanked=yanked)


def _files(project: str, version: str, release: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    described = {
        "requires": release.get("requires", ()),
        "extras": release.get("extras", {}),
        "requires_python": release.get("requires_python", f">={PYTHON}"),
    }
    if release.get("wheel", True):
        for tag in release.get("wheel_tags") or ["py3-none-any"]:
            yield build_wheel(project, version, tag=tag, **described)
    if release.get("sdist", True):
        yield static_sdist(project, version, **described)


def scenarios(archive: bytes) -> dict[str, Scenario]:
    """Return the scenarios in packse's source archive that an installer on Python 3.12 can be asked, by group and name.

    Left out are those that are about locks for many platforms and about other Pythons than the one that runs.
    """
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in sorted(tar, key=lambda member: member.name):
            _, _, path = member.name.partition("/scenarios/")
            file = tar.extractfile(member) if path.endswith(".toml") and not path.startswith("examples/") else None
            if file is not None:
                scenario = _scenario(path.partition("/")[0], tomllib.loads(file.read().decode()))
                if scenario is not None:
                    found[str(scenario)] = scenario
    return found


def _scenario(group: str, told: Mapping[str, Any]) -> Scenario | None:
    asked = told.get("resolver_options", {})
    around = told.get("environment", {})
    if asked.get("universal") or asked.get("python") or around.get("additional_python"):
        return None
    if around.get("python", PYTHON) != PYTHON:
        return None
    options = {
        "pre": asked.get("prereleases", False),
        "only_binary": asked.get("no_build", []),
        "no_binary": asked.get("no_binary", []),
    }
    outcome = told["expected"]
    expected = outcome.get("packages", {}) if outcome["satisfiable"] else None
    return Scenario(group, told["name"], told["root"]["requires"], options, told["packages"], expected)
