"""Fixtures of tests that install by a real installer process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def in_a_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have the test's own directory be the working directory."""
    monkeypatch.chdir(tmp_path)
