"""The daemon as a process: its socket, its start and its end, and the commands that ask it."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mempip.cli.main import main
from mempip.errors import UsageError
from mempip.store.daemon.settings import Settings
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

START = [sys.executable, "-m", "mempip", "daemon", "start"]


@contextmanager
def started(*options: str, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a daemon whose clients may connect."""
    command = [*START, *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as daemon:
        try:
            assert daemon.stdout is not None
            assert daemon.stdout.readline().startswith("Listening at ")
            yield daemon
        finally:
            daemon.kill()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return "d/s"  # short enough for a socket, wherever temporary directories are


def test_its_life(path: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if len(os.path.abspath(path)) > 107:
        pytest.skip("temporary directories are too deep for sockets")
    with started("--socket", path) as daemon:
        assert stat.S_IMODE(os.stat("d").st_mode) == 0o700
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        with IndexServer(dict([build_wheel("made", "1")])) as index:
            command = [
                "run",
                "--daemon",
                path,
                "-i",
                index.url,
                "made",
                "--",
                "-c",
                "import made; print(made.__file__)",
            ]
            done = subprocess.run([sys.executable, "-m", "mempip", *command], capture_output=True, text=True)
        assert done.stdout.startswith("/mempip/"), done.stderr
        assert main(["daemon", "status", "--socket", path]) == 0
        shown = capsys.readouterr().out
        assert "Wheels:      1, 0.0 MB" in shown
        assert f"Process:     {daemon.pid}, of user" in shown
        monkeypatch.setenv("MEMPIP_DAEMON", path)
        assert main(["daemon", "status", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["wheels"][0]["filename"] == "made-1-py3-none-any.whl"
        again = subprocess.run([*START, "--socket", path], capture_output=True, text=True)
        assert again.returncode == 1
        assert f"A daemon answers at {os.path.abspath(path)} already" in again.stderr
        assert main(["daemon", "stop"]) == 0
        assert daemon.wait(30) == 0
        assert daemon.stderr is not None
        assert "worker" in daemon.stderr.read()
    assert os.listdir("d") == []
    assert main(["daemon", "status"]) == 1
    assert "does not answer" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_its_socket(path: str, number: signal.Signals) -> None:
    with started("--socket", path) as daemon:
        daemon.send_signal(number)
        assert daemon.wait(30) == 0
    assert os.listdir("d") == []


def test_the_socket_of_a_dead_one_is_replaced(path: str) -> None:
    with started("--socket", path) as daemon:
        daemon.send_signal(signal.SIGKILL)
        daemon.wait(30)
    assert os.path.exists(path)
    with started("--socket", path):
        assert main(["daemon", "status", "--socket", path]) == 0


def test_a_socket_for_others_and_a_log_for_machines(path: str) -> None:
    with started("--socket", path, "--socket-mode", "666", "--log", "json", "-v", "--memory", "64M") as daemon:
        assert stat.S_IMODE(os.stat("d").st_mode) & 0o711 == 0o711
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o666
        assert main(["daemon", "stop", "--socket", path]) == 0
        _, log = daemon.communicate(timeout=30)
    assert {json.loads(line)["level"] for line in log.splitlines()} == {"DEBUG", "INFO"}


@pytest.mark.parametrize("option", ["--memory=much", "--quota=1X", "--socket-mode=rw", "--socket-mode=7777"])
def test_options_that_make_no_sense(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["daemon", "start", option])
    assert "write" in capsys.readouterr().err


def test_a_file_of_the_users_is_not_replaced(path: str) -> None:
    Path("d").mkdir()
    Path(path).write_text("precious")
    done = subprocess.run([*START, "--socket", path], capture_output=True, text=True)
    assert done.returncode == 1
    assert "something else than a daemon's socket" in done.stderr
    assert Path(path).read_text() == "precious"


def test_nowhere_to_have_a_socket() -> None:
    done = subprocess.run([*START, "--socket", "/proc/none/s"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "There is no place for the daemon's socket: /proc/none" in done.stderr
    assert "--socket PATH" in done.stderr


ACTIVATE = """\
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="mempip")
os.execv(sys.executable, [sys.executable, "-m", "mempip", "daemon", "start"])
"""


def test_a_service_managers_socket_is_used_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with subprocess.Popen([sys.executable, "-c", ACTIVATE, "s"], stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        assert daemon.stdout.readline() == "Listening at s\n"
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect("s")
        assert main(["daemon", "stop", "--socket", "s"]) == 0
        assert daemon.wait(30) == 0
    assert os.path.exists("s")


def test_a_service_manager_that_passes_nothing() -> None:
    pid = "import os; os.environ['LISTEN_PID'] = str(os.getpid()); os.environ['LISTEN_FDS'] = '1'; "
    code = pid + "from mempip.cli.main import main; raise SystemExit(main(['daemon', 'start']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "LISTEN_FDS" in done.stderr


@pytest.mark.parametrize(
    "values",
    [
        {"lifetime": -1.0},
        {"lifetime": float("nan")},
        {"workers": 0},
        {"connections": 0},
        {"memory": -1},
        {"upstream": "http://127.0.0.1"},
        {"upstream": "redis"},
        {"upstream_key": "short"},
        {"allow": ["read"]},
        {"allow": ["write=root"]},
        {"allow": ["read=no-such-user"]},
        {"allow": ["read=@no-such-group"]},
    ],
)
def test_settings_that_make_no_sense(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"--|MEMPIP_UPSTREAM_KEY|no-such-user"):
        Settings(**values)


def test_an_upstream_takes_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mempip.store.daemon.engine.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"mempip\[upstream\]"):
        Settings(upstream="redis://127.0.0.1")


def test_a_key_that_is_too_short(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("mempip.store.daemon.engine.find_spec", lambda _: True)  # redis may be here, or not
    monkeypatch.setenv("MEMPIP_UPSTREAM", "redis://127.0.0.1")
    monkeypatch.setenv("MEMPIP_UPSTREAM_KEY", "short")
    assert main(["daemon", "start"]) == 1
    assert "MEMPIP_UPSTREAM_KEY: it has 5 bytes, and must have 32" in capsys.readouterr().err
    assert "MEMPIP_UPSTREAM" not in os.environ
    assert "MEMPIP_UPSTREAM_KEY" not in os.environ  # builds see what is there


def test_a_key_is_not_shown() -> None:
    assert "secret" not in repr(Settings(upstream_key="secret" * 6))
