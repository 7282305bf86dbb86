"""Named environments: what is installed into one is there for everybody, whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip import errors
from mempip.cli.main import main
from mempip.store import mempipd
from mempip.store.daemon.keep import Limits
from tests.support.daemons import Daemon
from tests.support.index_server import Behaviour, Fault, IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRIPT = "[console_scripts]\nnamed-tool = named_tool:main\n"
WHEELS = dict(
    [
        build_wheel(
            "app", "1.0", {"named_app.py": "import named_base\nversion = named_base.version\n"}, requires=["base"]
        ),
        build_wheel("base", "1.0", {"named_base.py": "version = 1\n", "named_old.py": ""}),
        build_wheel("base", "2.0", {"named_base.py": "version = 2\n"}),
        build_wheel("tool", "1.0", {"named_tool.py": "def main(): print('tool ran')\n"}, entry_points=SCRIPT),
    ]
)


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer(WHEELS) as running:
        yield running


@pytest.fixture(autouse=True)
def _variables(daemon: Daemon, index: IndexServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMPIP_DAEMON", daemon.path)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)


def install(*requirements: str, **options: Any) -> None:
    """Install into the environment ``ci``, and leave this process without it."""
    mempip.install(*requirements, env="ci", **options).close()


def listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = mempipd.ask(os.environ["MEMPIP_DAEMON"], {"type": "environments"})["environments"]
    return found


def projects() -> list[str]:
    return [project for row in listed() for project in row["projects"]]


def test_it_grows_and_is_there_for_everybody(daemon: Daemon) -> None:
    install("base<2")
    install("tool")
    projects = ["base==1.0", "tool==1.0"]
    assert listed() == [{"name": "ci", "version": 2, "owner": os.geteuid(), "projects": projects}]
    with mempip.environment("ci") as found:
        assert mempip.freeze() == ["base==1.0", "tool==1.0"]
        import named_base  # type: ignore[import-not-found]
        import named_tool  # type: ignore[import-not-found]

        assert named_base.version == 1
        assert named_tool.__file__ == f"{found.root}/named_tool.py"
        assert "named-tool" in found.read(found.path("tool-1.0.dist-info/RECORD")).decode()
    assert mempip.freeze() == []


def test_what_is_there_stays_and_an_upgrade_takes_its_place(index: IndexServer) -> None:
    install("base<2")
    install("app")
    assert projects() == ["app==1.0", "base==1.0"]
    install("base", upgrade=True)
    assert projects() == ["app==1.0", "base==2.0"]
    with mempip.environment("ci") as found:
        import named_app  # type: ignore[import-not-found]

        assert named_app.version == 2
        assert not found.is_file(found.path("named_old.py"))
        assert [row.requested for row in found.distributions] == [True, True]
    asked = len(index.log)
    install("app")
    assert listed()[0]["version"] == 3  # nothing changed
    assert [path for path in index.paths()[asked:] if path.endswith(".whl")] == []


def test_an_installation_that_fails_changes_nothing(index: IndexServer) -> None:
    install("base<2")
    index.behaviour.faults["/files/tool-1.0-py3-none-any.whl"] = [Fault(status=404)]
    with pytest.raises(errors.MempipError):
        install("tool")
    with pytest.raises(errors.ProjectNotFound):
        install("nowhere")
    assert (listed()[0]["version"], projects()) == (1, ["base==1.0"])


def test_two_at_once_are_both_in_it(daemon: Daemon) -> None:
    slow = Behaviour(latency=0.05)
    with IndexServer(WHEELS, slow) as index:
        threads = [
            threading.Thread(target=install, args=[name], kwargs={"index_url": index.url})
            for name in ("app", "tool", "base<2")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {project.partition("=")[0] for project in projects()} == {"app", "base", "tool"}
    assert listed()[0]["version"] in (2, 3)


def test_projects_are_taken_out_with_their_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    install("tool", "base<2")
    assert main(["uninstall", "--env", "ci", "-y", "Tool"]) == 0
    assert projects() == ["base==1.0"]
    with mempip.environment("ci") as found:
        assert found.listdir(found.root) == ["base-1.0.dist-info", "named_base.py", "named_old.py"]
        assert found.read(found.path("named_base.py")) == b"version = 1\n"
    assert main(["uninstall", "--env", "ci", "base", "tool"]) == 1
    assert "tool is not installed" in capsys.readouterr().err
    assert projects() == ["base==1.0"]
    install("tool")
    assert projects() == ["base==1.0", "tool==1.0"]


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--env", "ci", "app", "base<2"]) == 0
    assert capsys.readouterr().out == "Successfully installed base-1.0 app-1.0\n"
    assert main(["install", "--env", "ci", "app"]) == 0
    assert capsys.readouterr().out == "Everything is installed already\n"
    assert main(["install", "--env", "ci", "--dry-run", "app", "tool"]) == 0
    assert capsys.readouterr().out == "Would install tool-1.0\n"
    assert main(["env", "list"]) == 0
    assert capsys.readouterr().out == "ci  version 1  app==1.0 base==1.0\n"
    mempip_ = [sys.executable, "-m", "mempip"]
    run = [*mempip_, "run", "--env", "ci", "tool", "--", "-c", "import named_app, named_tool; print(named_app.version)"]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "1\n"
    assert mempip.run([], ["-c", "import named_app"], env="ci") == 0
    assert projects() == ["app==1.0", "base==1.0"]  # what `run` adds is the run's own
    freeze = [*mempip_, "freeze", "--env", "ci"]
    assert subprocess.run(freeze, capture_output=True, text=True, check=True).stdout == "app==1.0\nbase==1.0\n"
    listing = [*mempip_, "list", "--env", "ci", "--format", "json"]
    assert len(json.loads(subprocess.run(listing, capture_output=True, text=True, check=True).stdout)) == 2
    tree = subprocess.run([*mempip_, "tree", "--env", "ci"], capture_output=True, text=True, check=True)
    assert tree.stdout == "app v1.0\n└── base v1.0\n"
    check = subprocess.run([*mempip_, "check", "--env", "ci"], capture_output=True, text=True, check=True)
    assert check.stdout == "No broken requirements found.\n"
    tool = [*mempip_, "x", "--env", "ci", "--from", "tool", "named-tool"]
    assert subprocess.run(tool, capture_output=True, text=True, check=True).stdout == "tool ran\n"
    assert main(["env", "remove", "ci"]) == 0
    assert main(["env", "remove", "ci"]) == 1
    assert "There is no environment 'ci'" in capsys.readouterr().err
    assert main(["show", "--env", "ci", "app"]) == 1
    assert listed() == []


def test_it_outlives_resolutions_and_what_is_dropped(index: IndexServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with Daemon(lifetime=0.0) as daemon:
        monkeypatch.setenv("MEMPIP_DAEMON", daemon.path)
        install("app")
        keep = daemon.server._keep
        keep.limits = Limits(1, 1, 1)
        keep.forget_images()
        keep.make_room()
        assert mempipd.ask(daemon.path, {"type": "status"})["status"]["environments"] == 1
        with mempip.environment("ci"):
            assert mempip.freeze() == ["app==1.0", "base==2.0"]
        with pytest.raises(errors.DaemonRefused, match="named environments would be"):
            install("tool")
        assert projects() == ["app==1.0", "base==2.0"]


def test_it_is_in_a_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(tmp_path / "kept")
    for number in (1, 2):
        with Daemon(snapshot=file) as daemon:
            monkeypatch.setenv("MEMPIP_DAEMON", daemon.path)
            install(["base<2", "tool"][number - 1])
            assert listed()[0]["version"] == number
            assert projects() == ["base==1.0", "tool==1.0"][:number]


def test_another_user_reads_and_does_not_change_it(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    install("base<2")
    daemon.server._keep.environments["ci"].owner = 12345
    monkeypatch.setattr("mempip.store.daemon.environments.is_own", lambda _: False)
    with pytest.raises(errors.DaemonRefused, match=r"'ci' is user 12345's"):
        install("tool")
    for request in ({"type": "uninstall", "projects": ["base"]}, {"type": "remove"}):
        with pytest.raises(errors.DaemonRefused, match="12345"):
            mempipd.ask(daemon.path, {**request, "environment": "ci"})
    with mempip.environment("ci"):
        assert mempip.freeze() == ["base==1.0"]


@pytest.mark.parametrize("name", ["", "../up", "a b", "x" * 101, 7])
def test_names_that_are_none(daemon: Daemon, name: Any) -> None:
    with pytest.raises((errors.ProtocolError, errors.NoSuchEnvironment)):
        mempipd.ask(daemon.path, {"type": "remove", "environment": name})


@pytest.mark.parametrize("names", [None, [], "base", [7]])
def test_projects_that_are_none(daemon: Daemon, names: Any) -> None:
    install("base")
    with pytest.raises(errors.ProtocolError):
        mempipd.ask(daemon.path, {"type": "uninstall", "environment": "ci", "projects": names})


@pytest.mark.parametrize("options", [None, [], {"requirements": 7}])
def test_a_request_that_makes_no_sense_ends_nobody_else(daemon: Daemon, options: Any) -> None:
    request = {"type": "install", "environment": "ci", "options": options}
    with pytest.raises(errors.ProtocolError):
        mempipd.ask(daemon.path, request if options is not None else {"type": "install", "environment": "ci"})
    install("base")
    assert projects() == ["base==2.0"]


def test_there_must_be_a_daemon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEMPIP_DAEMON", "")
    with pytest.raises(errors.UsageError, match="kept by a daemon"):
        install("base")
    with pytest.raises(errors.UsageError, match="kept by a daemon"):
        mempip.environment("ci")
    monkeypatch.setenv("MEMPIP_DAEMON", str(tmp_path / "nobody"))
    with pytest.raises(errors.DaemonUnavailable):
        install("base")


def test_what_the_daemon_leaves_to_others_cannot_be_in_it(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("${UNKNOWN}\n")
    with pytest.raises(errors.DaemonRefused, match="only the client sees, or can read, which an environment"):
        install(requirement=[str(tmp_path / "requirements.txt")])
    (tmp_path / "requirements.txt").write_text("base<2\n")
    install(requirement=[str(tmp_path / "requirements.txt")])
    assert projects() == ["base==1.0"]
