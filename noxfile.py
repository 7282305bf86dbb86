"""Every check of the project, one session each. `nox` alone runs what a change must pass.

The environments live in .nox/; interpreters are those found on PATH and in pyenv's directory.
"""

from __future__ import annotations

import os
from pathlib import Path

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]
COVERAGE_PYTHON = "3.12"
IN_PARALLEL = ["-n", "logical"]
PLATFORMS = ["linux", "darwin", "win32"]
# As users install it, with bytecode beside the sources; and without the setuptools that virtualenv seeds: it has none,
# and its .pth file would make the first start of Python write some, where tests count what is written.
WITH_PIP = {"venv_backend": "virtualenv", "venv_params": ["--no-setuptools"]}

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "tests", "platform_tests"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
# A machine has the Pythons that it has; which ones ran is in the summary.
nox.options.error_on_missing_interpreters = False


def prefer_pyenv_interpreters() -> None:
    """Put pyenv's real interpreters on PATH: its shims run only the versions that pyenv has activated."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    bins = [str(found.parent) for version in PYTHONS for found in root.glob(f"{version}.*/bin/python{version}")]
    os.environ["PATH"] = os.pathsep.join([*bins, os.environ["PATH"]])


prefer_pyenv_interpreters()


def group(name: str) -> list[str]:
    """Return the requirements of one of pyproject.toml's dependency groups (PEP 735)."""
    return list(nox.project.dependency_groups(PROJECT, name))


@nox.session
def lint(session: nox.Session) -> None:
    """Style, formatting and the arrows between rooms."""
    session.install(*group("lint"), "-e", ".")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types, as each operating system sees the code."""
    session.install(*group("types"), "-e", ".")
    for platform in PLATFORMS:
        session.run("mypy", "--platform", platform)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """What any machine can run, offline. The coverage gate is on one Python."""
    # Every installation starts a process, and most of its time would be compiling. pip does it when it installs.
    session.install(*group("test"), "-e", ".", env={"UV_COMPILE_BYTECODE": "1"})
    session.run("python", "-m", "compileall", "-q", "mempip", "native")
    # `nox -s tests-3.12 -- tests/image` looks at a part; the gate is for the whole.
    if session.python != COVERAGE_PYTHON or session.posargs:
        session.run("python", "-m", "pytest", *(session.posargs or IN_PARALLEL))
        return
    data = {"COVERAGE_FILE": str(Path(session.virtualenv.location).resolve() / "coverage")}
    session.run("python", "-m", "pytest", *IN_PARALLEL, "--cov", "--cov-report=term-missing", env=data)


@nox.session(**WITH_PIP)
def platform_tests(session: nox.Session) -> None:
    """Real kernels, containers and native wheels, against mempip as `pip install .` installs it."""
    session.install(*group("platform"), ".")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    # What looks at the whole machine, at its sockets for one, has it for itself.
    alone = [f"platform_tests/test_{name}.py" for name in ("kill", "leftovers")]
    others = ["platform_tests", *(f"--ignore={path}" for path in alone), *IN_PARALLEL]
    others += ["--dist=loadfile", "--no-loadscope-reorder"]  # in the order of conftest.py
    session.run("python", "-m", "pytest", *others, "-m", "not network")
    session.run("python", "-m", "pytest", *alone, "-m", "not network")


@nox.session(python=COVERAGE_PYTHON)
def fuzz(session: nox.Session) -> None:
    """The protocol, images and code segments against damaged bytes: half a minute each, or ``-- SECONDS``."""
    session.install(*group("fuzz"), "-e", ".")
    seconds = session.posargs[0] if session.posargs else "30"
    for target in ("index", "segment", "frames", "request"):
        session.run("python", "-m", "tests.fuzz", target, seconds, str(Path(session.create_tmp()).resolve()))


@nox.session(python=PYTHONS, **WITH_PIP)
def parity(session: nox.Session) -> None:
    """The same programs with packages on disk and in memory; needs a package index."""
    session.install(*group("platform"), ".")
    session.run("python", "-m", "pytest", "platform_tests/test_parity.py", *session.posargs)


@nox.session(python=COVERAGE_PYTHON, **WITH_PIP)
def suites(session: nox.Session) -> None:
    """Tests that others wrote, from disk and from memory; needs a package index, and minutes."""
    session.install(*group("platform"), ".")
    # A suite takes longer than a test may; it has a limit of its own.
    options = ["-rP", "-o", "faulthandler_timeout=0"]
    session.run("python", "-m", "pytest", *options, "platform_tests/test_suites.py", *session.posargs)


@nox.session(**WITH_PIP)
def network(session: nox.Session) -> None:
    """Platform tests of which each fetches packages of its own; needs a package index."""
    session.install(*group("platform"), ".")
    ignored = [f"--ignore=platform_tests/test_{name}.py" for name in ("parity", "suites")]
    session.run("python", "-m", "pytest", "platform_tests", "-m", "network", *ignored, *session.posargs)


@nox.session(**WITH_PIP)
def benchmarks(session: nox.Session) -> None:
    """Against pip, uv and a disk install, side by side; needs a package index once."""
    session.install(*group("platform"), ".")
    session.run("python", "-m", "benchmarks.import_cost")
    session.run("python", "-m", "benchmarks.passthrough")
    session.run("python", "-m", "benchmarks.imports")
    session.run("python", "-m", "benchmarks.warm")
    snapshot = str(Path(session.create_tmp()).resolve() / "snapshot")
    session.run("python", "-m", "benchmarks.snapshot", snapshot)
    session.run("python", "-m", "benchmarks.resolve", snapshot)
    session.run("python", "-m", "benchmarks.cold", *session.posargs)
