"""Fixtures of tests that install by a real installer process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mempip.runtime import finder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def in_a_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The working directory is the test's own, and what it installed is closed behind it."""
    monkeypatch.chdir(tmp_path)
    yield
    for environment in list(finder.ENVIRONMENTS.values()):
        environment.close()
