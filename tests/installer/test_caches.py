"""pip's caches, filled by hand in pip's layout: what is used of them, and what is not."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

import mempip
from mempip.installer.caches import Caches
from mempip.installer.index.model import ProjectFile
from mempip.installer.target import Target
from tests.support.index_server import IndexServer
from tests.support.sdist_factory import build_sdist
from tests.support.wheel_factory import build_wheel

pytestmark = pytest.mark.usefixtures("forked")

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
    cache = Caches(str(tmp_path))
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
    assert Caches(str(tmp_path)).read(file) is None


def test_what_cannot_be_read_is_not_there(body: Path, tmp_path: Path) -> None:
    file = ProjectFile(NAME, URL, SHA256)
    assert Caches("").read(file) is None
    assert Caches(str(tmp_path / "missing")).read(file) is None
    body.unlink()
    body.mkdir()
    assert Caches(str(tmp_path)).read(file) is None


@pytest.mark.skipif(sys.platform != "linux", reason="where caches are is each system's own")
def test_where_pip_has_it(body: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ProjectFile(NAME, URL, SHA256)
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "pip").symlink_to(tmp_path)
    assert Caches(None, {"XDG_CACHE_HOME": str(tmp_path / ".cache")}).read(file) == WHEEL
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Caches(None, {}).read(file) == WHEEL
    assert Caches("~").read(file) == WHEEL


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


SDIST_NAME, SDIST = build_sdist("made", "1.0")
SDIST_HASH = hashlib.sha256(SDIST).hexdigest()
SDIST_URL = "https://host.example/files/made-1.0.tar.gz"


def put_built(
    directory: Path, address: str, *, sha256: str = SDIST_HASH, wheels: dict[str, bytes] | None = None
) -> Path:
    """Put wheels where pip has those that it built of an archive, and return their directory."""
    version = f"{sys.version_info[0]}{sys.version_info[1]}"
    key = {"interpreter_name": "cp", "interpreter_version": version, "sha256": sha256, "url": address}
    name = hashlib.sha224(json.dumps(key, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    place = directory.joinpath("wheels", name[:2], name[2:4], name[4:6], name[6:])
    place.mkdir(parents=True)
    origin = {"archive_info": {"hash": f"sha256={sha256}", "hashes": {"sha256": sha256}}, "url": address}
    (place / "origin.json").write_text(json.dumps(origin))
    for filename, content in {NAME: WHEEL, **(wheels or {})}.items():
        (place / filename).write_bytes(content)
    for path in (place, *place.iterdir()):
        path.chmod(path.stat().st_mode & ~0o022)
    return place


@pytest.mark.skipif(
    sys.platform == "win32" or sys.implementation.name != "cpython",
    reason="nothing is built elsewhere, and pip's key is CPython's",
)
class TestBuilt:
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return put_built(tmp_path, SDIST_URL)

    def built(self, directory: Path, **details: object) -> tuple[str, bytes] | None:
        fields: dict[str, object] = {"filename": SDIST_NAME, "url": SDIST_URL, "hashes": {"sha256": SDIST_HASH}}
        target = details.pop("target", Target.current())
        return Caches(str(directory)).built(ProjectFile(**{**fields, **details}), target)  # type: ignore[arg-type]

    def test_of_the_very_archive(self, place: Path, tmp_path: Path) -> None:
        assert self.built(tmp_path) == (NAME, WHEEL)
        assert self.built(tmp_path, url=SDIST_URL + "#egg=made") == (NAME, WHEEL)

    def test_the_best_one(self, tmp_path: Path) -> None:
        best = f"made-1.0-{Target.current().tags[0]}.whl"
        others = {best: b"best", "made-1.0-py2-none-any.whl": b"", f"other-1.0-{Target.current().tags[0]}.whl": b""}
        put_built(tmp_path, SDIST_URL, wheels=others)
        assert self.built(tmp_path) == (best, b"best")

    @pytest.mark.parametrize(
        "details",
        [
            {"hashes": {}},
            {"hashes": {"md5": "0" * 32}},
            {"hashes": {"sha256": "0" * 64}},
            {"hashes": {"sha256": SDIST_HASH, "sha512": "0" * 128}},
            {"url": SDIST_URL + "?x"},
            {"url": "file:///files/made-1.0.tar.gz"},
            {"subdirectory": "src"},
            {"filename": "other-1.0.tar.gz"},
            {"target": Target("3.12.0", (), {})},
            {"target": Target("3.12.0", Target.current().tags, {}, is_current=False)},
        ],
    )
    def test_of_something_else(self, place: Path, tmp_path: Path, details: dict[str, object]) -> None:
        assert self.built(tmp_path, **details) is None

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"archive_info": {"hashes": {"sha256": "0"}}}'])
    def test_of_unknown_origin(self, place: Path, tmp_path: Path, text: str) -> None:
        (place / "origin.json").write_text(text)
        assert self.built(tmp_path) is None
        (place / "origin.json").unlink()
        assert self.built(tmp_path) is None

    @pytest.mark.parametrize("name", [".", "origin.json", NAME])
    def test_what_others_may_have_written(self, place: Path, tmp_path: Path, name: str) -> None:
        mode = (place / name).stat().st_mode
        (place / name).chmod(mode | 0o002)
        assert self.built(tmp_path) is None
        (place / name).chmod(mode)
        assert self.built(tmp_path) is not None
        if os.geteuid() == 0:
            os.chown(place / name, 65534, -1)
            assert self.built(tmp_path) is None

    def test_an_installation(self, tmp_path: Path) -> None:
        cache, reqs = tmp_path / "cache", tmp_path / "reqs.txt"
        reqs.write_text(f"made==1.0 --hash=sha256:{SDIST_HASH}\n")
        with IndexServer({SDIST_NAME: SDIST}) as server:
            place = put_built(cache, f"{server.root}/files/{SDIST_NAME}")
            before = sorted(cache.rglob("*"))

            def fetches(*requirements: str, **more: object) -> int:
                """Install, and return how often the archive was fetched for that."""
                options = {"index_url": server.url, "cache_dir": str(cache), "build_dir": str(tmp_path), **more}
                earlier = server.paths().count(f"/files/{SDIST_NAME}")
                mempip.install(*requirements, **options).close()  # type: ignore[arg-type]
                return server.paths().count(f"/files/{SDIST_NAME}") - earlier

            assert fetches("made") == 0
            assert fetches("made", cache_dir="") == 1
            assert fetches("made", config_settings={"a": "b"}) == 1
            assert fetches(requirement=[str(reqs)]) == 1
            (place / NAME).write_bytes(WHEEL[:-30])
            assert fetches("made") == 1
            (place / NAME).write_bytes(WHEEL[:50] + bytes([WHEEL[50] ^ 1]) + WHEEL[51:])
            assert fetches("made") == 1
            assert sorted(cache.rglob("*")) == before
