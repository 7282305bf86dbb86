"""One daemon for many: containers that mount its socket, many clients at once, and its end at any instant."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.measure import shared_memory
from mempip.connection import FRAME
from mempip_native import objects
from platform_tests.support.tools import clean_environment, mempip_command
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence

CLIENTS = 32
CONTAINERS = 8
CONNECTIONS = 3000
KILLS = int(os.environ.get("MEMPIP_TEST_KILLS", "6"))
STARTS = int(os.environ.get("MEMPIP_TEST_STARTS", "40"))
DUMPS = int(os.environ.get("MEMPIP_TEST_DUMPS", "8"))
SEED = int(os.environ.get("MEMPIP_TEST_SEED", random.SystemRandom().randrange(10**6)))

#: Prints which objects the environment is made of, once numpy works from them.
PROGRAM = """
import os, numpy
from mempip.runtime.environment import active
assert numpy.linalg.inv(numpy.eye(3)).sum() == 3
print(os.fstat(active()[0].image.descriptors[1]).st_ino, len(active()[0].companions.descriptors))
"""

#: Reads a snapshot, and raises if a byte of it is wrong.
RESTORE = """
import sys, time, mempip_native
from mempip.store.daemon.keep import Keep, Limits
from mempip.store.daemon.snapshot import restore
keep = Keep(time.monotonic, 600, Limits(1 << 40, 1 << 40, 1 << 20))
assert restore(sys.argv[1], keep, mempip_native.adapters()[0]) and keep.wheels
"""


@contextmanager
def daemon(environment: dict[str, str], *options: str, within: Sequence[str] = ()):
    """Run a daemon; yield its process and the path of its socket, in a directory that everybody may enter.

    `within` is a command that becomes the one behind it, in another namespace.
    """
    with tempfile.TemporaryDirectory(prefix="mempipd-") as directory:
        os.chmod(directory, 0o755)
        path = os.path.join(directory, "s")
        command = [*within, *mempip_command(), "daemon", "start", "--socket", path, *options]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == f"Listening at {path}\n"
            try:
                yield process, path
            finally:
                process.kill()


def client(path: str, *options: str) -> list[str]:
    return [*mempip_command(), "run", "--daemon", path, *options, "numpy", "--", "-c", PROGRAM]


def run(path: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(client(path), env=environment, capture_output=True, text=True)


def status(path: str, environment: dict[str, str]) -> dict:
    command = [*mempip_command(), "daemon", "status", "--json", "--socket", path]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def descriptors(process: subprocess.Popen) -> int:
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def await_release(process: subprocess.Popen, before: int) -> None:
    """Wait until a process has no more descriptors than `before`: connections and idle processes end after a while."""
    end = time.monotonic() + 30
    while descriptors(process) > before and time.monotonic() < end:
        time.sleep(0.1)
    assert descriptors(process) <= before


def settle(path: str, environment: dict[str, str]) -> None:
    while status(path, environment)["preparing"]:
        time.sleep(0.1)


def test_containers_share_the_daemon_of_their_host(container, index: str) -> None:
    environment = clean_environment(index)
    options = ["--socket-mode", "666", "--allow", "read=65534"]  # who in the container has no right to more
    with daemon(environment, *options) as (_, path):
        assert run(path, environment).returncode == 0
        settle(path, environment)
        variables = {name: value for name, value in environment.items() if name.startswith("PIP_")}
        variables["MEMPIP_DAEMON"] = path
        command = [*mempip_command(), "run", "numpy", "--", "-c", PROGRAM]
        binds = [Path(path).parent]
        with ThreadPoolExecutor(CONTAINERS) as pool:
            started = [
                pool.submit(container.run, command, memory=512 << 20, env=variables, binds=binds)
                for _ in range(CONTAINERS)
            ]
        found = [future.result() for future in started]
        assert {(done.returncode, done.stderr) for done in found} == {(0, "")}
        assert len({done.stdout.split()[0] for done in found}) == 1  # the same object
        assert int(found[0].stdout.split()[1]) > 1  # code and libraries, too
        refused = container.run([*command[:2], "scipy", *command[3:]], env=variables, binds=binds)
        assert refused.returncode == 1
        assert "user 65534 may not install" in refused.stderr


def test_users_of_a_container_are_known_by_the_numbers_of_the_host(container, index: str) -> None:
    environment = clean_environment(index)
    with daemon(environment, "--socket-mode", "666", "--allow", "read=101000") as (_, path):
        assert run(path, environment).returncode == 0
        variables = {name: value for name, value in environment.items() if name.startswith("PIP_")}
        command = [*mempip_command(), "run", "--daemon", path, "numpy", "--", "-c", PROGRAM]

        def use(uid: int, **more: str) -> subprocess.CompletedProcess[str]:
            return container.run(command, uid=uid, mapped=100_000, env=variables | more, binds=[Path(path).parent])

        # In there, the host's root is nobody in particular: whoever lets it decide what runs says so.
        unnamed = use(1000)
        assert unnamed.returncode == 1
        assert "runs as user 65534, who is neither this user nor root" in unnamed.stderr
        served = use(1000, MEMPIP_DAEMON_USER="65534")
        assert (served.returncode, served.stderr) == (0, "")
        refused = use(1001, MEMPIP_DAEMON_USER="65534")
        assert refused.returncode == 1
        assert "user 101001 may not" in refused.stderr


def test_many_clients_at_once_have_one_copy(index: str) -> None:
    environment = clean_environment(index)
    with daemon(environment) as (_, path), ThreadPoolExecutor(CLIENTS) as pool:
        before = shared_memory()
        found = list(pool.map(lambda _: run(path, environment), range(CLIENTS)))
        assert {(done.returncode, done.stderr) for done in found} == {(0, "")}
        assert len({done.stdout.split()[0] for done in found}) == 1
        settle(path, environment)
        told = status(path, environment)
        assert told["begun"] == 1
        assert shared_memory() - before < 2 * told["bytes"] / 2**20 + 64  # MiB


def test_a_dump_that_is_killed_leaves_the_last_whole_one(index: str, tmp_path: Path) -> None:
    print(f"MEMPIP_TEST_SEED={SEED}")
    chance = random.Random(f"{SEED} dump")
    environment = clean_environment(index)
    file = tmp_path / "snapshot"
    with daemon(environment) as (_, path):
        assert run(path, environment).returncode == 0
        settle(path, environment)
        command = [*mempip_command(), "daemon", "dump", "--socket", path, str(file)]
        began = time.monotonic()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        takes = time.monotonic() - began
        for _ in range(DUMPS):
            with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as dump:
                time.sleep(chance.uniform(0, 1.1 * takes))
                dump.kill()
            subprocess.run([sys.executable, "-c", RESTORE, file], check=True)
    with daemon(environment, "--snapshot", str(file)) as (_, path):
        wheels = status(path, environment)["wheels"]
        assert [(row["filename"].partition("-")[0], row["compiled"]) for row in wheels] == [("numpy", [0])]
        assert wheels[0]["libraries"] > 1
        assert run(path, environment).returncode == 0
        assert status(path, environment)["begun"] == 0


def test_starts_leave_nothing_with_the_daemon() -> None:
    with ExitStack() as stack:
        server = stack.enter_context(IndexServer(dict([build_wheel("started", "1.0")])))
        environment = clean_environment(server.url)
        # Thousands of starts take longer than a resolution is handed out.
        process, path = stack.enter_context(daemon(environment, "--lifetime", "86400"))
        command = [*mempip_command(), "run", "--daemon", path, "started", "--", "-c", "import started"]

        def start(count: int) -> float:
            began = time.monotonic()
            for _ in range(count):
                subprocess.run(command, env=environment, check=True)
            return (time.monotonic() - began) / count

        def held() -> tuple[int, int]:
            settle(path, environment)
            with open(f"/proc/{process.pid}/status") as file:
                memory = next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
            return descriptors(process), memory

        first = start(20)
        before = held()
        for _ in range(STARTS // 20):
            last = start(20)
        after = held()
        print(f"{STARTS} starts: {before} → {after} descriptors and KiB, {first:.3f} → {last:.3f} s each")
        assert after[0] <= before[0]  # a process that made something may have ended
        assert after[1] - before[1] < 4096
        assert status(path, environment)["begun"] == 1


def test_thousands_of_connections_keep_nobody_from_being_served(index: str) -> None:
    environment = clean_environment(index)
    objects.raise_limit()
    with daemon(environment) as (process, path), ExitStack() as stack:
        assert run(path, environment).returncode == 0
        settle(path, environment)
        before = descriptors(process)
        for number in range(CONNECTIONS):
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(path)
            if number % 3:
                connection.send(FRAME.pack(100, 0)[: 4 * (number % 3)])  # half of a frame, or a frame of nothing yet
        assert status(path, environment)["clients"] > CONNECTIONS - 10
        assert [run(path, environment).returncode for _ in range(3)] == [0, 0, 0]
        stack.close()
        await_release(process, before)


def test_clients_that_are_killed_leave_nothing_with_the_daemon(index: str) -> None:
    print(f"MEMPIP_TEST_SEED={SEED}")
    chance = random.Random(f"{SEED} client")
    environment = clean_environment(index)
    with daemon(environment) as (process, path):
        assert run(path, environment).returncode == 0
        settle(path, environment)
        before = descriptors(process)
        for _ in range(KILLS):
            # All wait for the same new installation; the first is killed while it is made, handed out, or used.
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
            command = client(path, "--refresh")
            clients = [subprocess.Popen(command, env=environment, text=True, **pipes) for _ in range(3)]
            time.sleep(chance.uniform(0, 2))
            clients[0].kill()
            for one in clients:
                output = one.communicate()[0]
                assert one is clients[0] or one.returncode == 0, output
        settle(path, environment)
        told = status(path, environment)
        assert (told["installing"], told["clients"]) == ([], 1)
        await_release(process, before)


@pytest.mark.parametrize("part", ["daemon", "group"])
def test_killed_under_load_it_costs_nobody_more_than_time(part: str, index: str) -> None:
    print(f"MEMPIP_TEST_SEED={SEED}")
    chance = random.Random(f"{SEED} {part}")
    environment = clean_environment(index)
    for _ in range(KILLS // 2):
        with daemon(environment) as (process, path), ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(run, path, environment) for _ in range(4)]
            time.sleep(chance.uniform(0.2, 3))
            workers = [row["pid"] for row in status(path, environment)["installing"]] if part == "group" else []
            process.send_signal(signal.SIGKILL)
            for worker in workers:
                try:
                    os.kill(worker, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            for answer in answers:
                done = answer.result()
                assert done.returncode == 0, done.stderr
                assert "Traceback" not in done.stderr
            process.wait()
            end = time.monotonic() + 30
            while any(os.path.exists(f"/proc/{worker}") for worker in workers) and time.monotonic() < end:
                time.sleep(0.1)
            assert not [worker for worker in workers if os.path.exists(f"/proc/{worker}")]
