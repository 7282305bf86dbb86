"""What ``mempip tree`` draws, and what ``mempip check`` complains about."""

from __future__ import annotations

from typing import Any

import pytest

from mempip.cli.tree import draw, problems
from mempip.errors import UsageError


def row(name: str, *requires: str, version: str = "1", requested: bool = False) -> dict[str, Any]:
    """Return a row as `mempip.tree` has it, whose requirements are met."""
    edges = [{"name": other, "requirement": other, "version": "1", "satisfied": True} for other in requires]
    return {"name": name, "version": version, "requested": requested, "requires": edges}


ROWS = [row("app", "b", "c"), row("b", "d"), row("c", "b", "d"), row("d"), row("e", "d")]


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({}, ["app v1", "├── b v1", "│   └── d v1", "└── c v1", "    ├── b v1 (*)", "    └── d v1",
              "e v1", "└── d v1", "(*) Package tree already displayed"]),
        ({"depth": 0}, ["app v1", "e v1"]),
        ({"depth": 1}, ["app v1", "├── b v1", "└── c v1", "e v1", "└── d v1"]),
        ({"packages": ["C", "d"]}, ["c v1", "├── b v1", "│   └── d v1", "└── d v1", "d v1"]),
        ({"invert": True}, ["d v1", "├── b v1", "│   ├── app v1", "│   └── c v1", "│       └── app v1", "├── c v1 (*)",
                            "└── e v1", "(*) Package tree already displayed"]),
        ({"invert": True, "packages": ["b"]}, ["b v1", "├── app v1", "└── c v1", "    └── app v1"]),
    ],
)  # fmt: skip
def test_draw(options: dict[str, Any], lines: list[str]) -> None:
    assert list(draw(ROWS, **options)) == lines


def test_what_was_requested_is_on_top() -> None:
    rows = [row("a", "b", requested=True), row("b", requested=True), row("c")]
    assert list(draw(rows)) == ["a v1", "└── b v1", "b v1"]
    assert list(draw(rows, invert=True)) == ["b v1", "└── a v1", "c v1"]


@pytest.mark.parametrize("invert", [False, True])
def test_circles_end(invert: bool) -> None:
    rows = [row("a", "a"), row("b", "c"), row("c", "b")]
    assert list(draw(rows, invert=invert)) == [
        "a v1",
        "b v1",
        "└── c v1",
        "    └── b v1 (*)",
        "(*) Package tree already displayed",
    ]


def test_what_is_not_there_is_left_out() -> None:
    assert list(draw([row("a", "b")])) == ["a v1"]
    assert list(draw([])) == []


def test_a_package_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="--package: nope is not among"):
        list(draw(ROWS, packages=["Nope"]))


def test_problems_are_worded_as_pip_words_them() -> None:
    rows = [row("a", "b", "c", "d")]
    rows[0]["requires"][0].update(requirement="b>=2", satisfied=False)
    rows[0]["requires"][1].update(version=None, satisfied=False)
    rows[0]["requires"] += [dict(rows[0]["requires"][1])]
    assert problems(rows) == [
        "a 1 requires c, which is not installed.",
        "a 1 has requirement b>=2, but you have b 1.",
    ]
    assert problems(ROWS) == []
