"""Locks made and installed by a real installer process."""

from __future__ import annotations

import hashlib
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip import errors
from mempip.cli import main as cli
from tests.support.index_server import Behaviour, IndexServer
from tests.support.sdist_factory import build_sdist, project_files
from tests.support.wheel_factory import build_wheel

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("forked", "in_a_directory")

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


class TestAnotherPython:
    @pytest.fixture
    def server(self) -> Iterator[IndexServer]:
        files = dict(
            [
                build_wheel("made", "1.0", requires=["windows; os_name == 'nt'", "old; python_version < '3.12'"]),
                build_wheel("windows", "1.0", tag="cp311-cp311-win_amd64"),
                build_wheel("windows", "2.0", tag="cp311-cp311-manylinux_2_17_x86_64"),
                build_wheel("windows", "3.0", tag="cp312-cp312-win_amd64"),
                build_wheel("old", "1.0", requires_python=">=3.11,<3.12"),
                build_sdist("old", "2.0"),
            ]
        )
        with IndexServer(files) as running:
            yield running

    def test_it_is_locked_with_its_markers_and_wheels(self, server: IndexServer) -> None:
        with mempip.install("made", index_url=server.url, no_deps=True):  # which the other one has not
            text = mempip.make_lock("made", index_url=server.url, platform="win_amd64", python_version="3.11")
        assert [line for line in text.splitlines() if line.startswith("name = ") and line.endswith('.whl"')] == [
            'name = "made-1.0-py3-none-any.whl"',
            'name = "old-1.0-py3-none-any.whl"',
            'name = "windows-1.0-cp311-cp311-win_amd64.whl"',
        ]
        for marker in ("python_version == '3.11'", "sys_platform == 'win32'", "platform_machine == 'AMD64'"):
            assert marker in text.replace('\\"', "'")

    def test_a_lock_is_not_for_others_than_it_says(self, server: IndexServer, tmp_path: Path) -> None:
        other = {"platform": "win_amd64", "python_version": "3.11"}
        (tmp_path / "pylock.toml").write_text(mempip.make_lock("made", index_url=server.url, **other))
        with pytest.raises(errors.InvalidLockFile, match="nothing for this interpreter"):
            mempip.install(lock="pylock.toml")
        assert [row["name"] for row in mempip.tree(lock="pylock.toml", **other)] == ["made", "old", "windows"]

    def test_a_report_says_whose_it_is(self, server: IndexServer) -> None:
        report = mempip.resolve("made", index_url=server.url, platform=["macosx_11_0_arm64"], python_version="3.13")
        assert report["environment"]["platform_system"] == "Darwin"
        assert [row["metadata"]["name"] for row in report["install"]] == ["made"]

    def test_nothing_is_built_for_it(self, server: IndexServer, tmp_path: Path) -> None:
        with pytest.raises(errors.NoMatchingVersion, match=r"leaves out 1 of 2 files; old 2\.0 among them would fit"):
            mempip.resolve("old>1", index_url=server.url, python_version="3.11")
        with pytest.raises(errors.UsageError, match="no_binary: sources cannot be built for another Python"):
            mempip.resolve("old", index_url=server.url, python_version="3.11", no_binary="old")
        filename, data = build_sdist("old", "2.0")
        (tmp_path / filename).write_bytes(data)
        with pytest.raises(errors.BuildForOther, match=r"old-2\.0\.tar\.gz would have to be built for another"):
            mempip.resolve(f"./{filename}", no_index=True, python_version="3.11")

    @pytest.mark.parametrize("option", ["--platform=win_amd64", "--python-version=3.11", "--abi=cp311"])
    def test_nothing_is_installed_into_it(
        self, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["install", option, "made"]) == 1
        assert "nothing can be installed into another Python" in capsys.readouterr().err
        name, _, value = option.removeprefix("--").partition("=")
        monkeypatch.setenv(f"PIP_{name.upper().replace('-', '_')}", value)
        with pytest.raises(errors.UsageError, match="nothing can be installed into another Python"):
            mempip.install("made")

    def test_on_the_command_line(self, server: IndexServer, capsys: pytest.CaptureFixture[str]) -> None:
        words = ["-i", server.url, "--platform", "win_amd64", "--python-version", "311", "made"]
        assert cli.main(["tree", *words]) == 0
        assert capsys.readouterr().out == "made v1.0\n├── old v1.0\n└── windows v1.0\n"
        assert cli.main(["install", "--dry-run", *words]) == 0
        assert sorted(capsys.readouterr().out.split()[2:]) == ["made-1.0", "old-1.0", "windows-1.0"]


