"""The same program, with its packages on disk and in memory, prints the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from platform_tests.support.index import download, serving
from platform_tests.support.tools import clean_environment, mempip_command

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))

pytestmark = pytest.mark.network


def dependencies(program: Path) -> list[str]:
    """Return the dependencies in a program's metadata block (PEP 723), which here is one line of JSON."""
    match = re.search(r"^# dependencies = (\[.*\])$", program.read_text(), re.MULTILINE)
    assert match is not None
    return list(json.loads(match[1]))


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.stem for program in PROGRAMS])
def test_same_output(program: Path, tmp_path) -> None:
    requirements = dependencies(program)
    wheels, disk, work = tmp_path / "wheels", tmp_path / "disk", tmp_path / "work"
    wheels.mkdir()
    work.mkdir()
    download(requirements, wheels)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", str(wheels)]
    subprocess.run([*install, "--target", str(disk), *requirements], check=True, stdin=subprocess.DEVNULL)
    with serving(wheels) as url:
        on_disk = run([sys.executable, str(program)], work, clean_environment(PYTHONPATH=str(disk)))
        in_memory = run([*mempip_command(), "run", *requirements, "--", str(program)], work, clean_environment(url))
    assert in_memory == on_disk
    assert list(work.iterdir()) == []


def run(command: list[str], work: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=work, env=environment, stdin=subprocess.DEVNULL, timeout=250
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
