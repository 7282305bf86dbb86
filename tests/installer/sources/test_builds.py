"""Real builds: each in a process of its own, in memory where the machine allows it, else in a directory."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from packaging.utils import canonicalize_name

import mempip_native
from mempip.errors import (
    BuildCycle,
    BuildFailed,
    BuildRequirementsUnmet,
    BuildUnavailable,
    HashMismatch,
    NoMatchingVersion,
    SourceRefused,
)
from mempip.installer import session
from mempip.installer.index.model import ProjectFile
from mempip.installer.sources import builds
from mempip.installer.target import Target
from mempip.installer.transport import Transport, file_url
from mempip.installer.workshop import Workshop
from mempip.options import InstallOptions
from mempip_native import AdapterUnavailable
from tests.support.children import in_child
from tests.support.sdist_factory import BACKEND, build_sdist, project_files
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from mempip.installer.index.model import Candidate
    from mempip.installer.wheels import Wheel

pytestmark = pytest.mark.usefixtures("forked")


@cache
def _in_memory() -> bool:
    """Whether this machine lets a process have a file system of its own."""

    def enter() -> str:
        try:
            mempip_native.scratch.enter([])
        except AdapterUnavailable:
            return "no"
        return "yes"

    return in_child(enter) == "yes"


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    """Options that look for projects in a directory of the test's own, and build in memory if that can be."""
    (tmp_path / "projects").mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return {
        "no_index": True,
        "find_links": [str(tmp_path / "projects")],
        "build_dir": "" if _in_memory() else str(scratch),
    }


@pytest.fixture
def put(tmp_path: Path, options: dict[str, Any]):
    """Return a function that puts made-up files where `options` look for projects."""

    def write(*made: tuple[str, bytes]) -> None:
        for filename, data in made:
            (tmp_path / "projects" / filename).write_bytes(data)

    return write


def write_project(directory: Path, name: str, version: str, **more: Any) -> Path:
    for path, text in project_files(name, version, **more).items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    return directory


