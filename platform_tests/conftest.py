"""Fixtures of all platform tests; the larger ones are written in platform_tests.support."""

from __future__ import annotations

import signal

import pytest

from platform_tests.support.containers import Containers
from platform_tests.support.fixtures import index, wheelhouse, wine_directory, wine_prefix

__all__ = ["index", "wheelhouse", "wine_directory", "wine_prefix"]

# A shell has the jobs that it starts in the background ignore it; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with Windows, which takes longest: what runs beside it is done by then."""
    items.sort(key=lambda item: item.path.name != "test_windows.py")


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Containers:
    """Real containers: ``container.run(argv, uid=..., readonly=..., deny=...)``."""
    return Containers(tmp_path_factory.mktemp("containers"))
