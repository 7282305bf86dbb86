"""Caches that pip itself has filled."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from platform_tests.support.tools import clean_environment, mempip_command, require_tool
from platform_tests.support.traces import strace, written
from tests.support.index_server import IndexServer
from tests.support.sdist_factory import BACKEND, build_sdist

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "import demo; print(demo.when)"
#: Each wheel that it builds says when it was built.
STAMPING = BACKEND.replace("settings = {settings}", "import time; when = {__import__('time').time_ns()}")


def test_a_wheel_that_pip_built_is_not_built_again(tmp_path: Path) -> None:
    require_tool("strace", "strace")
    cache, disk = tmp_path / "cache", tmp_path / "disk"
    name, sdist = build_sdist("demo", "1.0", more={"backend.py": STAMPING})
    with IndexServer({name: sdist}) as server:
        variables = clean_environment(server.url, PIP_CACHE_DIR=str(cache))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", disk, "demo"]
        subprocess.run(pip, check=True, env=variables, umask=0o022)
        built = subprocess.run([sys.executable, "-c", PROGRAM], cwd=disk, capture_output=True, text=True, check=True)
        fetched = server.paths().count(f"/files/{name}")
        run = [*mempip_command(), "run", "demo", "--", "-c", PROGRAM]
        done = strace(run, tmp_path / "trace", env=variables)
        assert (done.returncode, done.stdout) == (0, built.stdout), done.stderr
        assert server.paths().count(f"/files/{name}") == fetched
        assert written(tmp_path / "trace") == {}
