from __future__ import annotations

import pytest

from mempip.errors import SourceRefused
from mempip.installer.sources.project import LEGACY_BACKEND, BuildSystem, read_build_system


def read(text: str | None, *, has_setup_py: bool = False) -> BuildSystem:
    return read_build_system(None if text is None else text.encode(), has_setup_py=has_setup_py, name="demo.tar.gz")


def test_a_build_system() -> None:
    found = read('[build-system]\nrequires = ["a", "b>=2"]\nbuild-backend = "a.b:c"\nbackend-path = ["in/tree"]\n')
    assert (found.requires, found.backend, found.backend_path) == (["a", "b>=2"], "a.b:c", ["in/tree"])


@pytest.mark.parametrize("text", [None, "", "[project]\nname = 'x'\n"])
def test_setuptools_by_default(text: str | None) -> None:
    assert read(text, has_setup_py=True) == BuildSystem()
    assert read('[build-system]\nrequires = ["x"]\n').backend == LEGACY_BACKEND


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[build-system", "not TOML"),
        ("build-system = 1\n", "build-system is not a table"),
        ("[build-system]\nbuild-backend = 'a'\n", "build-system.requires, which PEP 518 demands"),
        ("[build-system]\nrequires = [1]\n", "build-system.requires"),
        ("[build-system]\nrequires = []\nbuild-backend = 3\n", "build-system.build-backend"),
        ("[build-system]\nrequires = []\nbackend-path = 'a'\n", "build-system.backend-path is not a list"),
        ("[build-system]\nrequires = []\nbackend-path = ['../a']\n", "leads out of the project: '../a'"),
        ("[build-system]\nrequires = []\nbackend-path = ['/a']\n", "leads out of the project: '/a'"),
    ],
)
def test_what_is_wrong_is_named(text: str, reason: str) -> None:
    with pytest.raises(SourceRefused, match=rf"Refused demo\.tar\.gz: pyproject\.toml: .*{reason}"):
        read(text)


def test_no_project_at_all() -> None:
    with pytest.raises(SourceRefused, match=r"neither a pyproject\.toml nor a setup\.py"):
        read(None)
