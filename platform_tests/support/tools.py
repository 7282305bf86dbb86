"""What platform tests need from the machine, and what happens when it is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REPOSITORY = Path(__file__).parents[2]


def require(available: object, missing: str) -> None:
    """Skip the test because of what is `missing`; on CI, where everything must be present, fail it."""
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def require_tool(command: str, package: str) -> str:
    """Return the path of `command`, which Debian's `package` has."""
    path = shutil.which(command)
    require(path, f"{command} is not here: apt-get install {package}")
    return str(path)


def require_root() -> None:
    """Some tests arrange a machine (mounts, containers) and so must be root; what they test is not."""
    require(os.geteuid() == 0, "this test arranges mounts or containers: run it as root")


def mempip_command() -> list[str]:
    """Return the `mempip` command that belongs to this interpreter."""
    script = Path(sys.executable).with_name("mempip")
    require(script.exists(), f"{script} is not here: pip install .")
    return [str(script)]


def installation() -> list[Path]:
    """Return the directories that the `mempip` command is made of, also when it is installed as editable."""
    return [Path(sys.prefix), Path(sys.base_prefix), REPOSITORY / "mempip", REPOSITORY / "native"]


def clean_environment(index_url: str = "", **more: str) -> dict[str, str]:
    """Return this process's environment without what configures pip, uv or Python, for `index_url` alone.

    What uv has cached on this machine is left out, too, unless `more` names another cache.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_", "PYTHON", "COVERAGE_", "MEMPIP_"))
    }
    if index_url:
        environment["PIP_INDEX_URL"] = index_url
    if "UV_CACHE_DIR" not in more:
        environment["UV_NO_CACHE"] = "1"
    return environment | {"PIP_CONFIG_FILE": os.devnull} | more


def output(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return what `command` prints, which must succeed."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout
