"""What mempip itself needs never meets what the user asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from platform_tests.support.tools import clean_environment, mempip_command

LOADED = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"

VERSION = """
import mempip
mempip.install("packaging==21.3")
import packaging, packaging.version
print(packaging.__version__, packaging.__file__)
"""


def python(command: list[str], index: str, work) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=work, env=clean_environment(index), stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def foreign_modules(tmp_path) -> set[str]:
    """Every importable name that is installed beside mempip, and that a bare interpreter does not load."""
    bare = python([sys.executable, "-c", LOADED], "", tmp_path).split()
    foreign = set(packages_distributions()) - {"mempip", "mempip_native", *bare}
    assert {"httpx", "httpcore", "anyio", "h11", "idna", "certifi", "resolvelib", "elftools", "packaging"} <= foreign
    return foreign


def test_a_project_that_mempip_uses_in_another_version(index: str, foreign_modules: set[str], tmp_path) -> None:
    version, modules = python([sys.executable, "-c", VERSION + LOADED], index, tmp_path).splitlines()
    assert version.startswith("21.3 /mempip/")
    assert set(modules.split()) & foreign_modules == {"packaging"}


def test_run_shows_the_program_nothing_of_what_mempip_needs(index: str, foreign_modules: set[str], tmp_path) -> None:
    command = [*mempip_command(), "run", "idna", "--", "-c", f"import idna; print(idna.__file__); {LOADED}"]
    origin, modules = python(command, index, tmp_path).splitlines()
    assert origin.startswith("/mempip/")
    assert set(modules.split()) & foreign_modules == {"idna"}
