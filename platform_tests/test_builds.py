"""Sources are built in memory where a process may have a file system of its own, and refused where it may not."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.tools import clean_environment, mempip_command, require_tool
from platform_tests.support.traces import folded, strace, unfold, written_by_builds
from tests.support.index_server import IndexServer
from tests.support.sdist_factory import BACKEND, build_sdist, project_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from platform_tests.support.containers import Containers

PROGRAM = "import demo; print(demo.answer)"
#: What a build can cover with a file system of its own; nothing may ever be written to them.
PLACES = ["/mnt", "/media", "/srv", "/opt", "/home", "/var/tmp"]


@pytest.fixture(scope="module")
def sources() -> Iterator[str]:
    """The URL of an index of source distributions, which bring their own backend."""
    slow = BACKEND + "\nimport time\ntime.sleep(60)\n"
    with IndexServer(
        dict([build_sdist("demo", "1.0"), build_sdist("slow", "1.0", more={"backend.py": slow})])
    ) as server:
        yield server.url


def command(*options: str, requirement: str = "demo") -> list[str]:
    return [*mempip_command(), "run", *options, requirement, "--", "-c", PROGRAM]


def variables(index: str) -> dict[str, str]:
    return {name: value for name, value in clean_environment(index).items() if name.startswith("PIP_")}


def test_a_container_with_user_namespaces(container, sources: str) -> None:
    done = container.run(command(), profile="podman", env=variables(sources))
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr


def test_a_container_without(container, sources: str) -> None:
    done = container.run(command(), env=variables(sources))
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "there is nowhere in memory to build it" in done.stderr
    assert "--build-dir DIRECTORY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_that_was_named(container, sources: str) -> None:
    shell = ["sh", "-ec", 'mkdir /scratch; "$@"; ls -A /scratch', "sh", *command("--build-dir=/scratch")]
    done = container.run(shell, uid=0, readonly=False, env=variables(sources))
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A Git repository of a project."""
    from dulwich import porcelain

    directory = tmp_path / "repository"
    directory.mkdir()
    for path, text in project_files("demo", "1.0").items():
        (directory / path).write_text(text)
    with porcelain.init(str(directory)) as made:
        porcelain.add(made, [str(path) for path in directory.iterdir() if path.is_file()])
        people = {"author": b"Nobody <nobody@example.org>", "committer": b"Nobody <nobody@example.org>"}
        porcelain.commit(made, message=b"one", **people)
    return directory


@pytest.mark.parametrize("user", ["root", "an ordinary one"])
@pytest.mark.parametrize("source", ["an index", "a repository"])
def test_nothing_is_written(
    source: str, user: str, sources: str, repository: Path, container: Containers, tmp_path: Path
) -> None:
    require_tool("strace", "strace")
    requirement = "demo" if source == "an index" else f"git+{repository.as_uri()}"
    if user == "root":
        before = {place: Path(place).stat().st_mtime_ns for place in PLACES if Path(place).is_dir()}
        options = {"cwd": tmp_path, "env": clean_environment(sources)}
        done = strace(command(requirement=requirement), tmp_path / "trace", **options)
        assert {place: Path(place).stat().st_mtime_ns for place in before} == before
    else:
        binds = {"binds": [repository], "env": variables(sources), "shm": "noexec", "profile": "podman"}
        done = container.run(folded(command(requirement=requirement)), **binds)
        done.stdout = unfold(done.stdout, tmp_path / "trace")
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr
    assert written_by_builds(tmp_path / "trace") == []


def test_a_lock_of_an_editable_directory(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    for path, text in project_files("demo", "1.0").items():
        (tmp_path / "demo" / path).write_text(text)
    options = {"cwd": tmp_path, "env": clean_environment(PIP_NO_INDEX="1"), "capture_output": True, "text": True}
    done = subprocess.run([*mempip_command(), "lock", "--editable", "demo", "--output", "pylock.toml"], **options)
    assert done.returncode == 0, done.stderr
    assert 'directory = { path = "demo", editable = true }' in (tmp_path / "pylock.toml").read_text()
    run = [*mempip_command(), "run", "--lock", "pylock.toml", "--"]
    done = subprocess.run([*run, "-c", "import demo; print(demo.__file__)"], **options)
    assert done.stdout == f"{tmp_path}/demo/demo.py\n", done.stderr
    done = subprocess.run([*run, "-m", "mempip", "freeze"], **options)
    assert done.stdout == f"-e {(tmp_path / 'demo').as_uri()}\n", done.stderr


def test_a_build_that_is_killed_leaves_nothing(sources: str, tmp_path: Path) -> None:
    before = {place: os.listdir(place) for place in PLACES if Path(place).is_dir()}
    slow = [*mempip_command(), "run", "slow", "--", "-c", "pass"]
    with subprocess.Popen(slow, env=clean_environment(sources), cwd=tmp_path, start_new_session=True) as process:
        deadline = time.monotonic() + 60
        while not (building := backends()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert building, "no build began"
        os.killpg(process.pid, signal.SIGKILL)
    while backends() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert backends() == []
    assert {place: os.listdir(place) for place in before} == before
    assert list(tmp_path.iterdir()) == []


def backends() -> list[str]:
    """Return the command lines of processes that run a backend's hook in a build's own environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if "/environment/bin/python" in line:
                found.append(line)
    return found
