"""Where mempip's arguments end and those of a program begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mempip.cli.parser import own_arguments
from mempip.cli.separation import stating_requirements
from mempip.runtime import launch

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tool.py").write_text("__requires__ = ['a']\n")
    (tmp_path / "tool").write_text("#!/usr/bin/env -S mempip run\n")
    (tmp_path / "plain.py").write_text("")
    (tmp_path / "book.ipynb").write_text("# /// script")
    (tmp_path / "reqs.txt").write_text("a\n")


@pytest.mark.parametrize(
    ("arguments", "ours", "python"),
    [
        ("run a", "run a", None),
        ("run a --", "run a", ""),
        ("run a -- -m b -- c", "run a", "-m b -- c"),
        ("run tool.py", "run", "tool.py"),
        ("run a tool.py -- b", "run a", "tool.py -- b"),
        ("run a -q tool.py -q plain.py", "run a -q", "tool.py -q plain.py"),
        ("run -r reqs.txt ./tool x", "run -r reqs.txt", "./tool x"),
        ("run --requirements-from-script tool.py plain.py", "run --requirements-from-script tool.py", "plain.py"),
        ("run --requirement=reqs.txt tool.py", "run --requirement=reqs.txt", "tool.py"),
        ("run discord.py tool.py", "run discord.py", "tool.py"),
        ("run discord.py -- tool.py", "run discord.py", "tool.py"),
        ("run reqs.txt", "run reqs.txt", None),
        ("install tool.py", "install tool.py", None),
    ],
)
def test_arguments(arguments: str, ours: str, python: str | None) -> None:
    assert own_arguments(arguments.split()) == (ours.split(), None if python is None else python.split())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("tool.py x", "tool.py"),
        ("plain.py", ""),
        ("absent.py", ""),
        ("-m pytest tool.py", ""),
        ("-m nbconvert --execute book.ipynb", "book.ipynb"),
        ("-c pass tool.py", ""),
    ],
)
def test_what_may_state_requirements(arguments: str, expected: str) -> None:
    assert stating_requirements(launch.parse(arguments.split())) == expected
