"""What would be there and what requires what, of resolutions and of what is installed."""

from __future__ import annotations

from typing import Any

from mempip.installer.graph import graph
from tests.installer.resolution.memory_catalog import TARGET, solve


def edges(rows: list[dict[str, Any]]) -> dict[str, list[tuple[str, str | None, bool]]]:
    return {
        f"{row['name']} {row['version']}": [(e["requirement"], e["version"], e["satisfied"]) for e in row["requires"]]
        for row in rows
    }


def test_a_resolution() -> None:
    world = {"a": {"1": ["b>1", "c; sys_platform == 'amiga'"]}, "b": {"2": []}}
    rows = graph(solve(world, "a"), [], {"a"}, TARGET)  # type: ignore[no-untyped-call]
    assert edges(rows) == {"a 1": [("b>1", "2", True)], "b 2": []}
    assert [row["requested"] for row in rows] == [True, False]


def test_extras_count_where_somebody_asks_for_them() -> None:
    world = {
        "a": {"1": {"requires": ["a[y]; extra == 'x'", "c; extra == 'y'", "z; extra == 'z'"], "extras": ["x", "y"]}},
        "b": {"1": ["a[x]"]},
        "c": {"1": []},
    }
    rows = graph(solve(world, "b"), [], {"b"}, TARGET)  # type: ignore[no-untyped-call]
    assert edges(rows) == {
        "a 1": [('a[y]; extra == "x"', "1", True), ('c; extra == "y"', "1", True)],
        "b 1": [("a[x]", "1", True)],
        "c 1": [],
    }


def test_what_is_installed_and_what_takes_its_place() -> None:
    installed = [
        {"name": "Old", "version": "1", "requires": ["b<2", "gone", "pre>=1"]},
        {"name": "b", "version": "1", "requires": ["old"]},
        {"name": "pre", "version": "2rc1", "requires": []},
    ]
    before = graph(solve({}), installed, set(), TARGET)  # type: ignore[no-untyped-call]
    assert edges(before)["old 1"] == [("b<2", "1", True), ("gone", None, False), ("pre>=1", "2rc1", True)]
    after = graph(solve({"b": {"2": []}}, "b"), installed, {"b"}, TARGET)  # type: ignore[no-untyped-call]
    assert edges(after)["old 1"][0] == ("b<2", "2", False)
    assert edges(after)["b 2"] == []