def install(options: dict[str, Any], *requirements: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Install, and return what the files of the image hold, and the messages."""
    from mempip.image.reader import Image

    messages: list[dict[str, Any]] = []
    outcome = session.install(InstallOptions(requirements, **options), messages.append)
    image = Image(outcome.descriptors)
    found = {path: image.read(entry).decode() for path, entry in image.walk()}
    image.close()
    return found, messages


def built(options: dict[str, Any], file: ProjectFile) -> tuple[Candidate, Wheel]:
    """Build one source that is named directly."""
    chosen = InstallOptions(**options)
    adapter = mempip_native.select()
    with (
        Transport(chosen) as transport,
        Workshop(transport, chosen, Target.current(), adapter, lambda _: None) as workshop,
    ):
        candidate = workshop.catalog.direct(file)
        return candidate, workshop._sources.wheel(candidate)


def directory(path: Path, **more: Any) -> ProjectFile:
    return ProjectFile(path.name, file_url(str(path)), **more)


class TestFromAnIndex:
    def test_an_sdist_is_built(self, options, put) -> None:
        put(build_sdist("demo", "1.0", requires=["other"]), build_wheel("other", "2"))
        files, messages = install(options, "demo")
        assert files["demo.py"].startswith("answer = 42\n")
        assert "other/__init__.py" in files
        assert {"type": "output", "text": "building demo"} in messages

    def test_a_wheel_of_the_same_version_is_better(self, options, put) -> None:
        put(build_sdist("demo", "1.0"), build_wheel("demo", "1.0", {"demo.py": "wheel"}))
        assert install(options, "demo")[0]["demo.py"] == "wheel"

    def test_a_newer_version_is_better_still(self, options, put) -> None:
        put(build_sdist("demo", "1.1"), build_wheel("demo", "1.0", {"demo.py": "wheel"}))
        assert install(options, "demo")[0]["demo.py"].startswith("answer")

    def test_what_the_build_requires_is_there_and_nothing_else(self, options, put, monkeypatch) -> None:
        monkeypatch.setenv("PYTHONPATH", "/nowhere")
        tool = build_wheel(
            "tool", "1", {"tool/__init__.py": "def main(): print('tool ran')"},
            entry_points="[console_scripts]\nrun-tool = tool:main\n",
        )  # fmt: skip
        backend = "import subprocess, tool\nassert subprocess.check_output(['run-tool']) == b'tool ran\\n'\n"
        backend += "import importlib.util\nassert importlib.util.find_spec('httpx') is None\n"
        put(tool, build_sdist("demo", "1.0", build_requires=["tool"], more={"backend.py": backend + BACKEND}))
        files, _ = install(options, "demo")
        assert "demo.py" in files
        assert "tool/__init__.py" not in files

    def test_a_build_requirement_that_has_to_be_built(self, options, put) -> None:
        put(build_sdist("tool", "1"), build_sdist("demo", "1.0", build_requires=["tool"]))
        assert "demo.py" in install(options, "demo")[0]

    def test_a_backend_that_wants_more(self, options, put) -> None:
        wants = "\ndef get_requires_for_build_wheel(config_settings=None):\n    return ['late']\n"
        put(build_wheel("late", "1"), build_wheel("early", "1"))
        more = {"backend.py": "import early\n" + BACKEND + wants}
        put(build_sdist("demo", "1.0", build_requires=["early"], more=more))
        assert "demo.py" in install(options, "demo")[0]

    def test_the_users_own_configuration_of_cargo(self, options, put, monkeypatch, tmp_path: Path) -> None:
        (tmp_path / "cargo").mkdir()
        (tmp_path / "cargo" / "config.toml").write_text("[net]\noffline = true\n")
        monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
        backend = "import os\nwith open(os.environ['CARGO_HOME'] + '/config.toml') as file:\n    print(file.read())\n"
        backend += "open(os.environ['CARGO_HOME'] + '/registry', 'w').close()\n"
        put(build_sdist("demo", "1.0", more={"backend.py": backend + BACKEND}))
        _, messages = install(options, "demo")
        assert {"type": "output", "text": "offline = true"} in messages
        assert os.listdir(tmp_path / "cargo") == ["config.toml"]

    def test_config_settings(self, options, put) -> None:
        put(build_sdist("demo", "1.0"))
        options["config_settings"] = {"key": ["a", "b"]}
        assert "settings = [('key', ['a', 'b'])]" in install(options, "demo")[0]["demo.py"]

    def test_build_constraints(self, options, put, tmp_path: Path) -> None:
        backend = "import os, inner, outer\nos.environ['SEEN'] = outer.version + inner.version\n"
        backend += "\n".join(BACKEND.splitlines()).replace("settings = {settings}", "seen = {os.environ['SEEN']!r}")
        for version in ("1", "2"):
            put(build_wheel("inner", version, {"inner.py": f"version = {version!r}"}))
            more = {"outer.py": f"version = {version!r}"}
            put(build_sdist("outer", version, requires=["inner"], build_requires=["inner<3"], more=more))
        put(build_sdist("demo", "1.0", requires=["inner"], build_requires=["outer"], more={"backend.py": backend}))
        (tmp_path / "b.txt").write_text("outer<2\ninner<2\n")
        files, _ = install({**options, "build_constraint_files": [str(tmp_path / "b.txt")]}, "demo")
        assert "seen = '11'" in files["demo.py"]
        assert "inner-2.dist-info/METADATA" in files

    def test_what_a_build_requires_and_cannot_have(self, options, put) -> None:
        put(build_sdist("demo", "1.0", build_requires=["inner>2", "outer"]), build_wheel("inner", "2"))
        put(build_wheel("outer", "1", requires=["inner<2"]), build_wheel("inner", "1"))
        with pytest.raises(BuildRequirementsUnmet, match=r"What demo-1\.0\.tar\.gz requires to be built") as caught:
            install(options, "demo")
        assert "inner>2" in caught.value.reason
        assert "--build-constraint" in caught.value.hint
        put(build_wheel("inner", "3"))
        with pytest.raises(BuildRequirementsUnmet, match=r"its build asks for inner>2\n  - outer 1 needs inner<2"):
            install(options, "demo")

    def test_config_settings_of_one_requirement(self, options, put, tmp_path: Path) -> None:
        put(build_sdist("demo", "1.0"), build_sdist("other", "1.0"))
        (tmp_path / "reqs.txt").write_text("demo -C key=b\nother\n")
        files, _ = install(
            {**options, "requirement_files": [str(tmp_path / "reqs.txt")], "config_settings": {"c": "d"}}
        )
        assert "settings = [('c', 'd'), ('key', 'b')]" in files["demo.py"]
        assert "settings = [('c', 'd')]" in files["other.py"]

    def test_metadata_that_an_sdist_promises_are_believed(self, options, put) -> None:
        text = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nRequires-Dist: other\n"
        put(build_sdist("demo", "1.0", requires=["other"], more={"PKG-INFO": text}), build_wheel("other", "1"))
        outcome = session.install(InstallOptions(["demo"], **options, dry_run=True), lambda _: None)
        assert outcome.report is not None
        names = [item["metadata"]["name"] for item in outcome.report["install"]]
        assert sorted(names) == ["demo", "other"]

    @pytest.mark.parametrize("header", ["Metadata-Version: 2.1\n", "Metadata-Version: 2.2\nDynamic: Requires-Dist\n"])
    def test_and_those_that_it_does_not_are_not(self, options, put, header: str) -> None:
        text = f"{header}Name: demo\nVersion: 1.0\n"
        put(build_sdist("demo", "1.0", requires=["other"], more={"PKG-INFO": text}), build_wheel("other", "1"))
        assert "other/__init__.py" in install(options, "demo")[0]


class TestDirectly:
    def test_a_directory(self, options, tmp_path: Path) -> None:
        project = write_project(tmp_path / "tree", "demo", "3")
        before = sorted(project.rglob("*"))
        candidate, wheel = built(options, directory(project))
        assert (candidate.name, str(candidate.version)) == (canonicalize_name("demo"), "3")
        assert wheel.filename == "demo-3-py3-none-any.whl"
        assert sorted(project.rglob("*")) == before

    def test_a_directory_as_a_requirement(self, options, put, tmp_path: Path) -> None:
        project = write_project(tmp_path / "tree", "demo", "3", requires=["other"])
        put(build_wheel("other", "1"))
        files, _ = install(options, str(project))
        assert "other/__init__.py" in files
        assert json.loads(files["demo-3.dist-info/direct_url.json"]) == {"url": project.as_uri(), "dir_info": {}}
        with pytest.raises(NoMatchingVersion, match="wrong, and tree is demo"):
            install(options, f"wrong @ {project.as_uri()}")

    def test_an_archive_with_a_hash(self, options, tmp_path: Path) -> None:
        filename, content = build_sdist("demo", "1.0")
        (tmp_path / filename).write_bytes(content)
        address = f"{(tmp_path / filename).as_uri()}#sha256="
        assert "demo.py" in install(options, address + hashlib.sha256(content).hexdigest())[0]
        with pytest.raises(HashMismatch):
            install(options, address + "0" * 64)

    def test_a_subdirectory(self, options, tmp_path: Path) -> None:
        write_project(tmp_path / "tree" / "deep" / "er", "demo", "3")
        assert built(options, directory(tmp_path / "tree", subdirectory="deep/er"))[1].version == "3"
        for wrong in ("deep/no", "../..", "/"):
            with pytest.raises(SourceRefused, match="it has no directory"):
                built(options, directory(tmp_path / "tree", subdirectory=wrong))

    def test_an_editable_directory(self, options, tmp_path: Path) -> None:
        options["build_dir"] = str(tmp_path)  # which is for builds of copies
        project = write_project(tmp_path / "tree", "demo", "3")
        if not _in_memory():
            with pytest.raises(BuildUnavailable):
                built(options, directory(project, editable=True))
            return
        _, wheel = built(options, directory(project, editable=True))
        assert wheel.read("demo.pth").decode() == f"{project}\n"


class TestRepositories:
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        from dulwich import porcelain

        project = write_project(tmp_path / "repository", "demo", "1.0")
        people = {"author": b"Nobody <nobody@example.org>", "committer": b"Nobody <nobody@example.org>"}
        with porcelain.init(str(project)) as made:
            porcelain.add(made, [str(path) for path in project.iterdir() if path.is_file()])
            porcelain.commit(made, message=b"one", **people)
            porcelain.tag_create(made, b"v1", objectish="HEAD")
            (project / "project.txt").write_text("demo\n2.0")
            porcelain.add(made, [str(project / "project.txt")])
            porcelain.commit(made, message=b"two", **people)
        return project

    def address(self, repository: Path, revision: str = "") -> str:
        return f"git+{repository.as_uri()}{revision}"

    def test_the_default_branch(self, options, repository: Path) -> None:
        files, _ = install(options, self.address(repository))
        direct = json.loads(files["demo-2.0.dist-info/direct_url.json"])
        assert direct["url"] == repository.as_uri()
        assert direct["vcs_info"]["vcs"] == "git"
        assert len(direct["vcs_info"]["commit_id"]) == 40

    def test_a_tag_and_a_commit(self, options, repository: Path) -> None:
        files, _ = install(options, f"demo @ {self.address(repository, '@v1')}")
        direct = json.loads(files["demo-1.0.dist-info/direct_url.json"])["vcs_info"]
        assert direct["requested_revision"] == "v1"
        again, _ = install(options, self.address(repository, f"@{direct['commit_id']}"))
        assert "demo-1.0.dist-info/METADATA" in again

    def test_a_ref_by_its_full_name(self, options, repository: Path) -> None:
        from dulwich.repo import Repo

        with Repo(str(repository)) as made:
            made.refs[b"refs/pull/1/head"] = made.refs[b"refs/tags/v1"]
            branch = made.refs.follow(b"HEAD")[0][1].decode()
        for ref, version in (("refs/pull/1/head", "1.0"), ("refs/tags/v1", "1.0"), (branch, "2.0")):
            assert f"demo-{version}.dist-info/METADATA" in install(options, self.address(repository, f"@{ref}"))[0]
        with pytest.raises(SourceRefused, match="it has no branch, tag or commit 'refs/pull/2/head'"):
            install(options, self.address(repository, "@refs/pull/2/head"))

    def test_a_branch_and_a_tag_that_are_called_like_a_commit(self, options, repository: Path) -> None:
        from dulwich import porcelain

        files, _ = install(options, self.address(repository, "@v1"))
        first = json.loads(files["demo-1.0.dist-info/direct_url.json"])["vcs_info"]["commit_id"]
        for create in (porcelain.branch_create, porcelain.tag_create):
            create(str(repository), first.encode())  # both lead to the second commit
            assert "demo-1.0.dist-info/METADATA" in install(options, self.address(repository, f"@{first}"))[0]
            create(str(repository), b"0" * 40)
            with pytest.raises(SourceRefused, match="it has no branch, tag or commit '0000"):
                install(options, self.address(repository, f"@{'0' * 40}"))

    def test_what_is_not_there(self, options, repository: Path, tmp_path: Path) -> None:
        with pytest.raises(SourceRefused, match="it has no branch, tag or commit 'v9'"):
            install(options, self.address(repository, "@v9"))
        with pytest.raises(SourceRefused, match="it cannot be cloned"):
            install(options, self.address(tmp_path / "missing"))


class TestErrors:
    def test_a_backend_that_fails(self, options, put) -> None:
        put(build_sdist("demo", "1.0", more={"backend.py": BACKEND + "\nprint('why'); raise SystemExit(3)\n"}))
        with pytest.raises(BuildFailed) as caught:
            install(options, "demo")
        assert caught.value.source == "demo-1.0.tar.gz"
        assert "why" in caught.value.output

    def test_a_hook_that_fails(self, options, put) -> None:
        hook = "\ndef build_wheel(*a, **k):\n    print('so many lines\\n' * 20); raise RuntimeError('broken hook')\n"
        put(build_sdist("demo", "1.0", more={"backend.py": BACKEND + hook}))
        with pytest.raises(BuildFailed, match=r"Building demo-1\.0\.tar\.gz failed in build_wheel:") as caught:
            install(options, "demo")
        assert "broken hook" in str(caught.value)
        assert str(caught.value).count("so many lines") < 20 <= caught.value.output.count("so many lines")

    def test_no_backend(self, options, put) -> None:
        pyproject = '[build-system]\nrequires = []\nbuild-backend = "nowhere"\n'
        put(build_sdist("demo", "1.0", more={"pyproject.toml": pyproject}))
        with pytest.raises(BuildFailed, match="the backend cannot be imported"):
            install(options, "demo")

    def test_no_project(self, options, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(SourceRefused, match=r"neither a pyproject\.toml nor a setup\.py"):
            built(options, directory(tmp_path / "empty"))

    def test_a_cycle(self, options, put) -> None:
        put(build_sdist("a", "1", build_requires=["b"]), build_sdist("b", "1", build_requires=["a"]))
        with pytest.raises(BuildCycle, match=r"a-1\.tar\.gz needs b-1\.tar\.gz needs a-1\.tar\.gz"):
            install(options, "a")

    def test_another_version_than_promised(self, options, put) -> None:
        put((build_sdist("demo", "1.0")[0], build_sdist("demo", "2.0")[1]))
        with pytest.raises(NoMatchingVersion, match=r"its metadata is of version 2\.0"):
            install(options, "demo")

    def test_a_build_directory_that_is_not_there(self, options, put, tmp_path: Path) -> None:
        put(build_sdist("demo", "1.0"))
        options["build_dir"] = str(tmp_path / "missing")
        with pytest.raises(BuildUnavailable, match="No such file or directory") as caught:
            install(options, "demo")
        assert "--build-dir" in caught.value.hint


def test_a_build_directory_is_left_as_it_was(options, put, tmp_path: Path) -> None:
    put(build_sdist("demo", "1.0"))
    options["build_dir"] = str(tmp_path / "scratch")
    assert "demo.py" in install(options, "demo")[0]
    assert os.listdir(tmp_path / "scratch") == []


def test_only_a_few_builds_wait(options, put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "MOST_WAITING", 1)
    put(build_sdist("a", "1", requires=["b"]), build_sdist("b", "1", requires=["c"]), build_sdist("c", "1"))
    assert {"a.py", "b.py", "c.py"} <= set(install(options, "a")[0])
