"""The programs whose output must not depend on where their packages lie: files in platform_tests/programs.

Each is a script with inline metadata (PEP 723). Beside ``dependencies`` and ``requires-python`` its block may have::

    [tool.mempip]
    sources = ["REQUIREMENT"]         # what it needs that has no wheels: they are built
    container = true                  # is also run in the most restricted container
    misses.overlay = "REASON"         # does not work in that view of files, and why; docs/compliance.md has it, too
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DIRECTORY = Path(__file__).parents[1] / "programs"
BLOCK = re.compile(r"^# /// script$\n(?P<lines>(?:^#(?:| .*)$\n)+?)^# ///$", re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """A program, and what its metadata block says."""

    path: Path
    requirements: list[str]
    misses: Mapping[str, str]  #: view of files → why the program does not work in it
    container: bool
    sources: list[str]  #: requirements of which the index has no wheels

    @property
    def name(self) -> str:
        return self.path.stem


def programs() -> list[Program]:
    """Return the programs that this Python can run, sorted by name."""
    return [program for path in sorted(DIRECTORY.glob("*.py")) if (program := _read(path)) is not None]


def _read(path: Path) -> Program | None:
    metadata = inline_metadata(path.read_text(encoding="utf-8"))
    if not SpecifierSet(metadata.get("requires-python", "")).contains(".".join(map(str, sys.version_info[:3]))):
        return None
    ours = metadata.get("tool", {}).get("mempip", {})
    misses, container = ours.get("misses", {}), ours.get("container", False)
    return Program(path, metadata["dependencies"], misses, container, ours.get("sources", []))


def inline_metadata(source: str) -> dict[str, Any]:
    """Return the metadata block of a script (PEP 723). Raises `ValueError` if it has none."""
    block = BLOCK.search(source)
    if block is None:
        raise ValueError("the program has no metadata block (PEP 723)")
    return tomllib.loads("".join(line[2:] or "\n" for line in block["lines"].splitlines(keepends=True)))
