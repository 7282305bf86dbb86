"""The same program, with its packages on disk and in memory, prints the same.

One program at a time: `nox -s parity-3.12 -- -k sqlalchemy`. Wheels are fetched once if MEMPIP_TEST_WHEELS names a
directory to keep them in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from platform_tests.support.index import fetched, serving, virtual_environment
from platform_tests.support.programs import DIRECTORY, Program, programs
from platform_tests.support.tools import clean_environment, mempip_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from platform_tests.support.containers import Containers

pytestmark = pytest.mark.network

VIEWS = ["overlay", "mount"]
TIMEOUT = 250  # seconds of one run
MEMORY = 2 << 30  # bytes that a container has


@dataclass(frozen=True)
class Case:
    """A program whose wheels are served by an index on loopback, and what it printed with them on disk."""

    program: Program
    index: str
    printed: str


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Each program, its packages installed into a virtual environment and the program run there."""
    program: Program = request.param
    place = tmp_path_factory.mktemp(program.name, numbered=True)
    kept = Path(os.environ.get("MEMPIP_TEST_WHEELS") or place)
    wheels = fetched(program.name, program.requirements, kept, program.sources)
    python = virtual_environment(place / "disk", wheels, program.requirements)
    with serving(wheels) as url:
        yield Case(program, url, run([str(python), str(program.path)], place / "work"))
    shutil.rmtree(place)


def run(command: Sequence[str], work: Path, index: str = "") -> str:
    """Return what `command` prints when it is run in a new directory `work`, with a home of its own."""
    work.mkdir()
    home = work.with_name(f"{work.name}-home")
    home.mkdir()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=work,
        env=clean_environment(index, HOME=str(home)),
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout, "a program that prints nothing shows nothing"
    return done.stdout


def cases() -> Iterator[Any]:
    """Yield each program with each place that it runs in: a view of files, or a container."""
    for program in programs():
        for place in [*VIEWS, *(["container"] if program.container else [])]:
            reason = program.misses.get(place)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason is not None else []
            yield pytest.param(program, place, marks=marks, id=f"{program.name}-{place}")


@pytest.mark.parametrize(("case", "place"), list(cases()), indirect=["case"])
def test_same_output(case: Case, place: str, container: Containers, tmp_path: Path) -> None:
    view = [] if place == "container" else [f"--files={place}"]
    command = [*mempip_command(), "run", *view, *case.program.requirements, "--", str(case.program.path)]
    if place != "container":
        assert run(command, tmp_path / "work", case.index) == case.printed
        return
    pip = {name: value for name, value in clean_environment(case.index).items() if name.startswith("PIP_")}
    done = container.run(command, memory=MEMORY, env=pip, binds=[DIRECTORY])
    assert (done.returncode, done.stdout) == (0, case.printed), done.stderr
