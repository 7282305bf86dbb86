"""Real wheels, fetched once, and an index on loopback that serves them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY = Path(__file__).parents[2]

#: What the default session downloads: the two big ones, and small pure ones that need nothing.
WHEELS = ["numpy", "scipy", "packaging==21.3", "pyparsing", "idna", "six"]


def download(requirements: Sequence[str], directory: Path) -> None:
    """Fetch the wheels of `requirements` and of what they need into `directory`, from pip's configured index."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*command, "--only-binary", ":all:", "--dest", str(directory), *requirements],
        check=True,
        stdin=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def serving(directory: Path) -> Iterator[str]:
    """Serve `directory` as a Simple API on loopback; yield the index's URL."""
    command = [sys.executable, "-m", "tests.support.index_server", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


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
