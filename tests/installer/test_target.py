from __future__ import annotations

import sys

import pytest
from packaging.tags import Tag

from mempip.installer.target import Target

TAGS = (Tag("cp312", "cp312", "manylinux_2_17_x86_64"), Tag("cp312", "abi3", "any"), Tag("py3", "none", "any"))
TARGET = Target("3.12.4", TAGS, {})


def test_current_describes_this_interpreter() -> None:
    target = Target.current()
    assert target.python_version == ".".join(map(str, sys.version_info[:3]))
    assert target.environment["sys_platform"] == sys.platform
    assert target.rank("py3-none-any") is not None
    assert target.rank(str(target.tags[0])) == 0


@pytest.mark.parametrize(
    ("tag", "rank"),
    [
        ("cp312-cp312-manylinux_2_17_x86_64", 0),
        ("py3-none-any", 2),
        ("py2.py3-none-any", 2),
        ("cp311.cp312-abi3.cp312-any.manylinux_2_17_x86_64", 0),
        ("cp312-cp312-win_amd64", None),
        ("py2.py1-none-any", None),
        ("nonsense", None),
        ("a.b", None),
    ],
)
def test_rank_is_that_of_the_best_tag_of_a_set(tag: str, rank: int | None) -> None:
    assert TARGET.rank(tag) == rank
    assert TARGET.rank(tag) == rank  # remembered


def test_a_tag_listed_twice_has_its_better_rank() -> None:
    assert Target("3.12.4", (*TAGS, TAGS[0]), {}).rank(str(TAGS[0])) == 0


@pytest.mark.parametrize(
    ("requires_python", "accepted"),
    [("", True), (">=3.8", True), (">=3.13", False), ("!=3.12.*", False), ("what", True), (">=3.12.4", True)],
)
def test_accepts_python(requires_python: str, accepted: bool) -> None:
    assert TARGET.accepts_python(requires_python) is accepted
    assert TARGET.accepts_python(requires_python) is accepted  # remembered


def test_targets_are_equal_whatever_they_were_asked() -> None:
    other = Target("3.12.4", TAGS, {})
    assert other == Target("3.12.4", TAGS, {})
    other.rank("py2.py3-none-any")
    assert other == Target("3.12.4", TAGS, {})
