"""The mount view: a directory that the kernel knows, beside one on disk; and what happens where there can be none."""

from __future__ import annotations

import ctypes
import errno
import importlib
import importlib.metadata
import importlib.resources
import inspect
import os
import pickle
import pkgutil
import resource
import runpy
import shutil
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mempip
import mempip_native
from mempip.errors import (
    AlreadyImported,
    DescriptorLimit,
    InvalidImage,
    MempipError,
    NotEnoughMemory,
    UsageError,
    ViewUnavailable,
)
from mempip.runtime import mount, views
from mempip.runtime.environment import KNOWN, Environment
from mempip_native.errors import AdapterUnavailable, HelperDied
from tests.runtime.test_files import FILES, QUESTIONS, answers
from tests.support.children import in_child
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel, executable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65534
PROBE = mempip_native.trees.probe()

viable = pytest.mark.skipif(not PROBE.ok, reason=f"no directory in memory here: {PROBE.reason}")


def mounted(*wheels: tuple[str, bytes]) -> Environment:
    env = environment(*wheels, files="mount")
    env.activate()
    return env


@pytest.fixture
def env() -> Iterator[Environment]:
    env = mounted(build_wheel("made", "1.0", FILES, entry_points="[made]\nentry = pkg:x\n"))
    yield env
    env.close()


@pytest.fixture
def disk(tmp_path: Path) -> str:
    """The same tree on a disk."""
    for name, content in FILES.items():
        path = tmp_path / "disk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(tmp_path / "disk")