def test_what_is_in_memory_already_is_locked_too(server: IndexServer, lock: str) -> None:
    with mempip.install("needed<2", index_url=server.url):
        assert mempip.make_lock("made", "needed<2", index_url=server.url) == lock


@pytest.mark.parametrize(
    "options",
    [{"lock": "pylock.toml"}, {"requirement": ["pylock.toml"]}, {"lock": "pylock.toml", "require_hashes": True}],
)
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
    [{"requirement": ["pylock.toml", "reqs.txt"]}, {"editable": ["."]}, {"group": ["a"]}],
)
def test_nothing_can_be_asked_for_beside_it(lock: str, options: dict[str, Any]) -> None:
    with pytest.raises(errors.UsageError, match=r"pylock.toml: a lock file says all that is installed"):
        mempip.install(**{"lock": "pylock.toml", **options})
    with pytest.raises(errors.UsageError):
        mempip.install("made", lock="pylock.toml")


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("needed<2", ""),
        ("needed<2; python_version < '3'", ""),
        ("absent<1", ""),
        ("needed>=2", "it has needed 1.0, and the constraint needed>=2 (line 1 of c.txt) forbids that"),
        ("needed @ https://example.org/needed-1.0-py3-none-any.whl", "it has needed 1.0, and the constraint needed @ "),
    ],
)
def test_constraints_hold_for_it(lock: str, line: str, refused: str, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(line)
    if refused:
        with pytest.raises(errors.InvalidLockFile, match=re.escape(refused)):
            mempip.install(lock="pylock.toml", constraint="c.txt")
    else:
        mempip.install(lock="pylock.toml", constraint="c.txt").close()


@pytest.mark.parametrize(("option", "kind"), [("no_binary", "wheel"), ("only_binary", "source")])
def test_formats_that_are_not_wanted(lock: str, option: str, kind: str, tmp_path: Path) -> None:
    if kind == "source":
        lines = ["lock-version = '1.0'", "created-by = 'x'", "[[packages]]", "name = 'made'", "version = '1.0'"]
        sdist = f"sdist = {{path = 'made-1.0.tar.gz', hashes = {{sha256 = '{'0' * 64}'}}}}"
        (tmp_path / "pylock.toml").write_text("\n".join([*lines, sdist]))
    with pytest.raises(errors.InvalidLockFile, match=f"is a {kind}, which --only-binary or --no-binary forbids"):
        mempip.install(lock="pylock.toml", **{option: ":all:"})


class TestSources:
    """Sources, from the requirement to the lock, and from the lock to what is imported."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        return self.write(tmp_path / "tree" / "demo")

    def write(self, directory: Path, version: str = "1.0") -> Path:
        directory.mkdir(parents=True)
        for path, text in project_files("demo", version).items():
            (directory / path).write_text(text)
        return directory

    def round_trip(self, tmp_path: Path, *requirements: str, **options: Any) -> tuple[dict[str, Any], list[str]]:
        """Lock, install the lock, and return its only entry and what is in memory then."""
        text = mempip.make_lock(*requirements, build_dir=".", **options)
        (tmp_path / "pylock.toml").write_text(text)
        with mempip.install(lock="pylock.toml", build_dir=".", no_index=True) as environment:
            assert environment.read(environment.path("demo.py")).startswith(b"answer = 42")
            assert environment.distribution("demo") is not None
            (entry,) = tomllib.loads(text)["packages"]
            return entry, list(mempip.freeze())

    def test_a_directory(self, project: Path, tmp_path: Path) -> None:
        entry, names = self.round_trip(tmp_path, "./tree/demo", no_index=True)
        assert entry == {"name": "demo", "directory": {"path": "tree/demo"}}
        with pytest.raises(errors.InvalidLockFile, match=r"demo: file:.*tree/demo has no hash, and --require-hashes"):
            mempip.install(lock="pylock.toml", require_hashes=True)
        assert names == [f"demo @ {project.as_uri()}"]

    def test_a_directory_below_another(self, project: Path, tmp_path: Path) -> None:
        address = f"demo @ {project.parent.as_uri()}#subdirectory=demo"
        entry, _ = self.round_trip(tmp_path, address, no_index=True)
        assert entry == {"name": "demo", "directory": {"path": "tree", "subdirectory": "demo"}}

    def test_an_archive(self, tmp_path: Path) -> None:
        name, content = build_sdist("demo", "1.0")
        (tmp_path / name).write_bytes(content)
        entry, _ = self.round_trip(tmp_path, f"./{name}", no_index=True)
        promised = hashlib.sha256(content).hexdigest()
        assert entry == {
            "name": "demo", "version": "1.0",
            "archive": {"path": name, "hashes": {"sha256": promised}},
        }  # fmt: skip
        (tmp_path / name).write_bytes(build_sdist("demo", "1.0", more={"demo.py": "answer = 43"})[1])
        with pytest.raises(errors.HashMismatch, match="demo-1"):
            mempip.install(lock="pylock.toml", build_dir=".", no_index=True)

    def test_an_sdist(self, tmp_path: Path) -> None:
        name, content = build_sdist("demo", "1.0")
        with IndexServer({name: content}) as server:
            text = mempip.make_lock("demo", build_dir=".", index_url=server.url)
            (entry,) = tomllib.loads(text)["packages"]
            assert entry["sdist"]["hashes"] == {"sha256": hashlib.sha256(content).hexdigest()}
            assert entry["sdist"]["url"] == f"{server.root}/files/{name}"
            (tmp_path / "pylock.toml").write_text(text)
            with mempip.install(lock="pylock.toml", build_dir="."):
                assert mempip.freeze() == ["demo==1.0"]
            (tmp_path / "pylock.toml").write_text(text.replace(entry["sdist"]["hashes"]["sha256"], "0" * 64))
            with pytest.raises(errors.HashMismatch, match="demo-1"):
                mempip.install(lock="pylock.toml", build_dir=".")
        (tmp_path / "archives").mkdir()
        (tmp_path / "archives" / name).write_bytes(content)
        (tmp_path / "pylock.toml").write_text(text)
        with mempip.install(lock="pylock.toml", build_dir=".", no_index=True, find_links="archives"):
            assert mempip.freeze() == ["demo==1.0"]

    def test_a_repository(self, tmp_path: Path) -> None:
        from dulwich import porcelain

        project = self.write(tmp_path / "repository" / "below").parent
        people = {"author": b"Nobody <nobody@example.org>", "committer": b"Nobody <nobody@example.org>"}
        with porcelain.init(str(project)) as made:
            porcelain.add(made, [str(path) for path in project.glob("below/*")])
            commit = porcelain.commit(made, message=b"one", **people).decode()
            porcelain.tag_create(made, b"v1", objectish="HEAD")
            (project / "below" / "project.txt").write_text("demo\n2.0")
            porcelain.add(made, [str(project / "below" / "project.txt")])
            porcelain.commit(made, message=b"two", **people)
        address = f"git+{project.as_uri()}@v1#subdirectory=below"
        entry, (name,) = self.round_trip(tmp_path, f"demo @ {address}", no_index=True)
        assert entry == {
            "name": "demo",
            "version": "1.0",
            "vcs": {
                "type": "git",
                "url": project.as_uri(),
                "requested-revision": "v1",
                "commit-id": commit,
                "subdirectory": "below",
            },
        }
        assert name == f"demo @ git+{project.as_uri()}@{commit}#subdirectory=below"

        text = (tmp_path / "pylock.toml").read_text()
        (tmp_path / "pylock.toml").write_text(text.replace(commit, "0" * 40))
        with pytest.raises(errors.SourceRefused, match=f"it has no branch, tag or commit '{'0' * 40}'"):
            mempip.install(lock="pylock.toml", build_dir=".")
        (tmp_path / "pylock.toml").write_text(
            text.replace('version = "1.0"', 'version = "1.1"').replace('-version = "1.1"', '-version = "1.0"')
        )
        with pytest.raises(errors.InvalidLockFile, match=r"demo: what its entry names is demo 1.0, not demo 1.1"):
            mempip.install(lock="pylock.toml", build_dir=".")

    def test_what_has_gone(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "pylock.toml").write_text(mempip.make_lock("./tree/demo", build_dir=".", no_index=True))
        project.rename(tmp_path / "elsewhere")
        with pytest.raises(errors.MempipError, match="demo"):
            mempip.install(lock="pylock.toml", build_dir=".", no_index=True)


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
