"""Fixtures of the daemon's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.daemons import Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _forked(forked: None) -> None:
    """Have a daemon's processes be forks; those of daemons that are processes themselves are not."""


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    with Daemon() as running:
        yield running