@viable
class TestAsOnDisk:
    @pytest.mark.parametrize("question", QUESTIONS)
    def test_answers(self, question: str, env: Environment, disk: str) -> None:
        assert answers(question, env.root) == answers(question, disk)

    def test_status(self, env: Environment) -> None:
        file, directory = os.stat(f"{env.root}/pkg/data.txt"), os.stat(f"{env.root}/pkg")
        assert (file.st_mode, directory.st_mode) == (stat.S_IFREG | 0o444, stat.S_IFDIR | 0o555)
        entry = env.image.find("pkg/data.txt")
        assert entry is not None
        assert file.st_mtime == entry.mtime
        assert {os.stat(top).st_mtime_ns for top, _, _ in os.walk(env.root)} == {env.image.mtime_ns}
        assert file.st_uid == os.geteuid()

    def test_a_umask_takes_nothing_away(self) -> None:
        before = os.umask(0o077)
        try:
            env = mounted(build_wheel("made", "1.0", FILES))
        finally:
            assert os.umask(before) == 0o077
        assert os.stat(f"{env.root}/pkg/data.txt").st_mode == stat.S_IFREG | 0o444

    @pytest.mark.parametrize(
        "change",
        [
            lambda root: Path(root, "new").write_text("x"),
            lambda root: os.mkdir(f"{root}/pkg/__pycache__"),
            lambda root: os.open(f"{root}/pkg/data.txt", os.O_APPEND | os.O_WRONLY),
            lambda root: os.truncate(f"{root}/pkg/data.txt", 0),
            lambda root: os.chmod(f"{root}/pkg/data.txt", 0o777),
            lambda root: os.utime(f"{root}/pkg/data.txt"),
            lambda root: os.rename(f"{root}/pkg", f"{root}/moved"),
            lambda root: os.unlink(f"{root}/pkg/data.txt"),
            lambda root: os.open(f"{root}/..", os.O_TMPFILE | os.O_RDWR),
        ],
    )
    def test_nothing_changes_it(self, change: Callable[[str], object], env: Environment) -> None:
        with pytest.raises(OSError, match="Read-only") as caught:
            change(env.root)
        assert caught.value.errno == errno.EROFS

    def test_executables_run(self) -> None:
        env = mounted(build_wheel("made", "1.0", FILES, **executable("tool", b"#!/bin/sh\necho ran $1\n")))  # type: ignore[arg-type]
        assert os.stat(f"{env.root}/tool").st_mode == stat.S_IFREG | 0o555
        kept = {"pass_fds": [env.view.descriptors()[0]]}
        done = subprocess.run([f"{env.root}/tool", "well"], capture_output=True, text=True, **kept)  # type: ignore[call-overload]
        assert done.stdout == "ran well\n"
        assert os.system(f"{env.root}/tool >/dev/null") == 0

    def test_code_in_c_opens_its_files(self, env: Environment) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        opened = libc.open(os.fsencode(f"{env.root}/pkg/sub/deep.bin"), os.O_RDONLY)
        assert os.read(opened, 9999) == FILES["pkg/sub/deep.bin"]
        os.close(opened)

    def test_a_directory_can_be_the_current_one_but_has_no_name(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir("/")
        os.chdir(f"{env.root}/pkg")
        assert Path("data.txt").exists()
        with pytest.raises(FileNotFoundError):
            os.getcwd()

    def test_what_the_kernel_calls_it(self, env: Environment) -> None:
        name = os.readlink(os.path.dirname(env.root))
        assert name.startswith("/mempip/")
        assert not os.path.exists(name)

    def test_a_copy(self, env: Environment, tmp_path: Path) -> None:
        shutil.copytree(f"{env.root}/pkg", tmp_path / "copy", copy_function=shutil.copyfile)
        assert (tmp_path / "copy" / "sub" / "deep.bin").read_bytes() == FILES["pkg/sub/deep.bin"]
        for top, _, _ in os.walk(tmp_path / "copy"):
            os.chmod(top, 0o755)


@viable
class TestImport:
    def test_modules_are_the_stock_import_system_s(self) -> None:
        env = mounted(build_wheel("made", "1.0", {"stock_pkg/__init__.py": "", "stock_pkg/sub.py": "def f(): pass\n"}))
        sub = importlib.import_module("stock_pkg.sub")
        assert sub.__file__ == f"{env.root}/stock_pkg/sub.py"
        assert type(sub.__spec__.loader) is importlib.machinery.SourceFileLoader  # type: ignore[union-attr]
        assert type(sys.path_importer_cache[env.root]) is importlib.machinery.FileFinder
        assert inspect.getsource(sub) == "def f(): pass\n"
        assert inspect.getmodule(sub.f) is sub
        assert [module.name for module in pkgutil.iter_modules([f"{env.root}/stock_pkg"])] == ["sub"]
        assert pkgutil.get_data("stock_pkg", "sub.py") == b"def f(): pass\n"
        assert runpy.run_path(f"{env.root}/stock_pkg/sub.py")["f"]
        assert not os.path.exists(f"{env.root}/stock_pkg/__pycache__")

    def test_metadata(self, env: Environment) -> None:
        assert importlib.metadata.version("made") == "1.0"
        assert {str(file) for file in importlib.metadata.files("made") or ()} >= set(FILES)
        assert [point.value for point in importlib.metadata.entry_points(group="made")] == ["pkg:x"]
        assert mempip.freeze() == ["made==1.0"]
        assert mempip.show("made")["Location"] == env.root

    def test_resources(self) -> None:
        mounted(build_wheel("made", "1.0", {"res_pkg/__init__.py": "", "res_pkg/dir/data": "d"}))
        directory = importlib.resources.files("res_pkg") / "dir"
        assert (directory / "data").read_bytes() == b"d"
        with importlib.resources.as_file(directory) as path:
            assert os.listdir(path) == ["data"]

    def test_another_version_that_is_in_use_is_refused(self) -> None:
        first = mounted(build_wheel("made", "1.0", {"twice.py": ""}))
        importlib.import_module("twice")
        second = environment(build_wheel("made", "2.0", {"twice.py": ""}), files="mount")
        with pytest.raises(AlreadyImported, match=r"made 1\.0 is already imported"):
            second.activate()
        assert list(KNOWN.values()) == [first]
        second.close()

    def test_beside_an_overlay(self) -> None:
        one = mounted(build_wheel("one", "1.0", {"beside_one.py": "", "ns/one.py": ""}))
        two = environment(build_wheel("two", "1.0", {"beside_two.py": "", "ns/two.py": ""}))
        two.activate()
        assert importlib.import_module("beside_one").__file__ == f"{one.root}/beside_one.py"
        assert importlib.import_module("beside_two").__file__ == f"{two.root}/beside_two.py"
        assert set(importlib.import_module("ns").__path__) == {f"{one.root}/ns", f"{two.root}/ns"}
        assert os.path.realpath(f"{two.root}/ns") == f"{two.root}/ns"
        assert mempip.freeze() == ["one==1.0", "two==1.0"]


@viable
class TestUninstall:
    def test_another_tree_takes_its_place(self) -> None:
        wheels = [build_wheel(name, "1.0", {f"gone_{name}.py": "", f"gone_{name}.txt": name}) for name in ("a", "b")]
        env = mounted(*wheels)
        kept = importlib.import_module("gone_a")
        before = os.stat(env.root)
        with open(f"{env.root}/gone_b.txt", "rb") as still_open:
            mempip.uninstall("b")
            assert still_open.read() == b"b"
        assert sorted(name for name in os.listdir(env.root) if name.startswith("gone")) == ["gone_a.py", "gone_a.txt"]
        assert os.stat(env.root).st_mtime_ns > before.st_mtime_ns
        assert os.path.realpath(kept.__file__ or "") == f"{env.root}/gone_a.py"
        assert os.get_inheritable(env.view.descriptors()[0])
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("gone_b")
        with pytest.raises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.version("b")
        assert mempip.freeze() == ["a==1.0"]

    def test_if_there_can_be_no_other_nothing_has_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        env = mounted(build_wheel("a", "1.0"), build_wheel("b", "1.0"))
        monkeypatch.setattr(mount.trees, "build", refusing(OSError(errno.ENOSPC, "no room")))
        before = os.listdir("/proc/self/fd")
        with pytest.raises(NotEnoughMemory):
            mempip.uninstall("b")
        assert mempip.freeze() == ["a==1.0", "b==1.0"]
        assert os.path.exists(f"{env.root}/b/__init__.py")
        assert os.listdir("/proc/self/fd") == before


@viable
class TestLifetime:
    def test_closed_it_is_gone(self) -> None:
        before = sorted(os.listdir("/proc/self/fd"))
        with mounted(build_wheel("made", "1.0", FILES)) as env:
            assert os.path.exists(env.root)
        assert not os.path.exists(env.root)
        assert env.root not in sys.path
        assert sorted(os.listdir("/proc/self/fd")) == before
        env.close()

    def test_a_number_never_comes_back(self) -> None:
        roots = []
        for _ in range(3):
            with mounted(build_wheel("made", "1.0")) as env:
                roots.append(env.root)
        assert len(set(roots)) == 3

    def test_never_activated(self) -> None:
        before = sorted(os.listdir("/proc/self/fd"))
        environment(build_wheel("made", "1.0"), files="mount").close()
        assert sorted(os.listdir("/proc/self/fd")) == before

    def test_imported_packages_go_on_importing(self) -> None:
        with mounted(build_wheel("made", "1.0", {"later_pkg/__init__.py": "", "later_pkg/lazy.py": "x = 7\n"})):
            importlib.import_module("later_pkg")
        assert importlib.import_module("later_pkg.lazy").x == 7

    def test_a_fork_shares_it(self, env: Environment) -> None:
        assert in_child(lambda: Path(f"{env.root}/pkg/data.txt").read_text("utf-8")) == FILES["pkg/data.txt"]

    def test_a_child_interpreter_opens_it_again(self, env: Environment) -> None:
        program = (
            "import sys; from mempip.runtime.environment import Environment\n"
            "descriptors, adapter, files, root = eval(sys.argv[1])\n"
            "Environment.open(descriptors, adapter, files, root).activate()\n"
            "import pkg, os, mempip; print(pkg.__file__, os.path.realpath(pkg.__file__), mempip.freeze())"
        )
        descriptors = [os.dup(descriptor) for descriptor in env.image.descriptors]
        number = env.view.descriptors()[0]
        arguments = repr((descriptors, "memfd", env.view.name, env.root))
        done = subprocess.run(
            [sys.executable, "-c", program, arguments],
            capture_output=True,
            text=True,
            pass_fds=[*descriptors, number],
            check=False,
        )
        for descriptor in descriptors:
            os.close(descriptor)
        assert done.stdout == f"{env.root}/pkg/__init__.py {env.root}/pkg/__init__.py ['made==1.0']\n", done.stderr

    def test_a_child_without_the_descriptor(self, env: Environment) -> None:
        with pytest.raises(OSError, match="Bad file descriptor"):
            views.inherited("/proc/self/fd/4095/site-packages")

    def test_in_a_program_with_threads(self) -> None:
        waiting = threading.Event()
        thread = threading.Thread(target=waiting.wait)
        thread.start()
        try:
            with mounted(build_wheel("made", "1.0", FILES)) as env:
                assert os.path.exists(f"{env.root}/pkg")
        finally:
            waiting.set()
            thread.join()

    def test_as_nobody(self) -> None:
        """Without rights it takes a user namespace, which this machine may refuse: then it says so."""

        def install() -> object:
            try:
                env = mounted(build_wheel("made", "1.0", FILES))
            except ViewUnavailable as error:
                return str(error)
            with pytest.raises(OSError, match="Read-only"):
                os.mkdir(f"{env.root}/new")
            return os.stat(f"{env.root}/pkg/data.txt").st_uid, os.listdir(f"{env.root}/pkg/sub")

        mount.check()  # as nobody, the helper could not import what is in root's home
        outcome = in_child(install, uid=0 if os.getuid() else NOBODY)
        assert outcome == (os.getuid() or NOBODY, outcome[1]) or "user namespace" in outcome  # type: ignore[index, operator]


@viable
class TestRealpath:
    def test_is_the_kernel_s_again_after_the_last(self) -> None:
        kernels = os.path.realpath
        with mounted(build_wheel("made", "1.0")) as one:
            assert os.path.realpath is not kernels
            with mounted(build_wheel("made", "1.0")):
                pass
            assert os.path.realpath(f"{one.root}/made") == f"{one.root}/made"
        assert os.path.realpath is kernels

    def test_of_other_paths(self, env: Environment, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(f"{env.root}/pkg")
        (tmp_path / "other").symlink_to(tmp_path)
        assert os.path.realpath(tmp_path / "link" / "data.txt") == f"{env.root}/pkg/data.txt"
        assert os.path.realpath(tmp_path / "other") == str(tmp_path)
        assert os.path.realpath(os.fsencode(f"{env.root}/pkg")) == os.fsencode(f"{env.root}/pkg")
        assert os.path.realpath(f"{env.root}/pkg/../pkg/./data.txt/") == f"{env.root}/pkg/data.txt"
        number = env.view.descriptors()[0]
        assert os.path.realpath(f"/proc/{os.getpid()}/fd/{number}/site-packages/pkg") == f"{env.root}/pkg"

    def test_strict(self, env: Environment, tmp_path: Path) -> None:
        assert os.path.realpath(f"{env.root}/pkg", strict=True) == f"{env.root}/pkg"
        assert Path(f"{env.root}/pkg/empty").resolve(strict=True) == Path(f"{env.root}/pkg/empty")
        for missing in (f"{env.root}/nothing", tmp_path / "nothing"):
            with pytest.raises(FileNotFoundError):
                os.path.realpath(missing, strict=True)

    def test_passes_for_the_original(self, env: Environment) -> None:
        assert pickle.loads(pickle.dumps(os.path.realpath)) is os.path.realpath
        assert list(inspect.signature(os.path.realpath).parameters) == ["filename", "strict"]
        with pytest.raises(TypeError):
            os.path.realpath(7)  # type: ignore[type-var]


def refusing(error: BaseException) -> Callable[..., int]:
    def refuse(*_: object) -> int:
        raise error

    return refuse


class TestRefusals:
    """What a program is told. Each of these is met for real in a container, too."""

    @pytest.mark.parametrize(
        ("error", "expected", "text"),
        [
            (AdapterUnavailable("a detached tmpfs cannot be made: EPERM"), ViewUnavailable, "'mount'.*EPERM"),
            (HelperDied(signal.SIGKILL), NotEnoughMemory, "0 MB of memory: the helper process died of signal 9"),
            (OSError(errno.ENOSPC, "no room"), NotEnoughMemory, "No space left"),
            (OSError(errno.ENOMEM, "no memory"), NotEnoughMemory, "Cannot allocate"),
            (OSError(errno.EMFILE, "too many"), DescriptorLimit, "descriptors are needed"),
            (OSError(errno.ENAMETOOLONG, "File name too long", "x"), ViewUnavailable, "too long: 'x'"),
            (InvalidImage("damaged"), InvalidImage, "damaged"),
        ],
    )
    def test_are_clear(
        self, error: BaseException, expected: type[MempipError], text: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mount.trees, "build", refusing(error))
        with pytest.raises(expected, match=text) as caught:
            environment(build_wheel("made", "1.0", FILES), files="mount")
        assert caught.value.hint

    def test_come_before_anything_is_fetched(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mount.trees, "build", refusing(AdapterUnavailable("forbidden")))
        monkeypatch.setattr("mempip.store.client.install", lambda *_: pytest.fail("it was asked for"))
        with pytest.raises(ViewUnavailable, match="forbidden") as caught:
            mempip.install("made", files="mount")
        assert "files='overlay'" in caught.value.hint

    @viable
    def test_no_descriptor_is_left_for_it(self) -> None:
        from mempip_native.linux import descriptors

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]

        def exhausted() -> str:
            descriptors.keep_reserved(limit)
            with pytest.raises(DescriptorLimit) as caught:
                environment(build_wheel("made", "1.0"), files="mount")
            return str(caught.value)

        assert f"limit of this process is {limit}" in in_child(exhausted)

    @viable
    def test_damaged_wheels_leave_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = sorted(os.listdir("/proc/self/fd"))
        monkeypatch.setattr("mempip.image.reader.Image.pieces", refusing(InvalidImage("damaged", "pkg/data.txt")))
        with pytest.raises(InvalidImage, match="damaged"):
            environment(build_wheel("made", "1.0", FILES), files="mount")
        assert sorted(os.listdir("/proc/self/fd")) == before


class TestChoice:
    def test_overlay_unless_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(views.VARIABLE, raising=False)
        assert views.choose(None) == "overlay"
        monkeypatch.setenv(views.VARIABLE, "")
        assert views.choose(None) == "overlay"

    @viable
    def test_the_variable_decides_unless_the_program_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(views.VARIABLE, "mount")
        assert views.choose(None) == "mount"
        assert views.choose("overlay") == "overlay"

    def test_there_are_no_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(UsageError, match=r"^files: there is no view 'disk'"):
            views.choose("disk")
        monkeypatch.setenv(views.VARIABLE, "disk")
        with pytest.raises(UsageError, match=r"^MEMPIP_FILES: .* overlay and mount$"):
            views.choose(None)
