"""Locks made and installed by a real installer process."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip import errors
from mempip.cli import main as cli
from tests.support.index_server import Behaviour, IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("in_a_directory")

WHEELS = dict(
    [
        build_wheel("made", "1.0", {"lock_made.py": "answer = 42\n"}, requires=["needed>=1"]),
        build_wheel("needed", "1.0"),
        build_wheel("needed", "2.0"),
    ]
)
UPLOADS = dict.fromkeys(WHEELS, "2024-01-01T00:00:00.123456Z")


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer(WHEELS, Behaviour(upload_times=UPLOADS)) as running:
        yield running


@pytest.fixture
def lock(server: IndexServer, tmp_path: Path) -> str:
    """The lock of ``made`` and an old ``needed``, in pylock.toml."""
    text = mempip.make_lock("made", "needed<2", index_url=server.url)
    (tmp_path / "pylock.toml").write_text(text)
    return text


def sha256(name: str) -> str:
    return hashlib.sha256(WHEELS[name]).hexdigest()


def test_a_lock_says_what_would_be_installed(server: IndexServer, lock: str) -> None:
    assert 'lock-version = "1.0"' in lock
    assert 'created-by = "mempip"' in lock
    assert "environments = [" in lock
    assert f"{server.root}/files/needed-1.0-py3-none-any.whl" in lock
    assert sha256("made-1.0-py3-none-any.whl") in lock
    assert "upload-time = 2024-01-01" in lock
    assert "needed-2.0" not in lock
    assert mempip.list() == []


def test_what_is_in_memory_already_is_locked_too(server: IndexServer, lock: str) -> None:
    with mempip.install("needed<2", index_url=server.url):
        assert mempip.make_lock("made", "needed<2", index_url=server.url) == lock


@pytest.mark.parametrize("options", [{"lock": "pylock.toml"}, {"requirement": ["pylock.toml"]}])
def test_it_is_installed(lock: str, options: dict[str, Any]) -> None:
    with mempip.install(**options) as environment:
        assert mempip.freeze() == ["made==1.0", "needed==1.0"]
        assert "REQUESTED" in environment.read(environment.path("made-1.0.dist-info/RECORD")).decode()
        assert "REQUESTED" not in environment.read(environment.path("needed-1.0.dist-info/RECORD")).decode()


def test_from_a_directory_of_wheels_alone(server: IndexServer, lock: str, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    for name in ("made-1.0-py3-none-any.whl", "needed-1.0-py3-none-any.whl"):
        (tmp_path / "wheels" / name).write_bytes(WHEELS[name])
    server.__exit__()
    with mempip.install(lock="pylock.toml", no_index=True, find_links="wheels"):
        assert mempip.freeze() == ["made==1.0", "needed==1.0"]
    with pytest.raises(errors.InvalidLockFile, match=r"made: made-1\.0-py3-none-any\.whl is not in --find-links"):
        mempip.install(lock="pylock.toml", no_index=True)


def test_a_lock_of_local_files_has_their_paths(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "needed-1.0-py3-none-any.whl").write_bytes(WHEELS["needed-1.0-py3-none-any.whl"])
    text = mempip.make_lock("needed", no_index=True, find_links="wheels")
    assert 'path = "wheels/needed-1.0-py3-none-any.whl"' in text
    assert sha256("needed-1.0-py3-none-any.whl") in text
    direct = mempip.make_lock("./wheels/needed-1.0-py3-none-any.whl", no_index=True)
    assert "[packages.archive]" in direct
    (tmp_path / "pylock.toml").write_text(direct)
    with mempip.install(lock="pylock.toml", no_index=True):
        assert mempip.freeze()[0].startswith("needed @ file:")


def test_another_file_than_was_locked(server: IndexServer, lock: str, tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").write_text(lock.replace(sha256("needed-1.0-py3-none-any.whl"), "0" * 64))
    with pytest.raises(errors.HashMismatch, match="needed-1"):
        mempip.install(lock="pylock.toml")
    assert mempip.list() == []


def test_what_is_in_memory_stays(lock: str) -> None:
    with mempip.install(lock="pylock.toml"), mempip.install(lock="pylock.toml") as second:
        assert second.distributions == []


@pytest.mark.parametrize(
    "options",
    [{"requirement": ["pylock.toml", "reqs.txt"]}, {"lock": "pylock.toml", "constraint": ["c.txt"]}, {"group": ["a"]}],
)
def test_nothing_can_be_asked_for_beside_it(lock: str, options: dict[str, Any]) -> None:
    with pytest.raises(errors.UsageError, match=r"pylock.toml: a lock file says all that is installed"):
        mempip.install(**{"lock": "pylock.toml", **options})
    with pytest.raises(errors.UsageError):
        mempip.install("made", lock="pylock.toml")


@pytest.mark.parametrize(("option", "kind"), [("no_binary", "wheel"), ("only_binary", "source")])
def test_formats_that_are_not_wanted(lock: str, option: str, kind: str, tmp_path: Path) -> None:
    if kind == "source":
        lines = ["lock-version = '1.0'", "created-by = 'x'", "[[packages]]", "name = 'made'", "version = '1.0'"]
        sdist = f"sdist = {{path = 'made-1.0.tar.gz', hashes = {{sha256 = '{'0' * 64}'}}}}"
        (tmp_path / "pylock.toml").write_text("\n".join([*lines, sdist]))
    with pytest.raises(errors.InvalidLockFile, match=f"is a {kind}, which --only-binary or --no-binary forbids"):
        mempip.install(lock="pylock.toml", **{option: ":all:"})


class TestCommand:
    def test_prints_and_writes_nothing(
        self, server: IndexServer, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        assert cli.main(["lock", "-q", "-i", server.url, "needed"]) == 0
        assert 'name = "needed"' in capsys.readouterr().out
        assert list(tmp_path.iterdir()) == []

    def test_to_a_file(self, server: IndexServer, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        (tmp_path / "tool.py").write_text("# /// script\n# dependencies = ['needed<2']\n# ///\n")
        assert cli.main(["lock", "-q", "-i", server.url, "--script", "tool.py", "-o", "pylock.tool.toml"]) == 0
        assert capsys.readouterr().out == ""
        assert cli.main(["install", "-r", "pylock.tool.toml"]) == 0
        assert capsys.readouterr().out == "Successfully installed needed-1.0\n"

    def test_of_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["lock"]) == 1
        assert "at least one requirement to lock" in capsys.readouterr().err
