"""Fixtures of all platform tests; the larger ones are written in platform_tests.support."""

from __future__ import annotations

import signal

import pytest

from platform_tests.support.containers import Containers
from platform_tests.support.fixtures import index, wheelhouse, wine_directory, wine_prefix

__all__ = ["index", "wheelhouse", "wine_directory", "wine_prefix"]

# A shell has the jobs that it starts in the background ignore it; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)


#: What takes minutes, the longest first. Modules run side by side: begun late, one of these would be waited for.
LONGEST = ["windows", "daemon", "against_pip", "conformance", "upstream", "containers", "adapters"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    places = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Containers:
    """Real containers: ``container.run(argv, uid=..., readonly=..., deny=...)``."""
    return Containers(tmp_path_factory.mktemp("containers"))
