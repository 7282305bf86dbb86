"""Machines whose network to the Redis that they share is cut: network namespaces, joined by links that go down."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.servers import free_ports
from platform_tests.support.tools import clean_environment, mempip_command, require_root, require_tool
from platform_tests.test_daemon import daemon
from platform_tests.test_upstream import WHEELS, counts, run
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = int(os.environ.get("MEMPIP_TEST_SEED", random.SystemRandom().randrange(10**6)))
PORT = 6379
#: Each is wanted once, to see whether machines share it.
LATER = [f"later{number}" for number in range(60)]
PATIENCE = 100.0  # seconds until sharing must have resumed; a lost engine is left alone for 30


class Namespace:
    """A machine with a network of its own, as long as the process `pid` runs. It has nothing but its loopback."""

    def __init__(self, holder: subprocess.Popen[bytes]) -> None:
        assert holder.stdout is not None
        holder.stdout.readline()  # it is in its namespace
        self.pid = str(holder.pid)
        self.within = ["nsenter", "--target", self.pid, "--net"]
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments: str) -> None:
        subprocess.run([*self.within, "ip", *arguments], check=True)

    def start(self, *command: str, stack: ExitStack) -> subprocess.Popen[bytes]:
        """Run a program on this machine as long as `stack` lasts."""
        process = stack.enter_context(subprocess.Popen([*self.within, *command], stdout=subprocess.PIPE))
        stack.callback(process.kill)
        return process


@contextmanager
def network(machines: int) -> Iterator[list[Namespace]]:
    """Yield the engine's machine, and `machines` that have a link to it, at 10.77.N.1, each."""
    require_root()
    require_tool("ip", "iproute2")
    require_tool("nsenter", "util-linux")
    with ExitStack() as stack:
        found = []
        for _ in range(1 + machines):
            command = ["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"]
            holder = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
            stack.callback(holder.kill)
            found.append(Namespace(holder))
        engine, *others = found
        for number, other in enumerate(others, start=1):
            engine.ip("link", "add", f"to{number}", "type", "veth", "peer", "name", "engine", "netns", other.pid)
            for machine, name, host in ((engine, f"to{number}", 1), (other, "engine", 2)):
                machine.ip("address", "add", f"10.77.{number}.{host}/24", "dev", name)
                machine.ip("link", "set", "dev", name, "up")
        yield found


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    directory = tmp_path / "wheels"
    directory.mkdir()
    for name, data in [*WHEELS.items(), *(build_wheel(name, "1.0") for name in LATER)]:
        (directory / name).write_bytes(data)
    return directory


def test_a_network_that_is_cut_and_comes_back(tmp_path: Path, wheels: Path) -> None:
    print(f"MEMPIP_TEST_SEED={SEED}")
    require_tool("redis-server", "redis-server")
    (port,) = free_ports(1)
    with network(2) as (engine, *machines), ExitStack() as stack:
        redis = ["redis-server", "--port", str(PORT), "--save", "", "--dir", str(tmp_path), "--protected-mode", "no"]
        log = engine.start(*redis, "--bind", "0.0.0.0", stack=stack).stdout
        assert any(b"Ready to accept" in line for line in log)
        paths, environments = [], []
        for number, machine in enumerate(machines, start=1):
            index = [sys.executable, "-m", "tests.support.index_server", str(wheels), "--port", str(port)]
            url = machine.start(*index, stack=stack).stdout.readline().decode().strip()
            upstream = f"redis://10.77.{number}.1:{PORT}"
            environments.append({**clean_environment(url), "MEMPIP_UPSTREAM": upstream})
            paths.append(stack.enter_context(daemon(environments[-1], within=machine.within))[1])
        (one, two), (first, second) = paths, environments

        def use(path: str, environment: dict[str, str], *names: str) -> None:
            command = [*mempip_command(), "run", "--daemon", path, *names, "--", "-c", f"import {', '.join(names)}"]
            subprocess.run(command, env=environment, check=True, timeout=120)

        run(one, first)
        assert counts(one, first) == (0, 2, 2)

        # In the middle of an installation, to whichever end it comes: it ends well, in spite of silence.
        command = [*mempip_command(), "run", "--daemon", two, "shared-app", "--", "-c", "import shared_app"]
        with subprocess.Popen(command, env=second) as client:
            time.sleep(random.Random(SEED).uniform(0, 1))
            engine.ip("link", "set", "to2", "down")
            assert client.wait(timeout=120) == 0

        # What is there and what is not: both are to be had without the engine; the other machine notices nothing.
        run(two, second)
        use(two, second, LATER[0])
        use(one, first, *LATER)
        assert counts(one, first) == (0, 2 + len(LATER), 2 + len(LATER))

        shared = counts(two, second)[0]
        engine.ip("link", "set", "to2", "up")
        end = time.monotonic() + PATIENCE
        for name in LATER[1:]:
            use(two, second, name)
            if counts(two, second)[0] > shared:
                break
            assert time.monotonic() < end
            time.sleep(1.5)
        else:
            raise AssertionError("the machines share nothing after the network has come back")
