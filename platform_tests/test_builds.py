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
from platform_tests.support.traces import Call, calls, strace
from tests.support.index_server import IndexServer
from tests.support.sdist_factory import BACKEND, build_sdist

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def command(*options: str) -> list[str]:
    return [*mempip_command(), "run", *options, "demo", "--", "-c", PROGRAM]


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


def test_nothing_is_written(sources: str, tmp_path: Path) -> None:
    require_tool("strace", "strace")
    before = {place: Path(place).stat().st_mtime_ns for place in PLACES if Path(place).is_dir()}
    done = strace(command(), tmp_path / "trace", cwd=tmp_path, env=clean_environment(sources))
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr
    # In the build's own namespace there is one place that can be written to, and it is in memory.
    made = [call for call in calls(tmp_path / "trace") if call.name == "mount" and '"tmpfs"' in call.arguments]
    covered = {path for call in made for path in call.paths() if path in PLACES}
    assert len(covered) == 1
    outside = [str(call) for call in calls(tmp_path / "trace") if call.writes() and not is_inside(call, *covered)]
    assert outside == []
    assert {place: Path(place).stat().st_mtime_ns for place in before} == before


def is_inside(call: Call, place: str) -> bool:
    """Whether a call changes nothing but what is below `place` or in shared memory, or arranges the namespace."""
    if call.name in ("mount", "mount_setattr") or call.result.startswith("-1"):
        return True
    paths = call.paths()[-1:] if call.name == "symlink" else call.paths()  # the other one is what it says
    return all(not path.startswith("/") or path.startswith((f"{place}/", "/dev/shm/")) for path in paths)


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
