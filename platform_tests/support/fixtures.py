"""Fixtures that more than one module of platform tests wants; conftest.py takes them from here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from platform_tests.support import wine
from platform_tests.support.index import download, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What the default session downloads: the two big ones, and small pure ones that need nothing.
WHEELS = ["numpy", "scipy", "packaging==21.3", "pyparsing", "idna", "six"]


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of `WHEELS`. ``MEMPIP_TEST_WHEELS`` names one to keep from run to run."""
    kept = os.environ.get("MEMPIP_TEST_WHEELS")
    directory = Path(kept) if kept else tmp_path_factory.mktemp("wheels")
    directory.mkdir(exist_ok=True)
    download(WHEELS, directory)
    return directory


@pytest.fixture(scope="session")
def index(wheelhouse: Path) -> Iterator[str]:
    """The URL of a loopback index of `WHEELS`."""
    with serving(wheelhouse) as url:
        yield url


@pytest.fixture(scope="session")
def wine_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of all that tests with Wine need. ``MEMPIP_TEST_WINE`` names one to keep from run to run."""
    kept = os.environ.get("MEMPIP_TEST_WINE")
    directory = Path(kept) if kept else tmp_path_factory.mktemp("wine")
    directory.mkdir(exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def wine_prefix(wine_directory: Path) -> Iterator[Path]:
    """The prefix of a Wine that runs."""
    with wine.running(wine_directory) as prefix:
        yield prefix
