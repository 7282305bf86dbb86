"""Installations by a real installer process from an index on loopback: what arrives, and every error a user meets."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip import errors
from mempip.options import InstallOptions
from mempip.runtime import finder
from mempip.runtime.environment import Environment
from mempip.store import client, process
from tests.support.index_server import Behaviour, Fault, IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILES = {"made_for_test/__init__.py": "answer = 42\n"}


@pytest.fixture
def wheels(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that puts made-up wheels into a directory and returns it."""

    def write(*made: tuple[str, bytes]) -> Path:
        for filename, data in made:
            (tmp_path / filename).write_bytes(data)
        return tmp_path

    return write


@pytest.fixture
def serve(wheels: Callable[..., Path]) -> Iterator[Callable[..., IndexServer]]:
    """Return a function that starts an index on loopback with made-up wheels."""
    running: list[IndexServer] = []

    def start(*made: tuple[str, bytes], **behaviour: Any) -> IndexServer:
        server = IndexServer(wheels(*made), Behaviour(**behaviour))
        server.__enter__()
        running.append(server)
        return server

    yield start
    for server in running:
        server.__exit__(None, None, None)


class TestInstall:
    def test_from_an_index(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(build_wheel("made", "1.0", FILES, requires=["needed>=2"]), build_wheel("needed", "2.1"))
        seen: list[dict[str, Any]] = []
        with mempip.install("made", index_url=server.url, progress=seen.append) as environment:
            assert [(row.name, row.version, row.requested) for row in environment.distributions] == [
                ("needed", "2.1", False),
                ("made", "1.0", True),
            ]
            import made_for_test  # type: ignore[import-not-found]

            assert made_for_test.answer == 42
            assert {message["phase"] for message in seen} == {"resolve", "download"}
            assert all(len(row.sha256) == 64 for row in environment.distributions)

    def test_from_a_directory(self, wheels: Callable[..., Path]) -> None:
        directory = wheels(build_wheel("made", "1.0"))
        with mempip.install("made", no_index=True, find_links=[str(directory)]):
            assert mempip.freeze() == ["made==1.0"]

    def test_a_wheel_by_its_path(self, wheels: Callable[..., Path]) -> None:
        name, data = build_wheel("made", "1.0")
        path = wheels((name, data)) / name
        with mempip.install(str(path), no_index=True) as environment:
            assert mempip.freeze() == [f"made @ {path.as_uri()}"]
            assert b'"url"' in environment.read(f"{environment.root}/made-1.0.dist-info/direct_url.json")

    def test_from_pips_variables(self, serve: Callable[..., IndexServer], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PIP_INDEX_URL", serve(build_wheel("made", "1.0")).url)
        with mempip.install("made"):
            assert mempip.freeze() == ["made==1.0"]

    def test_pips_dry_run_variable_is_for_its_command(
        self, serve: Callable[..., IndexServer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PIP_DRY_RUN", "1")
        with mempip.install("made", index_url=serve(build_wheel("made", "1.0")).url):
            assert mempip.freeze() == ["made==1.0"]

    def test_one_address_may_be_a_string(self, wheels: Callable[..., Path]) -> None:
        directory = str(wheels(build_wheel("made", "1.0")))
        with mempip.install("made", no_index=True, find_links=directory):
            assert mempip.freeze() == ["made==1.0"]

    def test_a_path_entry_that_is_no_string(
        self, serve: Callable[..., IndexServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(sys, "path", [*sys.path, tmp_path])
        with mempip.install("made", index_url=serve(build_wheel("made", "1.0")).url):
            assert mempip.freeze() == ["made==1.0"]

    def test_without_dependencies(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(build_wheel("made", "1.0", requires=["absent"]))
        with mempip.install("made", index_url=server.url, no_deps=True):
            assert mempip.freeze() == ["made==1.0"]

    def test_what_is_in_memory_is_kept(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(build_wheel("base", "1"), build_wheel("base", "2"), build_wheel("more", "1", requires=["base"]))
        with mempip.install("base==1", index_url=server.url), mempip.install("more", index_url=server.url) as second:
            assert [row.name for row in second.distributions] == ["more"]
            assert mempip.freeze() == ["base==1", "more==1"]
            with mempip.install("base", index_url=server.url, upgrade=True):
                assert mempip.freeze() == ["base==2", "more==1"]

    def test_nothing_to_install(self, serve: Callable[..., IndexServer]) -> None:
        with mempip.install(index_url=serve().url) as environment:
            assert environment.distributions == []
            assert not environment.active
            assert environment.image.descriptors == []

    def test_a_dry_run_reports_and_downloads_nothing(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(build_wheel("made", "1.0", FILES, extras={"x": ["needed"]}), build_wheel("needed", "2.1"))
        report = mempip.resolve("made[x]", index_url=server.url)
        rows = {item["metadata"]["name"]: item for item in report["install"]}
        assert report["version"] == "1"
        assert rows["made"]["requested_extras"] == ["x"]
        assert rows["made"]["requested"]
        assert not rows["needed"]["requested"]
        assert rows["needed"]["download_info"]["archive_info"]["hash"].startswith("sha256=")
        assert report["environment"]["python_full_version"].startswith("3.")
        assert mempip.list() == []

    def test_warnings_arrive(self, serve: Callable[..., IndexServer]) -> None:
        seen: list[dict[str, Any]] = []
        with mempip.install("made[nothing]", index_url=serve(build_wheel("made", "1")).url, progress=seen.append):
            assert any("no extra named 'nothing'" in message.get("text", "") for message in seen)

    def test_warnings_are_pythons_if_nobody_listens(self, serve: Callable[..., IndexServer]) -> None:
        url = serve(build_wheel("made", "1")).url
        with pytest.warns(UserWarning, match="no extra named 'nothing'") as caught:
            mempip.install("made[nothing]", index_url=url).close()
        assert caught[0].filename == __file__

    def test_nothing_of_the_installer_is_imported_here(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(build_wheel("packaging", "21.3", {"packaging/__init__.py": "__version__ = '21.3'\n"}))
        program = (
            "import sys, mempip\n"
            f"mempip.install('packaging==21.3', index_url={server.url!r})\n"
            "import packaging\n"
            "print(packaging.__version__, sorted({'httpx', 'resolvelib', 'elftools', 'anyio'} & set(sys.modules)))\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "21.3 []\n"


class TestErrors:
    """Each leaves nothing half active."""

    @pytest.fixture(autouse=True)
    def _nothing_is_active(self) -> Iterator[None]:
        path, open_before = list(sys.path), len(os.listdir("/proc/self/fd"))
        yield
        assert sys.path == path
        assert finder.ENVIRONMENTS == {}
        assert mempip.list() == []
        assert len(os.listdir("/proc/self/fd")) <= open_before + 2  # the index server's own

    def refuse(self, kind: type[errors.MempipError], *requirements: str, **options: Any) -> Any:
        options.setdefault("retries", 0)
        options.setdefault("timeout", 2)
        with pytest.raises(kind) as caught:
            mempip.install(*requirements, **options)
        assert caught.value.hint
        return caught.value

    def test_unknown_project(self, serve: Callable[..., IndexServer]) -> None:
        error = self.refuse(errors.ProjectNotFound, "nowhere", index_url=serve(build_wheel("made", "1")).url)
        assert error.project == "nowhere"

    def test_no_version_for_this_python(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(build_wheel("made", "1", requires_python=">=3.99"))
        error = self.refuse(errors.NoMatchingVersion, "made", index_url=server.url)
        assert "3.99" in str(error)

    def test_no_wheel_for_this_platform(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(build_wheel("made", "1", tag="cp39-cp39-win_arm64"))
        error = self.refuse(errors.NoMatchingVersion, "made", index_url=server.url)
        assert "win_arm64" in str(error)
        assert f"cp3{sys.version_info[1]}" in str(error)

    def test_no_such_version(self, serve: Callable[..., IndexServer]) -> None:
        error = self.refuse(errors.NoMatchingVersion, "made>=7", index_url=serve(build_wheel("made", "1")).url)
        assert "made>=7" in str(error)

    def test_conflict(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(
            build_wheel("made", "1", requires=["base<2"]), build_wheel("base", "1"), build_wheel("base", "2")
        )
        error = self.refuse(errors.ResolutionImpossible, "made", "base>=2", index_url=server.url)
        assert "base<2" in str(error)
        assert "base>=2" in str(error)

    def test_invalid_requirement(self, serve: Callable[..., IndexServer]) -> None:
        error = self.refuse(errors.InvalidRequirement, "numpy=1.2", index_url=serve().url)
        assert error.requirement == "numpy=1.2"

    def test_wrong_hash(self, serve: Callable[..., IndexServer]) -> None:
        name, data = build_wheel("made", "1")
        server = serve((name, data))
        wrong = hashlib.sha256(b"other").hexdigest()
        error = self.refuse(
            errors.HashMismatch, f"made @ {server.root}/files/{name}#sha256={wrong}", index_url=server.url
        )
        assert (error.filename, error.expected, error.actual) == (name, wrong, hashlib.sha256(data).hexdigest())

    def test_a_wrong_hash_of_a_weak_kind(self, serve: Callable[..., IndexServer]) -> None:
        name, data = build_wheel("made", "1")
        page = f'<a href="/files/{name}#md5={"0" * 32}">{name}</a>'
        server = serve((name, data), pages={"/simple/made/": ("text/html", page.encode())})
        error = self.refuse(errors.HashMismatch, "made", index_url=server.url)
        assert error.algorithm == "md5"

    def test_an_index_cannot_name_local_files(
        self, serve: Callable[..., IndexServer], wheels: Callable[..., Path]
    ) -> None:
        name, data = build_wheel("made", "1")
        path = wheels((name, data)) / name
        page = f'<a href="{path.as_uri()}">{name}</a>'
        server = serve(pages={"/simple/made/": ("text/html", page.encode())})
        self.refuse(errors.NoMatchingVersion, "made", index_url=server.url)

    def test_a_wheel_that_requires_something_else_than_announced(self, serve: Callable[..., IndexServer]) -> None:
        name, data = build_wheel("made", "1", requires=["needed"])
        page = f'<a href="/files/{name}" data-core-metadata="true">{name}</a>'
        announced = b"Metadata-Version: 2.1\nName: made\nVersion: 1\n\n"
        server = serve(
            (name, data),
            pages={"/simple/made/": ("text/html", page.encode()), f"/files/{name}.metadata": ("text/plain", announced)},
        )
        error = self.refuse(errors.WheelRefused, "made", index_url=server.url)
        assert error.member == "made-1.dist-info/METADATA"

    def test_a_wheel_that_is_no_zip(self, wheels: Callable[..., Path]) -> None:
        directory = wheels(("made-1-py3-none-any.whl", b"<html>"))
        error = self.refuse(errors.NoMatchingVersion, "made", no_index=True, find_links=[str(directory)])
        assert "made-1-py3-none-any.whl: it is not a zip archive" in str(error)

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    @pytest.mark.parametrize(
        "fault",
        [
            {"members": [("../evil.py", b"x")]},
            {"members": [("made/__init__.py", b"x")]},
            {"record_omits": ["made/__init__.py"]},
            {"record_hashes": {"made/__init__.py": "sha256=" + "A" * 43}},
            {"record_sizes": {"made/__init__.py": 1}},
            {"files": {"bomb": bytes(300 << 20)}},
        ],
    )
    def test_hostile_and_broken_wheels(self, wheels: Callable[..., Path], fault: dict[str, Any]) -> None:
        directory = wheels(build_wheel("made", "1", **fault))
        error = self.refuse(errors.WheelRefused, "made", no_index=True, find_links=[str(directory)])
        assert error.member

    def test_two_wheels_that_disagree_about_a_directory(self, wheels: Callable[..., Path]) -> None:
        directory = wheels(build_wheel("one", "1", {"thing": "x"}), build_wheel("two", "1", {"thing/x.py": ""}))
        error = self.refuse(errors.WheelRefused, "one", "two", no_index=True, find_links=[str(directory)])
        assert error.member == "thing"
        assert "one-1" in str(error)
        assert "two-1" in str(error)

    def test_index_down(self) -> None:
        error = self.refuse(errors.IndexUnavailable, "made", index_url="http://127.0.0.1:9/simple/")
        assert "127.0.0.1:9" in error.url

    def test_index_failing(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(faults={"/simple/made/": [Fault(status=500)]})
        error = self.refuse(errors.IndexUnavailable, "made", index_url=server.url)
        assert "500" in error.reason

    def test_index_redirecting_to_another_scheme(self, serve: Callable[..., IndexServer]) -> None:
        server = serve(faults={"/simple/made/": [Fault(redirect="file:///etc/passwd")]})
        error = self.refuse(errors.RedirectRefused, "made", index_url=server.url)
        assert error.target == "file:///etc/passwd"

    @pytest.mark.parametrize("hard", ["resource.getrlimit(resource.RLIMIT_NOFILE)[1]", "40"])
    def test_too_few_descriptors(self, serve: Callable[..., IndexServer], hard: str) -> None:
        made = [build_wheel(f"made{number}", "1") for number in range(60)]
        names = [f"made{number}" for number in range(60)]
        program = (
            "import resource, mempip, sys\n"
            f"resource.setrlimit(resource.RLIMIT_NOFILE, (40, {hard}))\n"
            f"try: mempip.install(*{names!r}, index_url={serve(*made).url!r})\n"
            "except mempip.MempipError as error: print(type(error).__name__, error.hint, len(mempip.list()))\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("DescriptorLimit Raise it, for example with 'ulimit -n ")
        assert done.stdout.endswith(" 0\n")

    def test_unknown_adapter(self, serve: Callable[..., IndexServer]) -> None:
        error = self.refuse(errors.NativeUnavailable, "made", index_url=serve().url, adapter="floppy")
        assert "floppy" in str(error)

    def test_no_interpreter_to_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/nonexistent/python")
        with pytest.raises(errors.InstallerFailed, match="could not be started"):
            mempip.install("made")

    @pytest.mark.parametrize("executable", ["", None])
    def test_no_known_interpreter(self, monkeypatch: pytest.MonkeyPatch, executable: str | None) -> None:
        monkeypatch.setattr(sys, "executable", executable)
        with pytest.raises(errors.InstallerFailed, match=r"sys\.executable is empty"):
            mempip.install("made")

    def test_an_installer_that_ends_before_it_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def ended(_: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
            ours, theirs = socket.socketpair()
            theirs.close()
            return subprocess.Popen([sys.executable, "-S", "-c", "raise SystemExit(3)"]), ours

        monkeypatch.setattr(process, "start", ended)
        with pytest.raises(errors.InstallerFailed, match="ended with status 3 without an answer"):
            mempip.install("made")

    def test_requirements_that_are_no_strings(self) -> None:
        with pytest.raises(TypeError, match=r"not list; .* \*requirements"):
            mempip.install(["made"])  # type: ignore[arg-type]

    def test_a_refused_environment_keeps_no_descriptor(
        self, serve: Callable[..., IndexServer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[Environment] = []

        def refuse(self: Environment) -> None:
            seen.append(self)
            raise errors.AlreadyImported("made", "0.9", "1.0")

        monkeypatch.setattr(Environment, "activate", refuse)
        with pytest.raises(errors.AlreadyImported):
            mempip.install("made", index_url=serve(build_wheel("made", "1.0")).url)
        assert seen[0].image.descriptors == []

    def test_an_installer_that_dies(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "_BOOTSTRAP", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        with pytest.raises(errors.InstallerFailed, match=f"signal {signal.SIGKILL}"):
            mempip.install("made")

    def test_an_installer_that_ends_early(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "_BOOTSTRAP", "raise SystemExit(3)")
        with pytest.raises(errors.InstallerFailed, match="status 3"):
            mempip.install("made")

    def test_a_fault_of_the_installer_comes_with_its_traceback(self, serve: Callable[..., IndexServer]) -> None:
        options = InstallOptions(["made"], index_url=serve().url)
        options.trusted_hosts = 1  # type: ignore[assignment]
        with pytest.raises(errors.InstallerFailed) as caught:
            client.install(options)
        assert "Traceback" in caught.value.details


def test_interrupting_ends_the_installer(serve: Callable[..., IndexServer]) -> None:
    server = serve(build_wheel("made", "1"), latency=30)
    processes: list[subprocess.Popen[bytes]] = []
    start = process.start

    def remember(module: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
        started = start(module)
        processes.append(started[0])
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        return started

    process.start = remember
    try:
        with pytest.raises(KeyboardInterrupt):
            mempip.install("made", index_url=server.url)
    finally:
        process.start = start
    assert processes[0].returncode is not None


def test_wheels_are_kept_verbatim(serve: Callable[..., IndexServer]) -> None:
    name, data = build_wheel("made", "1")
    with mempip.install("made", index_url=serve((name, data)).url) as environment:
        assert os.pread(environment.image.descriptors[1], len(data) + 1, 0) == data
