from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name, parse_wheel_filename

from mempip.installer.index.filenames import (
    WheelName,
    build_order,
    project_of,
    sdist_stem,
    sdist_version,
    split_wheel_name,
    wheel_tag,
)


@pytest.mark.parametrize(
    ("filename", "parts"),
    [
        ("a-1.0-py3-none-any.whl", WheelName("a", "1.0", "", "py3-none-any")),
        ("A_b-1.0-2x-CP312-abi3-Win_AMD64.whl", WheelName("A_b", "1.0", "2x", "cp312-abi3-win_amd64")),
        ("a-1.0-b-py3-none-any.whl", None),  # build tags begin with a digit
        ("a-1.0-none-any.whl", None),
        ("a-1.0-1-2-py3-none-any.whl", None),
        ("a-1.0.tar.gz", None),
        (".whl", None),
    ],
)
def test_split_wheel_name(filename: str, parts: WheelName | None) -> None:
    assert split_wheel_name(filename) == parts


def test_the_tag_of_a_wheel_alone() -> None:
    assert wheel_tag("A_b-1.0-2x-CP312-abi3-Win_AMD64.whl") == "cp312-abi3-win_amd64"
    assert wheel_tag("none-any.whl") is None
    assert wheel_tag("a-1.0-py3-none-any.zip") is None


def test_it_splits_as_packaging_does() -> None:
    filename = "foo_bar-1.2.3-1abc-py2.py3-none-any.whl"
    name, version, build, tags = parse_wheel_filename(filename)
    parts = split_wheel_name(filename)
    assert parts is not None
    assert canonicalize_name(parts.project) == name
    assert parts.version == str(version)
    assert build_order(parts.build) == build
    assert {str(tag) for tag in tags} == {"py2-none-any", "py3-none-any"}


def test_build_tags_are_ordered_by_number_and_rest() -> None:
    assert sorted(["10", "", "9b", "9"], key=build_order) == ["", "9", "9b", "10"]


@pytest.mark.parametrize(
    ("filename", "project"),
    [
        ("Foo_Bar-1.0-py3-none-any.whl", "foo-bar"),
        ("foo-bar-1.0.tar.gz", "foo-bar"),
        ("foo.zip", None),
        ("foo-1.0.exe", None),
        ("README.txt", None),
    ],
)
def test_project_of(filename: str, project: str | None) -> None:
    assert project_of(filename) == project


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("foo-bar-1.0.tar.gz", "foo-bar", "1.0"),
        ("foo_bar-1.0-1.zip", "foo-bar", "1.0-1"),
        ("foo-bar-1.0.tar.gz", "foo", "bar-1.0"),
        ("foo-1.0.tar.gz", "bar", None),
        ("foo-1.0.egg", "foo", None),
    ],
)
def test_sdist_version(filename: str, project: str, version: str | None) -> None:
    assert sdist_version(filename, canonicalize_name(project)) == version


def test_sdist_stem() -> None:
    assert sdist_stem("a-1.tar.bz2") == "a-1"
    assert sdist_stem("a-1.rpm") is None
