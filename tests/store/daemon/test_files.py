"""Files of the user's that say what to install: a daemon that sees them reads them, and knows when they changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip.cli.main import main
from mempip.errors import InvalidRequirement
from mempip.options import InstallOptions
from mempip.store.files import describe
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.daemons import Daemon

pytestmark = pytest.mark.usefixtures("in_a_directory")
SCRIPT = """\
# /// script
# dependencies = ["made"]
# ///
import made
"""
PYPROJECT = """\
[dependency-groups]
dev = ["made"]
"""
WHEELS = dict([build_wheel("made", "1.0"), build_wheel("made", "2.0"), build_wheel("other", "1.0")])


@pytest.fixture
def index(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    with IndexServer(WHEELS) as running:
        monkeypatch.setenv("MEMPIP_DAEMON", daemon.path)
        monkeypatch.setenv("PIP_INDEX_URL", running.url)
        yield running


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "requirements.txt").write_text("--prefer-binary -r sub/more.txt\nmade\n")
    (tmp_path / "sub" / "more.txt").write_text("-c constraints.txt\n")
    (tmp_path / "sub" / "constraints.txt").write_text("made<2\n")
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    return tmp_path


def installed(**options: Any) -> list[str]:
    with mempip.install(**options):
        return list(mempip.freeze())


def test_equal_files_have_one_answer_and_changed_ones_another(daemon: Daemon, index: IndexServer, files: Path) -> None:
    def reused() -> int:
        found: int = daemon.server.status()["reused"]
        return found

    assert installed(requirement="requirements.txt") == ["made==1.0"]
    assert installed(requirement="requirements.txt") == ["made==1.0"]
    assert reused() == 1
    (files / "sub" / "constraints.txt").write_text("")
    assert installed(requirement="requirements.txt") == ["made==2.0"]
    assert reused() == 1
    assert installed(requirement="requirements.txt", constraint="sub/constraints.txt") == ["made==2.0"]
    assert reused() == 1
    assert daemon.server.status()["served"] == 4


@pytest.mark.parametrize(
    "options",
    [
        {"group": "dev"},
        {"group": "pyproject.toml:dev"},
        {"requirements_from_script": "script.py"},
        {"program": "script.py"},
    ],
)
def test_what_else_is_in_files(daemon: Daemon, index: IndexServer, files: Path, options: dict[str, str]) -> None:
    for _ in range(2):
        assert installed(**options) == ["made==2.0"]
    assert daemon.server.status()["reused"] == 1


def test_a_lock(daemon: Daemon, index: IndexServer, files: Path) -> None:
    (files / "pylock.toml").write_text(mempip.make_lock("made<2"))
    for _ in range(2):
        assert installed(lock="pylock.toml") == ["made==1.0"]
    assert daemon.server.status()["reused"] == 1


def test_errors_name_files_as_they_are_seen_here(index: IndexServer, files: Path, capsys: Any) -> None:
    (files / "sub" / "more.txt").write_text("made ==\n")
    with pytest.raises(InvalidRequirement, match=r"from line 1 of sub/more\.txt"):
        mempip.install(requirement="requirements.txt")
    assert main(["install", "-r", "nowhere.txt"]) == 1
    assert "nowhere.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("made", True),
        ("made  # not -r really", False),
        ("-r https://host/more.txt", False),
        ("-r absent.txt", False),
        ("made @ ${WHERE}", False),
        ("-r requirements.txt", True),
        ("-rsub/more.txt", True),
        ("--requirement=sub/more.txt", True),
        ("-r \\\n sub/more.txt", False),
    ],
)
def test_what_only_an_installer_can_tell(files: Path, text: str, told: bool) -> None:
    (files / "requirements.txt").write_text(text)
    assert (describe(InstallOptions(requirement_files=["requirements.txt"])) is not None) == told


def test_where_there_is_nothing_to_tell(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert describe(InstallOptions(requirement_files=["pipe"])) is None
    assert describe(InstallOptions(["made"])) is None
    assert describe(InstallOptions(lock="absent.toml")) is None
