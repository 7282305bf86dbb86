"""pip's HTTP cache, filled by hand in pip's layout: what is used of it, and what is not."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

import mempip
from mempip.installer.caches import PipCache
from mempip.installer.index.model import ProjectFile
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

NAME, WHEEL = build_wheel("made", "1.0", {"cached_made.py": "answer = 42\n"})
SHA256 = {"sha256": hashlib.sha256(WHEEL).hexdigest()}
URL = "https://Host.example/files/made.whl?x=1#fragment"


def put(directory: Path, address: str, content: bytes) -> Path:
    name = hashlib.sha224(address.encode()).hexdigest()
    body = directory.joinpath("http-v2", *name[:5], f"{name}.body")
    body.parent.mkdir(parents=True, exist_ok=True)
    body.write_bytes(content)
    return body


@pytest.fixture
def body(tmp_path: Path) -> Path:
    return put(tmp_path, "https://host.example/files/made.whl?x=1", WHEEL)


def test_what_has_the_promised_hash_is_used(body: Path, tmp_path: Path) -> None:
    cache = PipCache(str(tmp_path))
    assert cache.read(ProjectFile(NAME, URL, SHA256)) == WHEEL
    sha512 = {"sha512": hashlib.sha512(WHEEL).hexdigest().upper(), "sha256": "0"}
    assert cache.read(ProjectFile(NAME, URL, sha512, size=len(WHEEL))) == WHEEL


@pytest.mark.parametrize(
    "file",
    [
        ProjectFile(NAME, URL),
        ProjectFile(NAME, URL, {"md5": hashlib.md5(WHEEL).hexdigest()}),
        ProjectFile(NAME, URL, {"sha256": "0" * 64}),
        ProjectFile(NAME, URL, SHA256, size=1),
        ProjectFile(NAME, URL.replace("x=1", "x=2"), SHA256),
        ProjectFile(NAME, "file:///files/made.whl", SHA256),
        ProjectFile(NAME, "https://[host/", SHA256),
    ],
)
def test_what_is_not_used(body: Path, tmp_path: Path, file: ProjectFile) -> None:
    assert PipCache(str(tmp_path)).read(file) is None


def test_what_cannot_be_read_is_not_there(body: Path, tmp_path: Path) -> None:
    file = ProjectFile(NAME, URL, SHA256)
    assert PipCache("").read(file) is None
    assert PipCache(str(tmp_path / "missing")).read(file) is None
    body.unlink()
    body.mkdir()
    assert PipCache(str(tmp_path)).read(file) is None


@pytest.mark.skipif(sys.platform != "linux", reason="where caches are is each system's own")
def test_where_pip_has_it(body: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ProjectFile(NAME, URL, SHA256)
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "pip").symlink_to(tmp_path)
    assert PipCache(None, {"XDG_CACHE_HOME": str(tmp_path / ".cache")}).read(file) == WHEEL
    monkeypatch.setenv("HOME", str(tmp_path))
    assert PipCache(None, {}).read(file) == WHEEL
    assert PipCache("~").read(file) == WHEEL


def test_an_installation_from_the_cache(tmp_path: Path) -> None:
    with IndexServer({NAME: WHEEL}) as server:
        options = {"index_url": server.url, "cache_dir": str(tmp_path)}
        body = put(tmp_path, f"{server.root}/files/{NAME}", WHEEL)
        mempip.install("made", **options).close()
        assert f"/files/{NAME}" not in server.paths()
        body.write_bytes(b"something else, put there by somebody")
        before = sorted(tmp_path.rglob("*"))
        mempip.install("made", **options).close()
        assert server.paths().count(f"/files/{NAME}") == 1
        assert sorted(tmp_path.rglob("*")) == before
        body.write_bytes(WHEEL)
        mempip.install("made", **{**options, "cache_dir": ""}).close()
        assert server.paths().count(f"/files/{NAME}") == 2
