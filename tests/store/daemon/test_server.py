"""Installations through a daemon: shared, once, whole; and what it does about clients that misbehave."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mempip
from mempip import errors
from mempip.connection import Connection, encode
from mempip.options import InstallOptions
from mempip.store import client, mempipd
from mempip.store.daemon import clients, loop
from mempip.store.daemon import server as server_module
from tests.support.daemons import PATIENCE, Daemon
from tests.support.index_server import Behaviour, Fault, IndexServer
from tests.support.sdist_factory import build_sdist
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MADE = build_wheel("made", "1.0", {"made_for_daemon/__init__.py": "answer = 42\n"}, requires=["needed"])
NEEDED = build_wheel("needed", "2.1")
OTHER = build_wheel("other", "1.0", requires=["needed"])


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer(dict([MADE, NEEDED, OTHER]), Behaviour()) as running:
        yield running


def ask(daemon: Daemon, index: IndexServer, *requirements: str, refresh: bool = False, **options: Any) -> client.Answer:
    options = {"index_url": index.url, "retries": 0, "timeout": 10, **options}
    ignore: list[Any] = []
    return client.install(InstallOptions(requirements, **options), ignore.append, daemon=daemon.path, refresh=refresh)


def identities(answer: client.Answer) -> list[tuple[int, int]]:
    """Return which objects an answer has, and close them."""
    found = [(os.fstat(descriptor).st_dev, os.fstat(descriptor).st_ino) for descriptor in answer.descriptors]
    for descriptor in answer.descriptors:
        os.close(descriptor)
    return found


def wheels_fetched(index: IndexServer) -> list[str]:
    return sorted(path for path in index.paths() if path.endswith(".whl"))


def until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class TestSharing:
    def test_it_installs(self, daemon: Daemon, index: IndexServer) -> None:
        seen: list[dict[str, Any]] = []
        with mempip.install("made", index_url=index.url, daemon=daemon.path, progress=seen.append) as environment:
            assert [row.name for row in environment.distributions] == ["needed", "made"]
            assert environment.read(f"{environment.root}/made_for_daemon/__init__.py") == b"answer = 42\n"
        assert "resolve" in {message.get("phase") for message in seen}

    def test_the_second_time_nothing_is_asked_and_everything_is_shared(
        self, daemon: Daemon, index: IndexServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = identities(ask(daemon, index, "made"))
        asked = len(index.paths())
        monkeypatch.setenv("MEMPIP_DAEMON", daemon.path)
        second = client.install(InstallOptions(["made"], index_url=index.url))
        assert identities(second)[:3] == first  # compiled code may have joined them
        assert len(index.paths()) == asked

    def test_another_request_shares_the_wheels(self, daemon: Daemon, index: IndexServer) -> None:
        made = identities(ask(daemon, index, "made"))
        other = identities(ask(daemon, index, "other"))
        assert set(made) & set(other) == {made[1]}  # needed, which comes first
        assert len(wheels_fetched(index)) == len(set(wheels_fetched(index))) == 3

    def test_refresh_resolves_anew(self, daemon: Daemon, index: IndexServer) -> None:
        first = identities(ask(daemon, index, "made"))
        asked = len(index.paths())
        again = identities(ask(daemon, index, "made", refresh=True))
        assert len(index.paths()) > asked
        assert again[1:3] == first[1:]
        assert len(wheels_fetched(index)) == 2

    def test_a_resolution_does_not_last_for_ever(self, index: IndexServer) -> None:
        with Daemon(lifetime=0.0) as daemon:
            identities(ask(daemon, index, "made"))
            asked = len(index.paths())
            identities(ask(daemon, index, "made"))
            assert len(index.paths()) > asked

    def test_a_dry_run(self, daemon: Daemon, index: IndexServer) -> None:
        report = mempip.resolve("made", index_url=index.url, daemon=daemon.path)
        assert [item["metadata"]["name"] for item in report["install"]] == ["needed", "made"]
        assert wheels_fetched(index) == []

    def test_many_at_once_are_one_installation(self, daemon: Daemon, index: IndexServer) -> None:
        index.behaviour.latency = 0.2
        with ThreadPoolExecutor(16) as pool:
            found = list(pool.map(lambda _: identities(ask(daemon, index, "made")), range(16)))
        assert len({tuple(objects[:3]) for objects in found}) == 1
        assert len(wheels_fetched(index)) == 2
        status = mempipd.ask(daemon.path, {"type": "status"})["status"]
        assert (status["served"], status["installing"], status["queued"]) == (16, [], 0)
        assert [row["filename"] for row in status["wheels"]] == [NEEDED[0], MADE[0]]

    def test_a_wheel_that_two_installations_need_is_fetched_once(self, index: IndexServer) -> None:
        index.behaviour.faults[f"/files/{NEEDED[0]}"] = [Fault(drip=0.002)]
        with Daemon(workers=2) as daemon, ThreadPoolExecutor(2) as pool:
            made, other = pool.map(lambda name: identities(ask(daemon, index, name)), ["made", "other"])
        assert set(made) & set(other)
        assert wheels_fetched(index).count(f"/files/{NEEDED[0]}") == 1


class TestFailure:
    def test_all_who_wait_hear_of_it_and_nothing_stays(self, daemon: Daemon, index: IndexServer) -> None:
        index.behaviour.latency = 0.2

        def fail(_: int) -> str:
            with pytest.raises(errors.NoMatchingVersion) as caught:
                ask(daemon, index, "made>7")
            return str(caught.value)

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(fail, range(8)))) == 1
        status = mempipd.ask(daemon.path, {"type": "status"})["status"]
        assert (status["wheels"], status["resolutions"], status["installing"]) == ([], 0, [])
        index.behaviour.latency = 0
        assert len(identities(ask(daemon, index, "made"))) == 3

    def test_who_waits_for_a_wheel_hears_that_it_could_not_be_fetched(self, index: IndexServer) -> None:
        index.behaviour.faults[f"/files/{NEEDED[0]}"] = [Fault(status=500), Fault(status=500)]
        with Daemon(workers=2) as daemon, ThreadPoolExecutor(2) as pool:

            def fail(name: str) -> None:
                with pytest.raises(errors.IndexUnavailable):
                    ask(daemon, index, name)

            list(pool.map(fail, ["made", "other"]))

    def test_a_worker_that_is_killed(self, daemon: Daemon, index: IndexServer) -> None:
        index.behaviour.latency = 30
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(ask, daemon, index, "made")
            until(lambda: daemon.server.status()["installing"])
            os.kill(daemon.server.status()["installing"][0]["pid"], signal.SIGKILL)
            with pytest.raises(errors.InstallerFailed, match="signal 9"):
                answer.result()
        index.behaviour.latency = 0
        assert len(identities(ask(daemon, index, "made"))) == 3

    def test_what_nobody_waits_for_is_not_made(self, daemon: Daemon, index: IndexServer) -> None:
        index.behaviour.latency = 30
        with daemon.connect() as channel:
            options = InstallOptions(["made"], index_url=index.url).to_wire()
            request = {"type": "install", "options": options, "python": mempipd.python.describe(), "protocol": 1}
            Connection(channel).send(request)
            until(lambda: daemon.server.status()["installing"])
            worker = daemon.server.status()["installing"][0]["pid"]
        until(lambda: not daemon.server.status()["installing"])
        until(lambda: not os.path.exists(f"/proc/{worker}"))

    def test_a_daemon_that_stops_is_replaced_with_a_warning(self, index: IndexServer) -> None:
        seen: list[dict[str, Any]] = []
        index.behaviour.latency = 0.5
        options = InstallOptions(["made"], index_url=index.url)
        with ThreadPoolExecutor(1) as pool:
            with Daemon() as daemon:
                answer = pool.submit(client.install, options, seen.append, daemon=daemon.path)
                until(lambda: daemon.server.status()["installing"])
            assert len(identities(answer.result())) == 3
        warnings = [message["text"] for message in seen if message["type"] == "warning"]
        assert len(warnings) == 1
        assert "went away" in warnings[0]

    def test_no_daemon_at_all(self, index: IndexServer, tmp_path: Path) -> None:
        with pytest.warns(UserWarning, match="does not answer") as caught:
            mempip.install("made", index_url=index.url, daemon=str(tmp_path / "none")).close()
        assert caught[0].filename == __file__

    def test_what_it_leaves_to_an_installer_of_one_call(
        self, daemon: Daemon, index: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PROJECT", "made")
        (tmp_path / "r.txt").write_text("${PROJECT}\n")
        assert len(identities(ask(daemon, index, requirement_files=[str(tmp_path / "r.txt")]))) == 3
        path = tmp_path / NEEDED[0]
        path.write_bytes(NEEDED[1])
        assert len(identities(ask(daemon, index, str(path)))) == 2
        assert daemon.server.status()["served"] == 0

    def test_a_source_is_not_built_for_another_python(self, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
        described = {**mempipd.python.describe(), "release": "another kernel"}
        if described["implementation"] != "cpython" or not described["libc"].startswith("glibc"):
            pytest.skip("the daemon knows other Pythons if they are CPython with glibc")
        monkeypatch.setattr(mempipd.python, "describe", lambda: described)
        with IndexServer(dict([build_sdist("source", "1.0")])) as server:
            options = InstallOptions([f"source @ {server.root}/files/source-1.0.tar.gz"], index_url=server.url)
            with pytest.raises(client.Declined, match="would have to be built for another Python"):
                mempipd.install(daemon.path, options, print)

    def test_links_in_a_directory_that_both_see(self, daemon: Daemon, index: IndexServer, tmp_path: Path) -> None:
        (tmp_path / NEEDED[0]).write_bytes(NEEDED[1])
        assert len(identities(ask(daemon, index, "needed", find_links=[str(tmp_path)], no_index=True))) == 2
        assert daemon.server.status()["served"] == 1


class TestClients:
    def answer(self, channel: socket.socket) -> dict[str, Any]:
        received = Connection(channel).receive()
        assert received is not None
        return received[0]

    @pytest.mark.parametrize(
        ("message", "kind"),
        [
            ({"type": "status"}, "DaemonRefused"),
            ({"type": "status", "protocol": 99}, "DaemonRefused"),
            ({"type": "nothing", "protocol": 1}, "ProtocolError"),
            ({"type": "install", "protocol": 1}, "ProtocolError"),
        ],
    )
    def test_a_request_that_makes_no_sense(self, daemon: Daemon, message: dict[str, Any], kind: str) -> None:
        with daemon.connect() as channel:
            Connection(channel).send(message)
            assert self.answer(channel)["error"]["error"] == kind
            assert channel.recv(1) == b""

    def test_two_requests_at_once(self, daemon: Daemon, index: IndexServer) -> None:
        index.behaviour.latency = 30
        options = InstallOptions(["made"], index_url=index.url).to_wire()
        request = {"type": "install", "options": options, "python": mempipd.python.describe(), "protocol": 1}
        with daemon.connect() as channel:
            channel.sendall(encode(request) + encode({"type": "status", "protocol": 1}))
            assert "one thing at a time" in self.answer(channel)["error"]["data"]["reason"]

    def test_descriptors_are_not_taken(self, daemon: Daemon) -> None:
        with daemon.connect() as channel:
            with suppress(BrokenPipeError):  # it may close before the descriptors come
                Connection(channel).send({"type": "status", "protocol": 1}, [0, 1, 2])
            assert "not taken" in self.answer(channel)["error"]["data"]["reason"]

    @settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(max_size=300) | st.builds(lambda body: struct.pack("<II", len(body), 0) + body, st.binary()))
    def test_noise_ends_a_connection_and_nothing_else(self, daemon: Daemon, noise: bytes) -> None:
        with daemon.connect() as channel, suppress(BrokenPipeError, ConnectionResetError):
            channel.sendall(noise)
            channel.shutdown(socket.SHUT_WR)
            while channel.recv(4096):
                pass
        with daemon.connect() as channel:
            Connection(channel).send({"type": "status", "protocol": 1})
            assert self.answer(channel)["type"] == "status"

    @settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["install", "status", "nothing"]), "protocol": st.just(1)},
            optional={
                "options": st.recursive(
                    st.none() | st.booleans() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(InstallOptions.__slots__), inner),
                ),
                "python": st.dictionaries(st.sampled_from(["version", "executable"]), st.text() | st.lists(st.text())),
            },
        )
    )
    def test_requests_of_any_content_are_answered(self, daemon: Daemon, request_: dict[str, Any]) -> None:
        with daemon.connect() as channel:
            channel.sendall(encode(json.loads(json.dumps(request_))))
            assert self.answer(channel)["type"] in ("status", "error", "declined")

    def test_others_are_not_held_up_by_one_that_does_not_read(
        self, daemon: Daemon, index: IndexServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        identities(ask(daemon, index, "made"))
        monkeypatch.setattr(server_module, "PATIENCE", 0.5)
        monkeypatch.setattr(loop, "TICK", 0.1)
        with daemon.connect() as stuck:
            stuck.settimeout(0.2)

            def ask_and_never_read() -> None:
                while True:
                    stuck.sendall(encode({"type": "status", "protocol": 1}))

            with pytest.raises((TimeoutError, BrokenPipeError)):  # nothing more is taken, or it was closed
                ask_and_never_read()
            assert len(identities(ask(daemon, index, "made"))) >= 3
            until(lambda: daemon.server.status()["clients"] == 0)

    def test_more_clients_than_allowed(self) -> None:
        with Daemon(connections=2) as daemon:
            idle = [daemon.connect(), daemon.connect()]
            until(lambda: daemon.server.status()["clients"] == 2)
            with pytest.raises(errors.DaemonRefused, match="2 clients"):
                mempipd.ask(daemon.path, {"type": "status"})
            for channel in idle:
                channel.close()
            until(lambda: daemon.server.status()["clients"] == 0)
            assert mempipd.ask(daemon.path, {"type": "status"})

    def test_another_user_is_refused(self, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clients, "peer", lambda _: (1, 54321, 54321))
        monkeypatch.setattr(clients, "peer_groups", lambda _, gid: [gid])
        with pytest.raises(errors.DaemonRefused, match="user 54321 may not administer"):
            mempipd.ask(daemon.path, {"type": "status"})

    def test_what_another_user_may(self, index: IndexServer, monkeypatch: pytest.MonkeyPatch) -> None:
        with Daemon(allow=("read=54321", "install=@777", "administer=54323")) as daemon:
            identities(ask(daemon, index, "needed"))
            monkeypatch.setattr(clients, "peer_groups", lambda _, gid: [gid])
            monkeypatch.setattr(clients, "peer", lambda _: (1, 54321, 54321))
            assert len(identities(ask(daemon, index, "needed"))) >= 2
            with pytest.raises(errors.DaemonRefused, match="may not install"):
                ask(daemon, index, "other")
            with pytest.raises(errors.DaemonRefused, match="may not administer"):
                mempipd.ask(daemon.path, {"type": "stop"})
            monkeypatch.setattr(clients, "peer", lambda _: (1, 54322, 777))
            assert len(identities(ask(daemon, index, "other"))) >= 3
            monkeypatch.setattr(clients, "peer", lambda _: (1, 54323, 54323))
            assert mempipd.ask(daemon.path, {"type": "status"})["status"]["reused"] == 1

    def test_another_user_has_not_all_connections(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Daemon(connections=8, allow=("read=54321",)) as daemon:
            monkeypatch.setattr(clients, "peer", lambda _: (1, 54321, 54321))
            idle = [daemon.connect(), daemon.connect()]
            until(lambda: daemon.server.status()["clients"] == 2)
            with daemon.connect() as channel:
                assert "a quarter" in self.answer(channel)["error"]["data"]["reason"]
            for channel in idle:
                channel.close()

    def test_metrics_for_prometheus(self, daemon: Daemon) -> None:
        for path, status, text in (
            ("/metrics", "200", "\nmempipd_clients 1\n"),
            ("/", "404", "There is /metrics"),
        ):
            with daemon.connect() as channel:
                channel.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                answer = channel.recv(1 << 16).decode()
            assert answer.startswith(f"HTTP/1.1 {status} ")
            assert text in answer
            head, _, body = answer.partition("\r\n\r\n")
            assert f"Content-Length: {len(body)}" in head

    def test_what_is_too_much_is_handed_out_and_not_kept(self, index: IndexServer) -> None:
        with Daemon(memory=1) as daemon:
            assert len(identities(ask(daemon, index, "made"))) == 3
            status = daemon.server.status()
            assert (status["wheels"], status["resolutions"], status["evicted"]) == ([], 0, 2)
            assert len(identities(ask(daemon, index, "made"))) == 3

    def test_a_hundred_at_once(self, daemon: Daemon, index: IndexServer) -> None:
        identities(ask(daemon, index, "made"))
        with ThreadPoolExecutor(100) as pool:
            found = {
                tuple(objects[:3]) for objects in pool.map(lambda _: identities(ask(daemon, index, "made")), range(300))
            }
        assert len(found) == 1

    def test_stop(self) -> None:
        with Daemon() as daemon:
            assert mempipd.ask(daemon.path, {"type": "stop"}) == {"type": "stopping", "pid": os.getpid()}

    def test_an_end_that_answers_nonsense(self, tmp_path: Path, index: IndexServer) -> None:
        path = str(tmp_path / "s")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()

            def serve() -> None:
                for reply in (b"\xff" * 100, b""):
                    connected, _ = listener.accept()
                    with connected:
                        connected.recv(1 << 20)
                        connected.sendall(reply)

            thread = threading.Thread(target=serve)
            thread.start()
            seen: list[Any] = []
            answer = client.install(InstallOptions(["needed"], index_url=index.url), seen.append, daemon=path)
            assert len(identities(answer)) == 2
            assert "too large" in next(message["text"] for message in seen if message["type"] == "warning")
            with pytest.raises(errors.DaemonUnavailable, match="without an answer"):
                mempipd.ask(path, {"type": "status"})
            thread.join()
