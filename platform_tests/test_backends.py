"""Sources that are built in memory by the backends that they name: as root, and as a user without any rights."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.tools import clean_environment, mempip_command, require_tool
from platform_tests.support.traces import folded, strace, unfold, written_by_builds

if TYPE_CHECKING:
    from platform_tests.support.containers import Containers

pytestmark = pytest.mark.network

#: Of a source archive of PyPI: its project, and a module that is there if the build was a whole one.
PROJECTS = {
    "setuptools, C": ("markupsafe", "markupsafe._speedups"),
    "setuptools without pyproject.toml, C": ("crcmod", "crcmod._crcfunext"),
    "hatchling": ("iniconfig", "iniconfig._version"),
    "flit": ("idna", "idna.core"),
    "poetry-core": ("tomlkit", "tomlkit.api"),
    "meson-python, Cython": ("memory-allocator", "memory_allocator.memory_allocator"),
    "scikit-build-core, CMake": ("pybind11", "pybind11.commands"),
}
BUILT = "import importlib, sys; print(importlib.import_module(sys.argv[1]).__spec__.origin)"

MODULE = """\
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "made_in_c", "made in C", -1, NULL};
PyMODINIT_FUNC PyInit_made_in_c(void) { return PyModule_Create(&definition); }
"""
CMAKE = """\
cmake_minimum_required(VERSION 3.15)
project(${SKBUILD_PROJECT_NAME} LANGUAGES C)
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
python_add_library(made_in_c MODULE made_in_c.c WITH_SOABI)
install(TARGETS made_in_c DESTINATION .)
"""
BUILD_SYSTEM = '[build-system]\nrequires = ["{}"]\nbuild-backend = "{}"\n'
#: Directories with a project: its files, and a command that shows that it works.
DIRECTORIES = {
    "scikit-build-core, C": (
        {
            "pyproject.toml": BUILD_SYSTEM.format("scikit-build-core", "scikit_build_core.build")
            + '[project]\nname = "made-in-c"\nversion = "1.0"\n',
            "CMakeLists.txt": CMAKE,
            "made_in_c.c": MODULE,
        },
        [sys.executable, "-c", "import made_in_c; print(made_in_c.__doc__)"],
        "made in C\n",
    ),
    # Of Rust's own libraries alone: others come from an index of their own.
    "maturin, Rust": (
        {
            "pyproject.toml": BUILD_SYSTEM.format("maturin>=1.7", "maturin")
            + '[project]\nname = "made-in-rust"\nversion = "1.0"\n[tool.maturin]\nbindings = "bin"\n',
            "Cargo.toml": '[package]\nname = "made-in-rust"\nversion = "1.0.0"\nedition = "2021"\n',
            "src/main.rs": 'fn main() { println!("made in Rust"); }\n',
        },
        ["made-in-rust"],
        "made in Rust\n",
    ),
}


@pytest.fixture(params=["root", "nobody"])
def run(request: pytest.FixtureRequest, container: Containers, tmp_path: Path):
    """Run mempip with arguments, and return what it printed; nothing but memory was written to."""
    require_tool("strace", "strace")

    def start(*arguments: str, binds: tuple[Path, ...] = ()) -> str:
        command = [*mempip_command(), *arguments]
        variables = clean_environment()
        if request.param == "root":
            done = strace(command, tmp_path / "trace", cwd="/", env=variables)
        else:
            rust = [Path.home() / name for name in (".cargo", ".rustup") if (Path.home() / name).is_dir()]
            wanted = {"PATH": os.environ["PATH"], "RUSTUP_HOME": str(Path.home() / ".rustup")}
            options = {"binds": [*binds, *rust], "env": wanted, "shm": "noexec", "profile": "podman"}
            done = container.run(folded(command), **options)
            done.stdout = unfold(done.stdout, tmp_path / "trace")
        assert done.returncode == 0, done.stderr
        assert written_by_builds(tmp_path / "trace") == []
        return done.stdout

    return start


@pytest.mark.parametrize("backend", PROJECTS)
def test_a_source_archive(backend: str, run) -> None:
    project, module = PROJECTS[backend]
    options = ["--quiet", "--no-cache-dir", f"--no-binary={project}"]
    origin = run("run", *options, project, "--", "-c", BUILT, module)
    assert origin.startswith("/mempip/")
    assert ("C" in backend.split()) == origin.endswith(".so\n") or "Cython" in backend


@pytest.mark.parametrize("backend", DIRECTORIES)
def test_a_directory(backend: str, run, tmp_path: Path) -> None:
    files, command, expected = DIRECTORIES[backend]
    if "Rust" in backend:
        require_tool("cargo", "cargo")
    directory = tmp_path / "project"
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    before = sorted(directory.rglob("*"))
    assert run("exec", "--quiet", str(directory), "--", *command, binds=(directory,)) == expected
    assert sorted(directory.rglob("*")) == before
