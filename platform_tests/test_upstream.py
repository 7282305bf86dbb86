"""Machines that share wheels and resolutions through a real Redis: what one has the others do not fetch or resolve.

Nothing hangs on it, and who may write to it decides nothing.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
import redis

from platform_tests.support.servers import free_ports, running
from platform_tests.support.tools import REPOSITORY, clean_environment, mempip_command, require_tool
from platform_tests.test_daemon import daemon, status
from tests.support.index_server import Behaviour, IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEM = REPOSITORY / "tests" / "support" / "loopback.pem"
SEED = int(os.environ.get("MEMPIP_TEST_SEED", random.SystemRandom().randrange(10**6)))
KILLS = int(os.environ.get("MEMPIP_TEST_KILLS", "4"))
#: Several pieces, of bytes that do not compress.
LARGE = random.Random(1).randbytes(9 << 20)
WHEELS = dict(
    [
        build_wheel("shared-app", "1.0", {"shared_app.py": "import shared_base\n"}, requires=["shared-base"]),
        build_wheel("shared-base", "1.0", {"shared_base.py": "", "shared_base.bin": LARGE}),
    ]
)
KEY = "a secret of the machines' that Redis has not"
PROGRAM = "import shared_app, shared_base; print(len(open(shared_base.__file__[:-2] + 'bin', 'rb').read()))"


@contextmanager
def engine(directory: Path, *options: str, tls: int | None = None) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a Redis server that keeps nothing on a disk, with TLS at the port `tls`; yield its process and port."""
    require_tool("redis-server", "redis-server")
    (port,) = free_ports(1)
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(directory), "--bind", "127.0.0.1"]
    if tls is not None:
        options += ("--tls-port", str(tls), "--tls-cert-file", str(PEM), "--tls-key-file", str(PEM))
        options += ("--tls-ca-cert-file", str(PEM), "--tls-auth-clients", "no")
    with running([*command, *options], *filter(None, [port, tls])) as process:
        yield process, port


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer(WHEELS) as serving:
        yield serving


