"""Real wheels, fetched once, and an index on loopback that serves them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

from platform_tests.support.tools import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


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
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
