"""Caches that pip and uv themselves have filled."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import uv

from platform_tests.support.tools import clean_environment, mempip_command, require_tool
from platform_tests.support.traces import strace, written
from tests.support.index_server import IndexServer
from tests.support.sdist_factory import BACKEND, build_sdist

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "import demo; print(demo.when)"
PIP = [sys.executable, "-m", "pip", "install", "--quiet"]
UV = [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--python", sys.executable]
#: Installs what it is told, uses some of it, and says by which hashes the wheels are known.
SOURCES = """
import json, subprocess, sys, mempip
environment = mempip.install(*sys.argv[1:])
import numpy
assert numpy.linalg.inv(numpy.eye(2)).sum() == 2
subprocess.run([sys.executable, "-m", "ruff", "--version"], check=True, stdout=subprocess.DEVNULL)
print(json.dumps({row.name: row.sha256 for row in environment.distributions}))
"""
#: Each wheel that it builds says when it was built.
STAMPING = BACKEND.replace("settings = {settings}", "import time; when = {__import__('time').time_ns()}")


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_wheel_that_was_built_is_not_built_again(tool: str, tmp_path: Path) -> None:
    require_tool("strace", "strace")
    cache, disk = tmp_path / "cache", tmp_path / "disk"
    name, sdist = build_sdist("demo", "1.0", more={"backend.py": STAMPING})
    with IndexServer({name: sdist}) as server:
        variables = clean_environment(server.url, **{f"{tool.upper()}_CACHE_DIR": str(cache)})
        command = {"pip": PIP, "uv": [*UV, "--index-url", server.url]}[tool]
        subprocess.run([*command, "--target", disk, "demo"], check=True, env=variables, umask=0o022)
        built = subprocess.run([sys.executable, "-c", PROGRAM], cwd=disk, capture_output=True, text=True, check=True)
        fetched = server.paths().count(f"/files/{name}")
        run = [*mempip_command(), "run", "demo", "--", "-c", PROGRAM]
        done = strace(run, tmp_path / "trace", env=variables)
        assert (done.returncode, done.stdout) == (0, built.stdout), done.stderr
        assert server.paths().count(f"/files/{name}") == fetched
        assert written(tmp_path / "trace") == {}


@pytest.mark.network
def test_real_wheels_that_uv_unpacked(tmp_path: Path) -> None:
    """What is made again of them has nobody's hash; what is downloaded has PyPI's."""
    require_tool("strace", "strace")
    cache, disk = tmp_path / "cache", tmp_path / "disk"
    variables = clean_environment(UV_CACHE_DIR=str(cache))
    wanted = ["numpy", "ruff", "tzdata", "setuptools"]
    command = [*UV, "--only-binary", ":all:", "--target", disk, *wanted]
    subprocess.run(command, check=True, env=variables, umask=0o022)
    done = strace([sys.executable, "-c", SOURCES, *wanted], tmp_path / "trace", env=variables)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == dict.fromkeys(wanted, "")
    assert written(tmp_path / "trace") == {}
    done = subprocess.run([sys.executable, "-c", SOURCES, *wanted], env=variables | {"UV_NO_CACHE": "1"},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert all(json.loads(done.stdout).values())
