"""uv's cache, filled by uv itself: what is used of it, and what is not."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
import uv

import mempip
import mempip_native
from mempip.errors import WheelRefused
from mempip.installer.caches import Caches
from mempip.installer.index.model import ProjectFile
from mempip.installer.target import Target
from mempip.installer.wheels import verified_wheel
from tests.support.index_server import IndexServer
from tests.support.sdist_factory import build_sdist
from tests.support.wheel_factory import build_wheel, executable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.usefixtures("forked"),
    pytest.mark.skipif(sys.platform == "win32", reason="who may have written to a file cannot be told there"),
]

FILES = {"cached_made.py": "answer = 42\n", "cached_made_data/text": "text"}
NAME, WHEEL = build_wheel("Made_Up", "1.0", FILES, **executable("Made_Up-1.0.data/scripts/made", b"#!/bin/sh\n"))
OTHER = build_wheel("Made_Up", "1.0", {"cached_made.py": "answer = 43\n"})[1]
SDIST_NAME, SDIST = build_sdist("source_made", "1.0")


def sha256(content: bytes) -> dict[str, str]:
    return {"sha256": hashlib.sha256(content).hexdigest()}


FILE = ProjectFile(NAME, f"https://host.example/{NAME}", sha256(WHEEL), size=len(WHEEL), source="https://host.example")
SOURCE = ProjectFile(SDIST_NAME, f"https://host.example/{SDIST_NAME}", sha256(SDIST), source="https://host.example")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache that uv has filled with a wheel and a source."""
    directory = tmp_path_factory.mktemp("uv")
    command = [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--python", sys.executable]
    with IndexServer({NAME: WHEEL, SDIST_NAME: SDIST}) as server:
        where = ["--index-url", server.url, "--cache-dir", directory / "cache", "--target", directory / "disk"]
        variables = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
        umask = os.umask(0o022)
        try:
            subprocess.run([*command, *where, "made-up", "source-made"], check=True, env=variables)
        finally:
            os.umask(umask)
    return directory / "cache"


@pytest.fixture
def cache(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that cache, which is the one that this test's environment names."""
    directory = tmp_path / "uv"
    shutil.copytree(filled, directory, symlinks=True)
    monkeypatch.delenv("UV_NO_CACHE")
    monkeypatch.setenv("UV_CACHE_DIR", str(directory))
    return directory


def caches() -> Caches:
    return Caches("/nowhere", os.environ)


def one(directory: Path, pattern: str) -> Path:
    (path,) = directory.glob(pattern)
    return path


def archive(directory: Path) -> Path:
    """Return where the unpacked wheel is."""
    return one(directory, "archive-v*/*/cached_made.py").parent


def member(directory: Path) -> Path:
    return archive(directory) / "cached_made.py"


def pointer(directory: Path) -> Path:
    return one(directory, "wheels-v*/index/*/made-up/*.http")


def revision(directory: Path) -> Path:
    """Return where the wheel is that was built last: uv fetches and builds a source anew for metadata."""
    path = one(directory, "sdists-v*/index/*/source-made/1.0/revision.http")
    with path.open("rb") as file:
        return path.parent / msgpack.Unpacker(file).unpack()[0]


def state(directory: Path) -> dict[str, tuple[int, int, int]]:
    """Return what would tell that anything was written."""
    found = {str(path): path.lstat() for path in directory.rglob("*")}
    return {path: (status.st_mtime_ns, status.st_size, status.st_ino) for path, status in found.items()}


def made(file: ProjectFile = FILE) -> bytes | None:
    pieces = caches().unpacked(file)
    return None if pieces is None else b"".join(pieces)


class TestUnpacked:
    def test_is_a_wheel_again(self, cache: Path) -> None:
        content = made()
        assert content is not None
        assert made() == content
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(io.BytesIO(WHEEL)) as original:
            assert archive.testzip() is None
            assert {name: archive.read(name) for name in archive.namelist()} == {
                name: original.read(name) for name in original.namelist()
            }
            assert archive.namelist()[-1] == "Made_Up-1.0.dist-info/RECORD"
            modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
        assert modes.pop("Made_Up-1.0.data/scripts/made") == 0o755
        assert set(modes.values()) == {0o644}

    @pytest.mark.parametrize(
        "details",
        [
            {"hashes": {}},
            {"hashes": {"md5": hashlib.md5(WHEEL).hexdigest()}},
            {"hashes": sha256(b"")},
            {"hashes": {"sha512": hashlib.sha512(WHEEL).hexdigest(), **sha256(WHEEL)}},
            {"url": f"file:///{NAME}"},
            {"filename": NAME.replace("Made_Up", "other")},
            {"filename": NAME.replace("Made_Up", "..")},
            {"filename": "whatever"},
        ],
    )
    def test_of_something_else(self, cache: Path, details: dict[str, Any]) -> None:
        assert made(FILE._replace(**details)) is None

    @pytest.mark.parametrize(
        "name",
        [".", "wheels-v*", "wheels-v*/index", "wheels-v*/index/*", "wheels-v*/index/*/made-up", "archive-v*",
         "wheels-v*/index/*/made-up/*.http"],
    )  # fmt: skip
    def test_below_what_others_may_have_written(self, cache: Path, name: str) -> None:
        self.refused_for_others(cache if name == "." else one(cache, name))

    @pytest.mark.parametrize("name", ["", "cached_made.py", "cached_made_data", "cached_made_data/text"])
    def test_what_others_may_have_written(self, cache: Path, name: str) -> None:
        self.refused_for_others(archive(cache) / name)

    def refused_for_others(self, path: Path) -> None:
        mode = path.stat().st_mode
        for more in (0o020, 0o002):
            path.chmod(mode | more)
            assert made() is None
        path.chmod(mode)
        assert made() is not None
        if os.geteuid() == 0:
            os.chown(path, 65534, -1)
            assert made() is None

    def test_pointers_that_say_something_else(self, cache: Path) -> None:
        path = pointer(cache)
        whole = path.read_bytes()
        name, hashes, *_ = unpacked = msgpack.Unpacker(io.BytesIO(whole)).unpack()
        assert made() is not None
        for content in [
            *(whole[:end] for end in range(0, len(msgpack.packb(unpacked)), 7)),
            b"\xc1",
            b"\xdd\xff\xff\xff\xff",
            b"\x91" * 60_000,
            whole + bytes(1 << 17),
            *map(
                msgpack.packb,
                [
                    7, [], [name], {"id": name}, [name, None], [name, {}], [name, [7]], [name, [{}]], [name, [{7: 7}]],
                    [name, [["Sha256", sha256(WHEEL)["sha256"]]]], [7, hashes], [b"\xff", hashes], ["", hashes],
                    ["..", hashes], [f"../archive-v0/{name}", hashes], [str(archive(cache)), hashes], ["*", hashes],
                    ["gone", hashes],
                ],
            ),
        ]:  # fmt: skip
            path.write_bytes(content)
            assert made() is None
        path.write_bytes(whole)
        assert made() is not None

    @pytest.mark.parametrize("path", [pointer, archive, member])
    @pytest.mark.parametrize("other", ["link", "pipe", "nothing", "directory"])
    def test_other_kinds_of_files(self, cache: Path, path: Callable[[Path], Path], other: str) -> None:
        place = path(cache)
        moved = place.rename(cache / "moved")
        if other == "link":
            place.symlink_to(moved)
        elif other == "pipe":
            os.mkfifo(place)
        elif other == "directory":
            place.mkdir()
        if other in ("link", "pipe") or path is pointer:
            assert made() is None
        else:
            pieces = caches().unpacked(FILE)
            with pytest.raises(WheelRefused):
                verified_wheel(NAME, pieces or (), mempip_native.select())

    def test_that_would_be_too_large(self, cache: Path) -> None:
        with (archive(cache) / "large").open("wb") as file:
            file.truncate(1 << 40)
        assert made() is None
        assert made(FILE._replace(size=None)) is None

    def test_that_goes_while_it_is_read(self, cache: Path) -> None:
        pieces = caches().unpacked(FILE)
        assert pieces is not None
        (archive(cache) / "cached_made.py").unlink()
        with pytest.raises(WheelRefused, match="cannot be read"):
            list(pieces)

    def test_in_an_older_bucket(self, cache: Path) -> None:
        """A newer one that is not understood does not hide it."""
        newer = cache / "wheels-v10000" / "pypi" / "made-up"
        newer.mkdir(parents=True)
        (newer / pointer(cache).name).write_bytes(b"new")
        assert made() is not None
        bucket = one(cache, "wheels-v?")
        bucket.rename(cache / "wheels-v9999")
        assert made() is not None


@pytest.mark.skipif(sys.platform == "darwin", reason="HOME is not all that decides there")
def test_where_uv_has_it(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "uv").symlink_to(cache)
    monkeypatch.setenv("HOME", str(tmp_path))
    for variables in ({}, {"UV_CACHE_DIR": ""}, {"XDG_CACHE_HOME": "relative"}, {"UV_NO_CACHE": "false"}):
        assert Caches(None, variables).unpacked(FILE) is not None
    monkeypatch.setenv("HOME", "/nowhere")
    assert Caches(None, {}).unpacked(FILE) is None
    assert Caches(None, {"XDG_CACHE_HOME": str(tmp_path / ".cache")}).unpacked(FILE) is not None
    monkeypatch.chdir(tmp_path)
    assert Caches(None, {"UV_CACHE_DIR": "uv"}).unpacked(FILE) is not None
    assert Caches(None, {"UV_CACHE_DIR": "uv", "UV_NO_CACHE": "1"}).unpacked(FILE) is None
    assert Caches("", {"UV_CACHE_DIR": "uv"}).unpacked(FILE) is None


class TestBuilt:
    def built(self, **details: Any) -> tuple[str, bytes] | None:
        target = details.pop("target", Target.current())
        return caches().built(SOURCE._replace(**details), target)

    def test_is_the_very_wheel(self, cache: Path) -> None:
        found = self.built()
        assert found == ("source_made-1.0-py3-none-any.whl", one(revision(cache), "*.whl").read_bytes())

    @pytest.mark.parametrize(
        "details",
        [
            {"hashes": {}},
            {"hashes": sha256(b"")},
            {"subdirectory": "src"},
            {"url": f"file:///{SDIST_NAME}"},
            {"target": Target("3.12.0", (), {})},
            {"target": Target("3.12.0", Target.current().tags, {}, is_current=False)},
        ],
    )
    def test_of_something_else(self, cache: Path, details: dict[str, Any]) -> None:
        assert self.built(**details) is None

    @pytest.mark.parametrize("name", ["", "source_made-1.0-py3-none-any.whl", "../revision.http", ".."])
    def test_what_others_may_have_written(self, cache: Path, name: str) -> None:
        path = revision(cache) / name
        path.chmod(path.stat().st_mode | 0o002)
        assert self.built() is None

    def test_other_kinds_of_files(self, cache: Path) -> None:
        wheel = one(revision(cache), "*.whl")
        moved = wheel.rename(cache / "moved")
        assert self.built() is None
        wheel.symlink_to(moved)
        assert self.built() is None
        wheel.unlink()
        os.mkfifo(wheel)
        assert self.built() is None


# --- whole installations ---------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer({NAME: WHEEL, SDIST_NAME: SDIST}) as server:
        yield server


def fetches(server: IndexServer, *requirements: str, **more: Any) -> int:
    """Install, and return how many whole files were fetched for that."""
    options = {"index_url": server.url, "cache_dir": "/nowhere", **more}
    files = {f"/files/{name}" for name in (NAME, SDIST_NAME)}
    server.log.clear()
    mempip.install(*requirements, **options).close()
    return sum(request.path in files and "range" not in request.headers for request in server.log)


def test_an_installation(cache: Path, server: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(cache)
    assert fetches(server, "made-up") == 0
    assert fetches(server, "made-up", cache_dir="") == 1
    monkeypatch.setenv("UV_NO_CACHE", "1")
    assert fetches(server, "made-up") == 1
    assert state(cache) == before


def test_its_hash_is_not_that_of_the_wheel(cache: Path, server: IndexServer, tmp_path: Path) -> None:
    """What pip has are the very bytes, so they are preferred."""
    pip, address = tmp_path / "pip", f"{server.root}/files/{NAME}"
    name = hashlib.sha224(address.encode()).hexdigest()
    body = pip.joinpath("http-v2", *name[:5], f"{name}.body")
    for there, expected in ((False, ""), (True, sha256(WHEEL)["sha256"])):
        if there:
            body.parent.mkdir(parents=True)
            body.write_bytes(WHEEL)
        with mempip.install("made-up", index_url=server.url, cache_dir=str(pip)) as environment:
            import cached_made

            assert cached_made.answer == 42
            del sys.modules["cached_made"]
            (row,) = environment.distributions
            assert row.sha256 == expected
    assert f"/files/{NAME}" not in server.paths()


def test_who_has_hashes_wants_those_bytes(cache: Path, server: IndexServer, tmp_path: Path) -> None:
    (digest,), address = sha256(WHEEL).values(), f"{server.root}/files/{NAME}"
    requirements, lock = tmp_path / "reqs.txt", tmp_path / "pylock.toml"
    requirements.write_text(f"made-up==1.0 --hash=sha256:{digest}\n")
    lock.write_text(
        f'lock-version = "1.0"\ncreated-by = "hand"\n[[packages]]\nname = "made-up"\nversion = "1.0"\n'
        f'wheels = [{{name = "{NAME}", url = "{address}", hashes = {{sha256 = "{digest}"}}}}]\n'
    )
    assert fetches(server, requirement=[str(requirements)]) == 1
    assert fetches(server, requirement=[str(lock)]) == 1
    assert fetches(server, f"made-up @ {address}#sha256={digest}") == 1


def changed(cache: Path) -> None:
    path = archive(cache) / "cached_made.py"
    path.write_text(path.read_text().replace("42", "43"))


def longer(cache: Path) -> None:
    with (archive(cache) / "cached_made.py").open("a") as file:
        file.write("more = True\n")


def unrecorded(cache: Path) -> None:
    path = archive(cache) / "Made_Up-1.0.dist-info" / "RECORD"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "cached_made.py" not in line))


def added(cache: Path) -> None:
    (archive(cache) / "more.py").touch()


def removed(cache: Path) -> None:
    (archive(cache) / "cached_made.py").unlink()


def without_record(cache: Path) -> None:
    (archive(cache) / "Made_Up-1.0.dist-info" / "RECORD").unlink()


def cut(cache: Path) -> None:
    path = pointer(cache)
    path.write_bytes(path.read_bytes()[:40])


@pytest.mark.parametrize("damage", [changed, longer, unrecorded, added, removed, without_record, cut])
def test_what_is_damaged_is_fetched(cache: Path, server: IndexServer, damage: Callable[[Path], object]) -> None:
    damage(cache)
    before = state(cache)
    assert fetches(server, "made-up") == 1
    assert state(cache) == before


def test_what_has_another_hash_is_fetched(cache: Path) -> None:
    with IndexServer({NAME: OTHER}) as server:
        assert fetches(server, "made-up") == 1


def test_a_source_that_uv_built(cache: Path, server: IndexServer, tmp_path: Path) -> None:
    (digest,), requirements = sha256(SDIST).values(), tmp_path / "reqs.txt"
    requirements.write_text(f"source-made==1.0 --hash=sha256:{digest}\n")
    before, build = state(cache), {"build_dir": str(tmp_path)}
    assert fetches(server, "source-made", **build) == 0
    if sys.platform == "linux":  # nothing is built elsewhere
        assert fetches(server, "source-made", config_settings={"a": "b"}, **build) == 1
        assert fetches(server, requirement=[str(requirements)], **build) == 1
    assert state(cache) == before
    if sys.platform == "linux":
        wheel = one(revision(cache), "*.whl")
        wheel.write_bytes(wheel.read_bytes()[:-30])
        assert fetches(server, "source-made", **build) == 1
