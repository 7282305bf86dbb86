"""Dependency groups of a pyproject.toml (PEP 735)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mempip.errors import InvalidProject, UsageError
from mempip.installer.requirements.projects import read_group

if TYPE_CHECKING:
    from pathlib import Path

#: The example of PEP 735, with names as people write them.
GROUPS = """
[dependency-groups]
Coverage = ["coverage[toml]"]
test = ["pytest>7", {include-group = "coverage"}]
typing = ["mypy", "types-requests; python_version >= '3.8'"]
typing-test = [{include-group = "typing"}, {include-group = "test"}, "useful-types"]
empty = []
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(GROUPS)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("test", ["pytest>7", "coverage[toml]"]),
        ("COVERAGE", ["coverage[toml]"]),
        (
            "typing.test",
            ["mypy", 'types-requests; python_version >= "3.8"', "pytest>7", "coverage[toml]", "useful-types"],
        ),
        ("empty", []),
        ("pyproject.toml:typing", ["mypy", 'types-requests; python_version >= "3.8"']),
        ("./pyproject.toml:empty", []),
    ],
)
def test_groups(group: str, expected: list[str]) -> None:
    assert [text for text, _ in read_group(group)] == expected


def test_where_a_requirement_stands(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pyproject.toml").write_text("[dependency-groups]\ndev = ['a']")
    assert read_group("sub/pyproject.toml:dev") == [("a", "group 'dev' of sub/pyproject.toml")]
    assert read_group(f"{tmp_path}/sub/pyproject.toml:dev") == [("a", "group 'dev' of sub/pyproject.toml")]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("a = [{include-group = 'b'}]\nb = [{include-group = 'a'}]", "dependency group 'a': Cyclic dependency group"),
        ("a = [{include-group = 'a'}]", "a includes itself"),
        ("a = [{include-group = 'c'}]", "Dependency group 'c' not found"),
        ("a = ['b=1']", "dependency group 'a': "),
        ("a = 'b'", "contained a string rather than a list"),
        ("a = [{set-phasers-to = 'stun'}]", "Invalid dependency group item"),
        ("a = []\nA = []", "Duplicate dependency group names"),
        ("b = []\nc = []", "there is no dependency group 'a'; it has b, c"),
        ("", "there is no dependency group 'a'; it has none"),
    ],
)
def test_broken(table: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[dependency-groups]\n{table}")
    with pytest.raises(InvalidProject) as caught:
        read_group("a")
    assert caught.value.file == "pyproject.toml"
    assert says in caught.value.reason


def test_no_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("dependency-groups = 3")
    with pytest.raises(InvalidProject, match="is not a table"):
        read_group("a")


def test_no_toml(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("\n[")
    with pytest.raises(InvalidProject, match=r"pyproject\.toml, line 2: it is not TOML"):
        read_group("a")


def test_no_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").unlink()
    with pytest.raises(InvalidProject, match=r"pyproject\.toml: No such file"):
        read_group("a")


def test_another_kind_of_file() -> None:
    with pytest.raises(UsageError, match=r"a PATH that ends in pyproject\.toml, not 'setup.cfg:a'"):
        read_group("setup.cfg:a")
