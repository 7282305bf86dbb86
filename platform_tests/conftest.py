"""Fixtures of all platform tests; the larger ones are written in platform_tests.support."""

from __future__ import annotations

import pytest

from platform_tests.support.containers import Containers
from platform_tests.support.fixtures import index, wheelhouse

__all__ = ["index", "wheelhouse"]


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Containers:
    """Real containers: ``container.run(argv, uid=..., readonly=..., deny=...)``."""
    return Containers(tmp_path_factory.mktemp("containers"))
