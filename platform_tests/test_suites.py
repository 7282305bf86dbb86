"""Test suites that others wrote, against memory: the same outcomes as from disk, test by test.

`nox -s suites` prints the counts. Of the large suites, the parts that are named here are run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.index import download, fetched, serving, virtual_environment
from platform_tests.support.tools import REPOSITORY, clean_environment, mempip_command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

pytestmark = pytest.mark.network

SCRIPTS = Path(__file__).with_name("suites")
TIMEOUT = 1800  # seconds of one run
Outcomes = dict[str, str]


@dataclass(frozen=True)
class Suite:
    """A project's tests, run by pytest from its wheel: ``selection`` says which, as arguments of pytest."""

    name: str
    requirements: Sequence[str]
    selection: Sequence[str]


SUITES = [
    Suite(
        "numpy",
        ["numpy", "pytest", "hypothesis", "setuptools", "typing_extensions", "cffi"],
        # All but slow ones, as `numpy.test()`; f2py's want meson on PATH, without which nothing is collected.
        ["numpy", "-m", "not slow", "--ignore-glob=/*/numpy/f2py/*"],
    ),
    Suite(
        "scipy",
        ["scipy", "pytest", "hypothesis", "pooch"],
        ["scipy.io", "scipy.fft", "scipy.ndimage", "scipy.integrate", "-m", "not slow and not xslow"],
    ),
    Suite(
        "pandas",
        ["pandas", "pytest", "hypothesis", "tzdata"],
        [
            "pandas.tests.series",
            "pandas.tests.resample",
            "pandas.tests.io.json",
            "-m",
            "not slow and not network and not db",
        ],
    ),
]

#: What tests of archives want that is not so in memory; docs/compliance.md has it, too.
OF_ARCHIVES = {
    "importlib_resources.tests.test_path.PathZipTests.test_remove_in_context_manager": "files are read-only",
    "importlib_resources.tests.test_resource.ResourceFromZipsTest01.test_as_file_directory": "files are no copies",
    "metadata_tests.test_zip.TestZip.test_files": "paths do not name the wheel",
}


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_of_projects(suite: Suite, tmp_path: Path) -> None:
    wheels = fetched(suite.name, suite.requirements, Path(os.environ.get("MEMPIP_TEST_WHEELS") or tmp_path))
    python = virtual_environment(tmp_path / "disk", wheels, suite.requirements)
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=outcomes.xml", "--pyargs", *suite.selection]
    disk = of_pytest([str(python), *tests], tmp_path / "on-disk")
    with serving(wheels) as url:
        memory = of_pytest([*mempip_command(), "run", *suite.requirements, "--", *tests], tmp_path / "in-memory", url)
    tell(suite.name, disk, memory)
    assert "passed" in disk.values()
    assert differences(disk, memory) == {}


def test_of_the_standard_library(tmp_path: Path) -> None:
    """CPython's tests of imports, while the hooks of an environment are in place."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    download(["certifi"], wheels)
    script = str(SCRIPTS / "standard_library.py")
    disk = of_script([sys.executable, script], tmp_path / "disk.json")
    with serving(wheels) as url:
        command = [*mempip_command(), "run", "certifi", "--", script]
        memory = of_script(command, tmp_path / "memory.json", clean_environment(url))
    tell("CPython", disk, memory)
    assert differences(disk, memory) == {}


@pytest.mark.parametrize("suite", ["resources", "metadata"])
def test_of_importlib(suite: str, tmp_path: Path) -> None:
    """The suites of importlib's backports, packages in memory in the place of those in archives."""
    path = importlib_suite(suite, tmp_path)
    environment = clean_environment(PYTHONPATH=os.pathsep.join([str(REPOSITORY), str(path)]))
    command = [sys.executable, str(SCRIPTS / f"{suite}.py")]
    archives = of_script([*command, "zip"], tmp_path / "zip.json", environment)
    memory = of_script([*command, "memory"], tmp_path / "memory.json", environment)
    tell(f"importlib_{suite}", archives, memory)
    assert set(differences(archives, memory)) == {name for name in OF_ARCHIVES if name in archives}


def importlib_suite(suite: str, directory: Path) -> Path:
    """Install a backport and its tests into a new directory below `directory`; return that."""
    target = directory / "target"
    uv = [sys.executable, "-m", "uv", "--quiet", "pip", "install", "--target", str(target), "--python", sys.executable]
    if suite == "resources":  # its wheel has the tests
        subprocess.run([*uv, "importlib_resources", "jaraco.test>=5.4", "zipp"], check=True, stdin=subprocess.DEVNULL)
        return target
    subprocess.run([*uv, "importlib_metadata", "packaging", "pyfakefs"], check=True, stdin=subprocess.DEVNULL)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary=:all:",
        "--dest",
        str(directory),
    ]
    subprocess.run([*pip, "importlib_metadata"], check=True, stdin=subprocess.DEVNULL)
    (archive,) = directory.glob("importlib_metadata-*.tar.gz")
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(directory)], check=True)
    (directory / archive.name.removesuffix(".tar.gz") / "tests").rename(target / "metadata_tests")
    return target


def of_pytest(command: Sequence[str], work: Path, index: str = "") -> Outcomes:
    """Run pytest in a new directory `work`; return what became of each test."""
    work.mkdir()
    done = run(command, work, clean_environment(index, HOME=str(work)))
    report = work / "outcomes.xml"
    assert report.exists(), done
    found: Outcomes = {}
    for case in ET.parse(report).iter("testcase"):
        bad = {child.tag for child in case} & {"failure", "error"}
        outcome = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
        found[f"{case.get('classname')}::{case.get('name')}"] = outcome
    return found


def of_script(command: Sequence[str], file: Path, environment: Mapping[str, str] | None = None) -> Outcomes:
    """Run a script of platform_tests.suites that writes to `file`; return what became of each test."""
    done = run([*command, str(file)], file.parent, environment or clean_environment())
    assert file.exists(), done
    found: Outcomes = json.loads(file.read_text())
    return found


def run(command: Sequence[str], work: Path, environment: Mapping[str, str]) -> str:
    """Run `command` and return what it printed. A timeout fails the test."""
    try:
        done = subprocess.run(
            command,
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"not done after {TIMEOUT} seconds: {command}")
    return done.stdout + done.stderr


def tell(suite: str, disk: Outcomes, memory: Outcomes) -> None:
    """Print a suite's counts."""
    print(f"{suite}: from disk {dict(Counter(disk.values()))}, from memory {dict(Counter(memory.values()))}")


def differences(disk: Outcomes, memory: Outcomes) -> dict[str, tuple[str | None, str | None]]:
    """Return the outcomes that differ, by test."""
    return {
        name: (disk.get(name), memory.get(name))
        for name in sorted({*disk, *memory})
        if disk.get(name) != memory.get(name)
    }
