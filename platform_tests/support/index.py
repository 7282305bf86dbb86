"""Real wheels, fetched once, an index on loopback that serves them, and virtual environments made of them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from platform_tests.support.tools import REPOSITORY, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def download(requirements: Sequence[str], directory: Path, options: Sequence[str] = ()) -> None:
    """Fetch the wheels of `requirements` and of what they need into `directory`, from pip's configured index.

    `options` are more of pip's.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*command, "--only-binary", ":all:", "--dest", str(directory), *options, *requirements],
        check=True,
        stdin=subprocess.DEVNULL,
    )


def fetched(name: str, requirements: Sequence[str], directory: Path, sources: Sequence[str] = ()) -> Path:
    """Return the directory below `directory` that holds the wheels of `requirements`; fetch them if it is not there.

    Those of `sources`, of which the index has none, are built by pip.
    """
    wheels = directory / f"{sys.implementation.cache_tag}-{name}"
    if not wheels.exists():
        unfinished = wheels.with_name(f"{wheels.name}.{os.getpid()}")
        unfinished.mkdir(parents=True)
        for source in sources:
            command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*command, "--wheel-dir", str(unfinished), source], check=True, stdin=subprocess.DEVNULL)
        download(requirements, unfinished, ["--find-links", str(unfinished)] if sources else ())
        unfinished.rename(wheels)
    return wheels


def virtual_environment(directory: Path, wheels: Path, requirements: Sequence[str]) -> Path:
    """Install `requirements` into a new virtual environment; return its Python."""
    base = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    python = directory / "bin" / "python"
    uv = [sys.executable, "-m", "uv", "--quiet", "--offline", "--no-config"]
    install = [*uv, "pip", "install", "--python", str(python), "--no-index", "--find-links", str(wheels)]
    environment = clean_environment()
    for command in ([*uv, "venv", "--python", str(base), str(directory)], [*install, *requirements]):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=environment)
    return python


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
