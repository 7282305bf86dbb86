"""Editable installations of real projects (PEP 660): every backend has its own way to lead imports to the source."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.tools import clean_environment, mempip_command

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

NAME = "edited_project"
SETUPTOOLS = '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
POETRY = '[build-system]\nrequires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"\n'
PROJECT = f'[project]\nname = "{NAME}"\nversion = "1.0"\ndescription = "d"\n'
SCRIPT = f'[project.scripts]\n{NAME} = "{NAME}:main"\n'
#: Each with the directory that its package is in.
LAYOUTS = {
    "setuptools-flat": (SETUPTOOLS + PROJECT + SCRIPT, "."),
    "setuptools-src": (SETUPTOOLS + PROJECT + SCRIPT, "src"),
    "setuptools-finder": (
        SETUPTOOLS
        + PROJECT
        + SCRIPT
        + f"[tool.setuptools]\npackages = ['{NAME}']\npackage-dir.{NAME} = 'odd/{NAME}'\n",
        "odd",
    ),
    "hatchling": (
        f'[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n{PROJECT}{SCRIPT}',
        "src",
    ),
    "flit": (
        f'[build-system]\nrequires = ["flit_core>=3.4"]\nbuild-backend = "flit_core.buildapi"\n{PROJECT}{SCRIPT}',
        "src",
    ),
    "poetry": (
        POETRY + PROJECT + SCRIPT + f"[tool.poetry]\npackages = [{{ include = '{NAME}', from = 'src' }}]\n",
        "src",
    ),
}
PROGRAM = f"""\
import importlib.metadata, subprocess, sys, {NAME}, {NAME}.sub
print({NAME}.__file__, {NAME}.sub.answer, importlib.metadata.version({NAME!r}), flush=True)
subprocess.run([sys.executable, "-m", {NAME!r}])
"""


@pytest.fixture(params=LAYOUTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """The directories of a project, and of its package."""
    configuration, place = LAYOUTS[request.param]
    package = tmp_path / place / NAME
    package.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(configuration)
    (package / "__init__.py").write_text("def main(): print('ran')\n")
    (package / "__main__.py").write_text("print('child')\n")
    (package / "sub.py").write_text("answer = 42\n")
    return tmp_path, package


def test_modules_come_from_the_source(project: tuple[Path, Path]) -> None:
    directory, package = project
    for view in ("overlay", "mount"):
        command = [*mempip_command(), "run", f"--files={view}", "--editable", str(directory), "--"]
        done = subprocess.run(
            [*command, "-c", PROGRAM], capture_output=True, text=True, cwd="/", env=clean_environment()
        )
        assert done.stdout == f"{package}/__init__.py 42 1.0\nchild\n", done.stderr
    assert not list(directory.rglob("*.egg-info")), "nothing is written to the source tree"