@contextmanager
def machines(
    count: int, url: str, server: IndexServer, key: str = "", *options: str
) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Run daemons that share an upstream; yield their sockets and the environment of their clients."""
    environment = {**clean_environment(), "PIP_INDEX_URL": server.url, "MEMPIP_UPSTREAM": url}
    environment |= {"MEMPIP_UPSTREAM_KEY": key} if key else {}
    with ExitStack() as stack:
        yield [stack.enter_context(daemon(environment, *options))[1] for _ in range(count)], environment


def run(path: str, environment: dict[str, str], *options: str) -> None:
    """Use the packages by way of a daemon."""
    command = [*mempip_command(), "run", "--daemon", path, *options, "shared-app", "--", "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{len(LARGE)}\n", "")


def downloads(server: IndexServer) -> int:
    return sum(path.endswith(".whl") for path in server.paths())


def counts(path: str, environment: dict[str, str]) -> tuple[int, ...]:
    """Return how often upstream had a wheel, had it not, and how many were put there."""
    told = status(path, environment)
    return tuple(told[f"upstream_{outcome}"] for outcome in ("hit", "miss", "stored"))


def resolutions(path: str, environment: dict[str, str]) -> tuple[int, ...]:
    """Return how often a resolution was taken from upstream, was made here, was put there, and was refused."""
    told = status(path, environment)
    return tuple(told[f"upstream_resolution_{outcome}"] for outcome in ("hit", "miss", "stored", "refused"))


def texts(client: redis.Redis) -> list[bytes]:
    """Return the keys of resolutions."""
    return client.keys("mempip:1:text:*")


def test_the_second_machine_downloads_nothing(tmp_path: Path, server: IndexServer) -> None:
    with engine(tmp_path) as (_, port), machines(2, f"redis://127.0.0.1:{port}", server) as (paths, environment):
        run(paths[0], environment)
        fetched = downloads(server)
        run(paths[1], environment)
        assert downloads(server) == fetched
        assert [counts(path, environment) for path in paths] == [(0, 2, 2), (2, 0, 0)]
        keys = redis.Redis(port=port).keys()
        assert len(keys) == 2  # the wheels; neither leases nor parts remain


def test_with_a_key_the_second_machine_resolves_nothing(tmp_path: Path, server: IndexServer) -> None:
    with engine(tmp_path) as (_, port):
        url = f"redis://127.0.0.1:{port}"
        with machines(2, url, server, KEY) as (paths, environment):
            run(paths[0], environment)
            server.log.clear()
            run(paths[1], environment)
            assert server.paths() == []
            assert [resolutions(path, environment) for path in paths] == [(0, 1, 1, 0), (1, 0, 0, 0)]
            client = redis.Redis(port=port)
            (name,) = texts(client)
            assert len(client.keys()) == 3  # and the wheels
            assert 0 < client.ttl(name) <= 600

            client.set(name, b"what nobody reads")
            run(paths[1], environment, "--refresh")
            assert "/simple/shared-app/" in server.paths()
            assert resolutions(paths[1], environment) == (1, 1, 1, 0)
            assert client.get(name) != b"what nobody reads"

        # Without the key, or with another one, each machine resolves by itself.
        for key in ("", KEY[::-1]):
            with machines(1, url, server, key) as (paths, environment):
                server.log.clear()
                run(paths[0], environment)
                assert "/simple/shared-app/" in server.paths()
                assert resolutions(paths[0], environment) == ((0, 1, 1, 0) if key else (0, 0, 0, 0))


def test_machines_at_once_resolve_and_download_once(tmp_path: Path) -> None:
    with (
        IndexServer(WHEELS, Behaviour(latency=0.2)) as server,
        engine(tmp_path) as (_, port),
        machines(3, f"redis://127.0.0.1:{port}", server, KEY) as (paths, environment),
        ThreadPoolExecutor(3) as pool,
    ):
        list(pool.map(lambda path: run(path, environment), paths))
        told = [counts(path, environment) for path in paths]
        assert [sum(row[number] for row in told) for number in range(3)] == [4, 2, 2]
        made = [resolutions(path, environment) for path in paths]
        assert [sum(row[number] for row in made) for number in range(4)] == [2, 1, 1, 0]
        whole = [path for path in server.paths() if path.endswith("shared_base-1.0-py3-none-any.whl")]
        assert len(whole) == server.paths().count("/simple/shared-app/") == 1


def test_who_may_write_to_it_does_not_choose_versions(tmp_path: Path, server: IndexServer) -> None:
    with engine(tmp_path) as (_, port):
        url = f"redis://127.0.0.1:{port}"
        client = redis.Redis(port=port)
        with machines(1, url, server, KEY) as (paths, environment):
            run(paths[0], environment)
            (name,) = texts(client)
            good = client.get(name)
            run(paths[0], environment, "--no-deps", "shared-base")
            replayed = client.get(next(key for key in texts(client) if key != name))
        evil, _ = build_wheel("shared-app", "6.66")
        for bad in (
            b"something else",
            good.replace(b"shared_app-1.0-py3-none-any.whl", evil.encode()),
            good[:-1],
            replayed,
            b"x" * (33 << 20),
        ):
            client.set(name, bad)
            with machines(1, url, server, KEY) as (paths, environment):
                run(paths[0], environment)
                assert resolutions(paths[0], environment)[:3] == (0, 1, 1)
                assert status(paths[0], environment)["upstream_resolution_refused"] == (len(bad) < 32 << 20)
            assert client.get(name) != bad  # and put right
        client.delete(name)
        client.rpush(name, b"not even a string")
        with machines(1, url, server, KEY) as (paths, environment):
            run(paths[0], environment)


def test_one_that_is_too_old_is_not_taken(tmp_path: Path, server: IndexServer) -> None:
    with engine(tmp_path) as (_, port):
        url = f"redis://127.0.0.1:{port}"
        with machines(1, url, server, KEY) as (paths, environment):
            run(paths[0], environment)
        time.sleep(1.5)
        with machines(1, url, server, KEY, "--lifetime", "1") as (paths, environment):
            run(paths[0], environment)
            assert resolutions(paths[0], environment) == (0, 1, 1, 1)


def test_credentials_do_not_get_there(tmp_path: Path) -> None:
    with (
        IndexServer(WHEELS, Behaviour(credentials=("me", "s3cret"))) as server,
        engine(tmp_path) as (_, port),
        machines(2, f"redis://127.0.0.1:{port}", server, KEY) as (paths, environment),
    ):
        options = ["-i", server.url.replace("://", "://me:s3cret@")]
        for path in paths:
            run(path, environment, *options)
        assert [resolutions(path, environment) for path in paths] == [(0, 1, 1, 0), (1, 0, 0, 0)]
        client = redis.Redis(port=port)
        (name,) = texts(client)
        assert b"s3cret" not in name + client.get(name)
        command = [*mempip_command(), "run", "--daemon", paths[1], "shared-app", "--", "-c", PROGRAM]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert "401" in done.stderr  # who has no password is not served by what another's has found


def test_other_bytes_are_not_taken(tmp_path: Path, server: IndexServer) -> None:
    with engine(tmp_path) as (_, port):
        url = f"redis://127.0.0.1:{port}"
        with machines(1, url, server) as (paths, environment):
            run(paths[0], environment)
        client = redis.Redis(port=port)
        for key in client.scan_iter():
            client.lset(key, 0, b"something else")
        with machines(1, url, server) as (paths, environment):
            run(paths[0], environment)
            assert status(paths[0], environment)["upstream_damaged"] == 2
            assert counts(paths[0], environment) == (0, 2, 2)  # and put right
        with machines(1, url, server) as (paths, environment):
            run(paths[0], environment)
            assert counts(paths[0], environment) == (2, 0, 0)
        for key in list(client.scan_iter()):
            client.delete(key)
            client.set(key, b"not even a list")
        with machines(1, url, server) as (paths, environment):
            run(paths[0], environment)


def test_with_a_password_a_user_of_few_rights_and_tls(tmp_path: Path, server: IndexServer) -> None:
    (port,) = free_ports(1)
    commands = (
        "+getrange +llen +lindex +rpush +expire +persist +rename +set +del +evalsha +eval +script|load +get +pexpire"
    )
    user = f"user mempip on >s3cret ~mempip:1:* {commands} +pexpire +pttl"
    (tmp_path / "users.acl").write_text(f"user default off\n{user}\n")
    with engine(tmp_path, "--aclfile", str(tmp_path / "users.acl"), tls=port):
        url = f"rediss://mempip:s3cret@127.0.0.1:{port}/0?ssl_ca_certs={PEM}"
        with machines(2, url, server, KEY) as (paths, environment):
            for path in paths:
                run(path, environment)
            assert [counts(path, environment) for path in paths] == [(0, 2, 2), (2, 0, 0)]
            assert [resolutions(path, environment)[0] for path in paths] == [0, 1]
        with machines(1, url.replace("s3cret", "wrong"), server) as (paths, environment):
            run(paths[0], environment)
            assert status(paths[0], environment)["upstream_lost"] == 1


def test_a_cluster(tmp_path: Path, server: IndexServer) -> None:
    with ExitStack() as stack:
        ports = []
        for number in range(3):
            (tmp_path / str(number)).mkdir()
            options = ["--cluster-enabled", "yes"]
            ports.append(stack.enter_context(engine(tmp_path / str(number), *options))[1])
        nodes = [f"127.0.0.1:{port}" for port in ports]
        subprocess.run(["redis-cli", "--cluster", "create", *nodes, "--cluster-yes"], check=True, capture_output=True)
        end = time.monotonic() + 30
        while any(redis.Redis(port=port).cluster("info")["cluster_state"] != "ok" for port in ports):
            assert time.monotonic() < end
            time.sleep(0.1)
        with machines(2, f"redis+cluster://127.0.0.1:{ports[0]}", server, KEY) as (paths, environment):
            for path in paths:
                run(path, environment)
            assert [counts(path, environment) for path in paths] == [(0, 2, 2), (2, 0, 0)]
            assert [resolutions(path, environment)[0] for path in paths] == [0, 1]


def test_killed_at_any_moment_it_costs_nobody_more_than_time(tmp_path: Path, server: IndexServer) -> None:
    print(f"MEMPIP_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    for _ in range(KILLS):
        with (
            engine(tmp_path) as (process, port),
            machines(2, f"redis://127.0.0.1:{port}", server, KEY) as (paths, environment),
            ThreadPoolExecutor(2) as pool,
        ):
            answers = [pool.submit(run, path, environment) for path in paths]
            time.sleep(chance.uniform(0.2, 2.5))
            process.kill()
            for answer in answers:
                answer.result()


def test_one_that_hangs_is_left_alone(tmp_path: Path, server: IndexServer) -> None:
    with (
        engine(tmp_path) as (process, port),
        machines(1, f"redis://127.0.0.1:{port}", server, KEY) as (paths, environment),
    ):
        process.send_signal(signal.SIGSTOP)
        run(paths[0], environment)
        assert status(paths[0], environment)["upstream_lost"] == 1


def test_the_lease_of_a_machine_that_died_expires(tmp_path: Path, server: IndexServer) -> None:
    with (
        engine(tmp_path) as (_, port),
        machines(1, f"redis://127.0.0.1:{port}", server, KEY) as (paths, environment),
    ):
        client = redis.Redis(port=port)
        with machines(1, f"redis://127.0.0.1:{port}", server, KEY) as (others, _):
            run(others[0], environment)
        shared = client.keys()
        assert len(shared) == 3
        for key in shared:
            client.delete(key)
            client.set(key + b":lease", b"dead", px=2000)
        run(paths[0], environment)
        assert sorted(client.keys()) == sorted(shared)
