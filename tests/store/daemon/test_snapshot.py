"""Snapshots: what is restored is what was kept, and nothing that cannot be checked."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import mempip
import mempip_native
from mempip.cli.main import main
from mempip.errors import SnapshotFailed, UsageError
from mempip.store import mempipd
from mempip.store.daemon import snapshot
from mempip.store.daemon.keep import Keep, Kept, Limits, Wheel
from mempip.store.daemon.objects import Held
from mempip.store.daemon.settings import Settings
from tests.store.daemon.test_preparations import idle
from tests.store.daemon.test_server import until
from tests.support.daemons import Daemon
from tests.support.environments import memory
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MADE = build_wheel("made", "1.0", {"restored_module.py": "answer = 42\n"})
LIMITS = Limits(bytes=1 << 20, user_bytes=1 << 20, objects=100)


def new_keep() -> Keep:
    return Keep(time.monotonic, 600.0, LIMITS)


@pytest.fixture
def keep() -> Keep:
    """One wheel with code and a library, another one, and an image of both."""
    keep = new_keep()
    for name in ("a", "b"):
        held = Held(memory(name.encode() * 1000))
        keep.add_wheel(snapshot._digest(held.descriptor), f"{name}.whl", held, 7)
    first, second = keep.wheels.values()
    first.code[0] = Held(memory(b"code"))
    first.libraries[30] = Held(memory(b"library"))
    keep.add_image("key", Kept(Held(memory(b"index")), [second, first], "memfd", [], time.monotonic() - 10))
    return keep


@pytest.fixture
def path(keep: Keep, tmp_path: Path) -> str:
    """A snapshot of the keep."""
    path = str(tmp_path / "snapshot")
    contents, objects = snapshot.describe(keep)
    assert snapshot.write(path, contents, [held.descriptor for held in objects]) == os.path.getsize(path)
    assert os.listdir(tmp_path) == ["snapshot"]
    return path


def restored(path: str) -> tuple[Keep, bool]:
    keep = new_keep()
    return keep, snapshot.restore(path, keep, mempip_native.adapters()[0])


def data(held: Any) -> bytes:
    return os.pread(held.descriptor, 10_000, 0)


def shown(wheel: Wheel) -> tuple[object, ...]:
    companions = [{key: data(held) for key, held in of.items()} for of in (wheel.code, wheel.libraries)]
    return wheel.sha256, wheel.filename, wheel.owner, data(wheel.held), *companions


def test_all_comes_back(keep: Keep, path: str) -> None:
    found, whole = restored(path)
    assert whole
    assert [shown(wheel) for wheel in found.wheels.values()] == [shown(wheel) for wheel in keep.wheels.values()]
    image = found.images["key"]
    assert [wheel.filename for wheel in image.wheels] == ["b.whl", "a.whl"]
    assert data(image.index) == b"index"
    assert 9 < time.monotonic() - image.made < 60
    with pytest.raises(PermissionError):
        os.write(image.index.descriptor, b"x")


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_only_wheels_of_a_file_that_others_could_write(path: str, mode: int) -> None:
    os.chmod(path, mode)
    found, whole = restored(path)
    assert not whole
    assert [wheel.filename for wheel in found.wheels.values()] == ["a.whl", "b.whl"]
    assert found.images == {}
    assert all(wheel.code == wheel.libraries == {} for wheel in found.wheels.values())


def test_code_of_another_python_is_left_out(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "kind", lambda level: f"cpython-399-{level}")
    found, _ = restored(path)
    assert [len(wheel.code) for wheel in found.wheels.values()] == [0, 0]
    assert [len(wheel.libraries) for wheel in found.wheels.values()] == [1, 0]


def test_a_changed_byte_anywhere_is_found(path: str, tmp_path: Path) -> None:
    whole = (tmp_path / "snapshot").read_bytes()
    for place in range(0, len(whole), 17):
        changed = bytearray(whole)
        changed[place] ^= 0x20
        (tmp_path / "snapshot").write_bytes(changed)
        with pytest.raises(SnapshotFailed):
            restored(path)


@pytest.mark.parametrize("size", [0, 10, 47, 60, -1, -1500])
def test_a_file_that_is_cut_off(path: str, size: int) -> None:
    os.truncate(path, size % os.path.getsize(path) if size else 0)
    keep = new_keep()
    with pytest.raises(SnapshotFailed, match="snapshot"):
        snapshot.restore(path, keep, mempip_native.adapters()[0])
    assert keep.wheels == keep.images == {}


@pytest.mark.parametrize(
    "contents",
    [
        [],
        {},
        {"objects": [], "wheels": [{"object": 3}], "images": []},
        {"objects": [["a", "b"]], "wheels": [], "images": []},
        {"objects": [], "wheels": [], "images": [{"key": "k", "index": 0, "wheels": [], "satisfied": [], "made": 0}]},
        {"objects": [], "wheels": 7, "images": []},
    ],
)
def test_contents_that_make_no_sense(tmp_path: Path, contents: Any) -> None:
    import hashlib

    body = json.dumps(contents).encode()
    head = snapshot.HEADER.pack(snapshot.MAGIC, hashlib.sha256(body).digest(), len(body))
    (tmp_path / "snapshot").write_bytes(head + body)
    with pytest.raises(SnapshotFailed, match="it makes no sense"):
        restored(str(tmp_path / "snapshot"))


def test_what_is_no_snapshot(tmp_path: Path, path: str) -> None:
    with pytest.raises(SnapshotFailed, match="no regular file"):
        restored("/dev/null")
    with pytest.raises(SnapshotFailed, match="No such file"):
        restored(str(tmp_path / "nothing"))
    with open(path, "ab") as file:
        file.write(b"more")
    with pytest.raises(SnapshotFailed, match="more in it than it says"):
        restored(path)
    os.truncate(path, LIMITS.bytes + 1)
    with pytest.raises(SnapshotFailed, match="more than may be kept"):
        restored(path)
    (tmp_path / "big").write_bytes(snapshot.HEADER.pack(snapshot.MAGIC, bytes(32), 1 << 40))
    with pytest.raises(SnapshotFailed, match="too large"):
        restored(str(tmp_path / "big"))


def test_two_do_not_write_one_file_at_once(keep: Keep, path: str, tmp_path: Path) -> None:
    before = (tmp_path / "snapshot").read_bytes()
    with open(f"{path}.part", "wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SnapshotFailed, match="another process writes it"):
            snapshot.write(path, {}, [])
    assert (tmp_path / "snapshot").read_bytes() == before
    contents, objects = snapshot.describe(keep)
    snapshot.write(path, contents, [held.descriptor for held in objects])  # over what a killed one left
    assert os.listdir(tmp_path) == ["snapshot"]


def test_what_cannot_be_written_leaves_what_was_there(path: str, tmp_path: Path) -> None:
    before = (tmp_path / "snapshot").read_bytes()
    with pytest.raises(OSError, match="Bad file descriptor"):
        snapshot.write(path, {}, [-1])
    with pytest.raises(SnapshotFailed, match="No such file or directory"):
        snapshot.write(str(tmp_path / "nowhere" / "snapshot"), {}, [])
    (tmp_path / "directory").mkdir()
    with pytest.raises(SnapshotFailed, match="Is a directory"):
        snapshot.write(str(tmp_path / "directory"), {}, [])
    assert sorted(os.listdir(tmp_path)) == ["directory", "snapshot"]
    assert (tmp_path / "snapshot").read_bytes() == before


class TestDaemon:
    @pytest.fixture
    def index(self) -> Iterator[IndexServer]:
        with IndexServer(dict([MADE])) as running:
            yield running

    def test_the_next_one_begins_with_what_was_kept(
        self, index: IndexServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = str(tmp_path / "kept")
        with Daemon(snapshot=path) as first:
            mempip.install("made", index_url=index.url, daemon=first.path).close()
            idle(first)
            assert main(["daemon", "dump", "--socket", first.path, str(tmp_path / "dumped")]) == 0
            assert "dumped: 1 wheels, 0.0 MB" in capsys.readouterr().out
        asked = len(index.log)
        for file in (path, str(tmp_path / "dumped")):
            with Daemon(snapshot=file) as second:
                with mempip.install("made", index_url=index.url, daemon=second.path) as found:
                    assert found.companions.table["code"] == [1]
                    import restored_module  # type: ignore[import-not-found]

                    assert restored_module.answer == 42
                    del restored_module
                assert second.server.status()["reused"] == 1
        assert len(index.log) == asked

    def test_it_is_saved_from_time_to_time(self, index: IndexServer, tmp_path: Path) -> None:
        path = str(tmp_path / "kept")
        with Daemon(snapshot=path, save_every=0.01) as daemon:
            mempip.install("made", index_url=index.url, daemon=daemon.path).close()
            until(lambda: os.path.exists(path) and list(restored(path)[0].images))
            assert [wheel.filename for wheel in restored(path)[0].wheels.values()] == [MADE[0]]
            until(lambda: mempipd.ask(daemon.path, {"type": "status"})["status"]["saved"])

    def test_a_damaged_one_is_said_at_the_start(self, tmp_path: Path) -> None:
        (tmp_path / "kept").write_bytes(b"something else")
        options = ["--socket", "s", "--snapshot", "kept"]
        start = [sys.executable, "-m", "mempip", "daemon", "start", *options]
        done = subprocess.run(start, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 1
        assert "kept cannot be used: it is no snapshot" in done.stderr
        assert (tmp_path / "kept").read_bytes() == b"something else"
        assert os.listdir(tmp_path) == ["kept"]

    def test_where_nothing_can_be_written(self, index: IndexServer, tmp_path: Path, caplog: Any) -> None:
        with Daemon(snapshot=str(tmp_path / "nowhere" / "kept"), save_every=0.01) as daemon:
            mempip.install("made", index_url=index.url, daemon=daemon.path).close()
            until(lambda: "not saved" in caplog.text)
        assert "nowhere/kept cannot be used: No such file or directory" in caplog.text

    @pytest.mark.parametrize("values", [{"save_every": 1.0}, {"snapshot": "f", "save_every": -1.0}])
    def test_settings_that_make_no_sense(self, values: dict[str, Any]) -> None:
        with pytest.raises(UsageError, match="--save-every"):
            Settings(**values)
