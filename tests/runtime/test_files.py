"""Files by path: what the standard library answers below an environment's root, beside what a disk answers."""

from __future__ import annotations

import base64
import builtins
import copy
import errno
import glob
import hashlib
import inspect
import io
import linecache
import mmap
import os
import pathlib
import pickle
import shutil
import stat
import sys
import threading
import tokenize
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mempip.errors import InvalidImage
from mempip.runtime import finder, patches
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mempip.runtime.environment import Environment

FILES = {
    "pkg/__init__.py": "x = 1\n",
    "pkg/data.txt": "käse\nzwei\n",
    "pkg/empty": "",
    "pkg/sub/deep.bin": bytes(range(256)) * 32,
    "pkg/sub/.hidden": "h",
}
PATHS = (
    "pkg/data.txt pkg/empty pkg pkg/ pkg/sub pkg/nothing pkg/nothing/deeper pkg/data.txt/below pkg/data.txt/ "
    "pkg/./data.txt pkg/sub/../data.txt pkg/sub/.hidden pkg//data.txt nothing"
).split()


@pytest.fixture
def env() -> Iterator[Environment]:
    env = environment(build_wheel("made", "1.0", FILES))
    env.activate()
    yield env
    if env.image.descriptors:
        env.close()


@pytest.fixture
def root(env: Environment) -> str:
    return env.root


@pytest.fixture
def disk(tmp_path: Path) -> str:
    """The same tree on a disk."""
    for name, content in FILES.items():
        path = tmp_path / "disk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(tmp_path / "disk")


def slurp(path: object, mode: str = "rb", **options: object) -> object:
    with open(path, mode, **options) as stream:  # type: ignore[call-overload]
        return stream.read()


def by_descriptor(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 10**6) + os.read(descriptor, 1)
    finally:
        os.close(descriptor)


def raw(path: str) -> bytes:
    with io.FileIO(path) as stream:
        return stream.readall()


def code(path: str) -> bytes:
    with io.open_code(path) as stream:
        return bytes(stream.read())


def scan(path: str) -> object:
    with os.scandir(path) as entries:
        return sorted(
            (
                entry.name,
                entry.path,
                entry.is_dir(),
                entry.is_file(),
                entry.is_symlink(),
                entry.is_file() and entry.stat().st_size,
            )
            for entry in entries
        )


def lines(path: str) -> object:
    with tokenize.open(path) as stream:
        return stream.readlines()


#: What a program may ask of a path. Anything comparable, or an OSError.
QUESTIONS: dict[str, Callable[[str], object]] = {
    "open": slurp,
    "open text": lambda path: slurp(path, "r", encoding="utf-8"),
    "open bytes path": lambda path: slurp(os.fsencode(path)),
    "open Path": lambda path: slurp(Path(path)),
    "FileIO": raw,
    "open_code": code,
    "os.stat": lambda path: stat.S_IFMT(os.stat(path).st_mode),
    "os.stat size": lambda path: os.path.isdir(path) or os.stat(path).st_size,
    "os.lstat": lambda path: stat.S_IFMT(os.lstat(path).st_mode),
    "os.access": lambda path: [os.access(path, mode) for mode in (os.F_OK, os.R_OK)],
    "os.access bytes": lambda path: os.access(os.fsencode(path), os.R_OK),
    "os.listdir": lambda path: sorted(os.listdir(path)),
    "os.listdir bytes": lambda path: sorted(os.listdir(os.fsencode(path))),
    "os.scandir": scan,
    "os.readlink": lambda path: os.readlink(path),  # noqa: PLW0108 - not the one that os has now
    "os.walk": lambda path: sorted((top, sorted(dirs), sorted(files)) for top, dirs, files in os.walk(path)),
    "exists": os.path.exists,  # these look functions of os up when they are called
    "lexists": os.path.lexists,
    "isfile": os.path.isfile,
    "isdir": os.path.isdir,
    "islink": os.path.islink,
    "getsize": lambda path: os.path.isdir(path) or os.path.getsize(path),
    "samefile": lambda path: os.path.samefile(path, path.replace("/pkg", "/./pkg/../pkg")),
    "realpath": lambda path: os.path.realpath(path),  # noqa: PLW0108 - likewise
    "glob": lambda path: sorted(glob.glob(f"{path}/*") + glob.glob(f"{path}/**/*", recursive=True)),
    "Path.exists": lambda path: Path(path).exists(),
    "Path.is_file": lambda path: Path(path).is_file(),
    "Path.is_dir": lambda path: Path(path).is_dir(),
    "Path.iterdir": lambda path: sorted(map(str, Path(path).iterdir())),
    "Path.glob": lambda path: sorted(map(str, Path(path).glob("*"))),
    "Path.rglob": lambda path: sorted(map(str, Path(path).rglob("*.bin"))),
    "Path.read_text": lambda path: Path(path).read_text(encoding="utf-8"),
    "Path.read_bytes": lambda path: Path(path).read_bytes(),
    "Path.resolve": lambda path: str(Path(path).resolve()),
    "Path.samefile": lambda path: Path(path).samefile(path),
    "tokenize.open": lines,
    "linecache": linecache.getlines,
}


def answer(question: Callable[[str], object], root: str, path: str) -> str:
    try:
        result = question(f"{root}/{path}")
    except OSError as error:
        return f"{type(error).__name__} {errno.errorcode.get(error.errno or 0)} {error.filename!r}".replace(
            root, "ROOT"
        )
    return repr(result).replace(root, "ROOT")


def answers(question: str, root: str) -> dict[str, str]:
    """Return what each of PATHS below `root` is answered."""
    return {path: answer(QUESTIONS[question], root, path) for path in PATHS}


class TestAsOnDisk:
    @pytest.mark.parametrize("question", QUESTIONS)
    def test_answers(self, question: str, root: str, disk: str) -> None:
        assert answers(question, root) == answers(question, disk)

    def test_relative_paths(self, root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        relative = os.path.relpath(f"{root}/pkg/empty")
        assert relative.startswith("..")
        assert os.path.isfile(relative)
        monkeypatch.chdir("/")
        assert slurp(root[1:] + "/pkg/__init__.py") == b"x = 1\n"

    def test_a_lost_current_directory(self, root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "gone").mkdir()
        monkeypatch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        assert not os.path.exists("mempip/x")
        assert os.path.exists(root)

    def test_strict_resolution(self, root: str) -> None:
        assert os.path.realpath(f"{root}/pkg/data.txt") == f"{root}/pkg/data.txt"
        assert Path(f"{root}/pkg/data.txt").resolve(strict=True) == Path(f"{root}/pkg/data.txt")
        with pytest.raises(FileNotFoundError):
            Path(f"{root}/pkg/nothing").resolve(strict=True)

    def test_parents_are_directories(self, root: str) -> None:
        assert os.path.basename(root) == "site-packages"
        parent = os.path.dirname(root)
        parents = [parent, os.path.dirname(parent)]
        assert parents[1] == finder.PREFIX
        for path, below in zip(parents, [root, parent], strict=True):
            assert os.path.isdir(path)
            assert os.listdir(path) == [os.path.basename(below)]
            assert os.stat(path).st_nlink == 1
            assert not os.path.samefile(path, below)
            assert not os.path.exists(f"{path}/other")
            assert os.path.isdir(f"{below}/..")
            with pytest.raises(OSError, match="Read-only"):
                os.rmdir(path)

    def test_status(self, env: Environment) -> None:
        status = os.stat(f"{env.root}/pkg/data.txt")
        assert status.st_mode == 0o100444
        assert os.stat(f"{env.root}/pkg").st_mode == 0o40555
        assert (status.st_nlink, status.st_size) == (1, len(FILES["pkg/data.txt"].encode()))  # type: ignore[union-attr]
        assert status.st_mtime == status.st_mtime_ns / 10**9 == status[stat.ST_MTIME]
        assert status.st_uid == os.getuid()
        everything = [os.path.join(top, name) for top, dirs, files in os.walk(env.root) for name in [".", *files]]
        assert len({os.stat(path).st_ino for path in everything}) == len(everything) > 5
        assert {os.stat(path).st_dev for path in everything} == {status.st_dev}
        assert os.stat(env.root).st_ino != status.st_ino == os.stat(f"{env.root}/pkg/data.txt").st_ino

    def test_executable_files_are(self) -> None:
        tool = zipfile.ZipInfo("tool.sh")
        tool.external_attr = 0o100755 << 16
        digest = base64.urlsafe_b64encode(hashlib.sha256(b"#!/bin/sh\n").digest()).rstrip(b"=").decode()
        env = environment(
            build_wheel(
                "made", "1.0", FILES, members=[(tool, b"#!/bin/sh\n")], record_adds=[f"tool.sh,sha256={digest},10"]
            )
        )
        env.activate()
        assert os.access(f"{env.root}/tool.sh", os.X_OK)
        assert os.stat(f"{env.root}/tool.sh").st_mode == 0o100555
        assert not os.access(f"{env.root}/pkg/data.txt", os.X_OK)
        assert os.access(env.root, os.X_OK)

    def test_scandir_is_an_iterator(self, root: str) -> None:
        entries = os.scandir(f"{root}/pkg/sub")
        first = next(entries)
        assert (first.name, os.fspath(first), first.inode()) == (".hidden", first.path, os.stat(first.path).st_ino)
        assert repr(first) == "<DirEntry '.hidden'>"
        assert not first.is_junction()
        entries.close()
        assert list(entries) == []
        assert [entry.name for entry in os.scandir(os.fsencode(f"{root}/pkg/sub"))] == [b".hidden", b"deep.bin"]


class TestStreams:
    def test_names_are_the_paths_asked_for(self, root: str) -> None:
        path = Path(root) / "pkg" / "data.txt"
        for asked in (str(path), path, os.fsencode(path)):
            with open(asked, "rb") as stream:
                assert stream.name == os.fspath(asked)
        with open(path, encoding="utf-8") as text:
            assert text.readline() == "käse\n"
            assert text.seek(0) == 0

    def test_descriptors_are_real(self, root: str) -> None:
        with open(f"{root}/pkg/sub/deep.bin", "rb") as stream:
            status = os.fstat(stream.fileno())
            assert stat.S_ISREG(status.st_mode)
            assert (status.st_size, status.st_mtime) == (8192, os.stat(stream.name).st_mtime)
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
                assert view[:4] == b"\x00\x01\x02\x03"
            assert not os.get_inheritable(stream.fileno())

    def test_each_open_has_its_own_offset(self, root: str) -> None:
        with open(f"{root}/pkg/data.txt", "rb") as first, open(f"{root}/pkg/data.txt", "rb") as second:
            first.read()
            assert second.tell() == 0
            assert second.read(1) == b"k"
        assert by_descriptor(f"{root}/pkg/data.txt") == FILES["pkg/data.txt"].encode()  # type: ignore[union-attr]

    def test_files_are_inflated_once(self, env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        slurp(f"{env.root}/pkg/data.txt")
        monkeypatch.setattr(env.files, "inflate", lambda *_: pytest.fail("inflated again"))
        slurp(f"{env.root}/pkg/data.txt")

    def test_few_are_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        env = environment(build_wheel("many", "1", {f"data/{n}": str(n) for n in range(50)}))
        env.activate()
        before = len(os.listdir("/proc/self/fd"))
        assert [slurp(f"{env.root}/data/{n}") for n in range(50)] == [str(n).encode() for n in range(50)]
        assert len(os.listdir("/proc/self/fd")) - before <= 32
        monkeypatch.setattr("mempip.runtime.sealed.KEPT_BYTES", 1)
        slurp(f"{env.root}/data/7")
        slurp(f"{env.root}/data/8")
        assert len(os.listdir("/proc/self/fd")) - before == 1
        env.close()
        assert len(os.listdir("/proc/self/fd")) < before

    def test_damaged_files_keep_no_descriptor(self, env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        before = os.listdir("/proc/self/fd")
        entry = env.image.find("pkg/data.txt")
        assert entry is not None
        entry.crc += 1
        with pytest.raises(InvalidImage):
            env.files.open(entry, "data.txt")
        assert os.listdir("/proc/self/fd") == before

    def test_without_proc(self, env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        real = os.open

        def no_proc(path: str, flags: int, *rest: object) -> int:
            if path.startswith("/proc/"):
                raise FileNotFoundError(path)
            return real(path, flags)

        monkeypatch.setattr("os.open", no_proc)
        assert slurp(f"{env.root}/pkg/__init__.py") == b"x = 1\n"

    def test_an_opener_of_the_program_is_used(self, root: str) -> None:
        asked = []

        def opener(path: str, flags: int) -> int:
            asked.append(path)
            return os.open(path, flags)

        assert slurp(f"{root}/pkg/__init__.py", opener=opener) == b"x = 1\n"
        assert asked == [f"{root}/pkg/__init__.py"]

    def test_file_io_is_still_one_class(self, root: str, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"x")
        for path in (f"{root}/pkg/empty", str(tmp_path / "x")):
            with open(path, "rb", buffering=0) as stream:
                assert isinstance(stream, io.FileIO)
            with io.FileIO(path) as stream:
                assert isinstance(stream, io.FileIO)

        class Own(io.FileIO):
            pass

        assert issubclass(Own, io.FileIO)
        with open(tmp_path / "x", "rb", buffering=0) as stream:
            assert not isinstance(stream, Own)
            assert not issubclass(type(stream), Own)

    def test_threads(self, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mempip.runtime.sealed.KEPT", 1)  # so that they are in each other's way
        wrong = []
        names = {name: slurp(f"{root}/{name}") for name in ("pkg/data.txt", "pkg/sub/deep.bin")}

        def read() -> None:
            for _ in range(30):
                wrong.extend(name for name, content in names.items() if slurp(f"{root}/{name}") != content)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
    @pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
    def test_a_forked_child_reads_on(self, root: str) -> None:
        slurp(f"{root}/pkg/data.txt")
        child = os.fork()
        if not child:
            os._exit(0 if slurp(f"{root}/pkg/data.txt") == slurp(f"{root}/pkg/../pkg/data.txt") else 1)
        assert os.waitpid(child, 0)[1] == 0


CHANGES: dict[str, Callable[[str], object]] = {
    "open w": lambda path: open(path, "w"),  # noqa: SIM115
    "open a": lambda path: open(path, "a"),  # noqa: SIM115
    "open r+": lambda path: open(path, "r+"),  # noqa: SIM115
    "FileIO": lambda path: io.FileIO(path, "w"),
    "os.open": lambda path: os.open(path, os.O_RDWR),
    "chmod": lambda path: os.chmod(path, 0o600),
    "chown": lambda path: os.chown(path, -1, -1),
    "link": lambda path: os.link(__file__, path),
    "remove": lambda path: os.remove(path),  # noqa: PLW0108 - not the one that os has now
    "rename": lambda path: os.rename(path, "/tmp/x"),
    "rename to": lambda path: os.rename(__file__, path),
    "replace": lambda path: os.replace(src=path, dst="/tmp/x"),
    "truncate": lambda path: os.truncate(path, 0),
    "unlink": lambda path: Path.unlink(Path(path)),
    "utime": lambda path: os.utime(path),  # noqa: PLW0108 - not the one that os has now
}


class TestChanges:
    @pytest.mark.parametrize("change", CHANGES)
    def test_are_refused(self, change: str, root: str) -> None:
        path = f"{root}/pkg/data.txt"
        with pytest.raises(OSError, match=r"Read-only file system: .*/pkg/data\.txt") as caught:
            CHANGES[change](path)
        assert caught.value.errno == errno.EROFS
        assert caught.value.filename == path or isinstance(caught.value.filename, Path)

    @pytest.mark.parametrize("name", ["mkdir", "mkfifo", "mknod", "symlink"])
    def test_creating(self, name: str, root: str) -> None:
        def create(path: Path) -> None:
            getattr(os, name)(*(["x"] if name == "symlink" else []), path)

        for path, number in [("new", errno.EROFS), ("pkg", errno.EEXIST), ("none/new", errno.ENOENT)]:
            with pytest.raises(OSError, match=path) as caught:
                create(Path(root, path))
            assert caught.value.errno == number

    def test_creating_files(self, root: str) -> None:
        for path, flags, number in [
            ("new", os.O_CREAT | os.O_WRONLY, errno.EROFS),
            ("none/new", os.O_CREAT | os.O_WRONLY, errno.ENOENT),
            ("pkg/data.txt", os.O_CREAT | os.O_EXCL, errno.EEXIST),
            ("pkg", os.O_CREAT | os.O_RDWR, errno.EISDIR),
            ("pkg/data.txt", os.O_DIRECTORY, errno.ENOTDIR),
            ("nothing", os.O_RDONLY, errno.ENOENT),
        ]:
            with pytest.raises(OSError, match=path) as caught:
                os.open(f"{root}/{path}", flags)
            assert caught.value.errno == number
        os.close(os.open(f"{root}/pkg/data.txt", os.O_CREAT))

    def test_of_what_is_not_there(self, root: str) -> None:
        with pytest.raises(FileNotFoundError):
            os.chmod(f"{root}/nothing", 0o600)

    def test_directories_that_exist_already_may_be_made(self, root: str) -> None:
        os.makedirs(f"{root}/pkg/sub", exist_ok=True)
        Path(root, "pkg").mkdir(parents=True, exist_ok=True)

    def test_trees(self, root: str) -> None:
        with pytest.raises(OSError, match=r"mempip"):
            shutil.rmtree(f"{root}/pkg")
        assert not os.access(f"{root}/pkg", os.W_OK)

    def test_no_current_directory(self, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = os.getcwd()
        with pytest.raises(OSError, match="cannot be the current directory") as caught:
            os.chdir(f"{root}/pkg")
        assert caught.value.errno == errno.EOPNOTSUPP
        with pytest.raises(NotADirectoryError):
            os.chdir(f"{root}/pkg/data.txt")
        with pytest.raises(FileNotFoundError):
            os.chdir(f"{root}/nothing")
        assert os.getcwd() == before
        monkeypatch.chdir(tmp_path)
        assert os.getcwd() == str(tmp_path)

    def test_elsewhere_they_work(self, root: str, tmp_path: Path) -> None:
        path = tmp_path / "mempip"
        path.mkdir()
        (path / "new").write_text("x")
        os.rename(path / "new", path / "newer")
        os.chmod(path / "newer", 0o600)
        shutil.rmtree(path)
        assert not path.exists()


class TestCopies:
    def test_out_of_the_environment(self, root: str, tmp_path: Path) -> None:
        shutil.copyfile(f"{root}/pkg/data.txt", tmp_path / "one")
        shutil.copy2(Path(root, "pkg/sub/deep.bin"), tmp_path / "two")
        shutil.copytree(f"{root}/pkg", tmp_path / "tree")
        assert (tmp_path / "one").read_text(encoding="utf-8") == FILES["pkg/data.txt"]
        assert (tmp_path / "two").read_bytes() == (tmp_path / "tree/sub/deep.bin").read_bytes()
        assert (tmp_path / "two").stat().st_mtime == os.stat(f"{root}/pkg/sub/deep.bin").st_mtime

    @pytest.mark.skipif(not hasattr(os, "listxattr"), reason="this system has no extended attributes")
    def test_no_extended_attributes(self, root: str, tmp_path: Path) -> None:
        assert os.listxattr(f"{root}/pkg/data.txt") == []
        with pytest.raises(OSError, match=r"data\.txt") as caught:
            os.getxattr(f"{root}/pkg/data.txt", "user.x")
        assert caught.value.errno == errno.ENODATA
        with pytest.raises(FileNotFoundError):
            os.listxattr(f"{root}/nothing")
        assert isinstance(os.listxattr(tmp_path), list)
        with pytest.raises(OSError, match=str(tmp_path)):
            os.getxattr(tmp_path, "user.x")

    def test_archives(self, tmp_path: Path) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("inner.txt", "in a zip")
        env = environment(build_wheel("zipped", "1", {"inner.zip": stream.getvalue()}))
        env.activate()
        with zipfile.ZipFile(f"{env.root}/inner.zip") as archive:
            assert archive.read("inner.txt") == b"in a zip"
        assert zipfile.is_zipfile(f"{env.root}/inner.zip")


class TestOthers:
    """What is no path of an environment goes to the functions that were there."""

    def test_descriptors(self, root: str, tmp_path: Path) -> None:
        with open(tmp_path / "x", "w+") as stream:
            assert os.stat(stream.fileno()).st_size == 0
            assert open(stream.fileno(), closefd=False).name == stream.fileno()  # noqa: SIM115
            directory = os.open(tmp_path, os.O_RDONLY)
            try:
                assert os.listdir(directory) == ["x"]
                assert os.stat("x", dir_fd=directory).st_size == 0
                with pytest.raises(FileNotFoundError):
                    os.stat("mempip", dir_fd=directory)
            finally:
                os.close(directory)

    @pytest.mark.parametrize("path", [None, 1.5, object(), "a\0b", "mempip\0"])
    def test_nonsense(self, path: object, root: str) -> None:
        with pytest.raises((TypeError, ValueError)):
            os.stat(path)  # type: ignore[arg-type]
        with pytest.raises((TypeError, ValueError)):
            open(path)  # type: ignore[call-overload]  # noqa: SIM115

    def test_the_current_directory(self, root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "x").touch()
        monkeypatch.chdir(tmp_path)
        assert os.listdir() == ["x"] == [entry.name for entry in os.scandir()]

    def test_a_real_directory_of_that_name(self, root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        from mempip.runtime.overlay import tree

        class Kernel:
            stat = staticmethod(lambda path: None)

        monkeypatch.setattr(tree, "_kernel", Kernel)
        assert tree.locate(finder.PREFIX) is None
        assert os.path.isdir(root)


class TestPlace:
    def test_functions_look_like_those_they_stand_in_for(self, env: Environment) -> None:
        options = ["file", "mode", "buffering", "encoding", "errors", "newline", "closefd", "opener"]
        assert list(inspect.signature(open).parameters) == options
        assert list(inspect.signature(os.stat).parameters) == ["path", "dir_fd", "follow_symlinks"]
        assert list(inspect.signature(os.mkdir).parameters) == ["path", "mode", "dir_fd"]
        assert (os.stat.__name__, os.mkdir.__name__, open.__name__) == ("stat", "mkdir", "open")
        assert open is io.open is builtins.open
        assert os.stat in os.supports_follow_symlinks
        assert {os.stat, os.open, os.unlink, os.rmdir} <= os.supports_dir_fd
        assert os.scandir in os.supports_fd
        assert "mkdir" in repr(os.mkdir)

    def test_functions_survive_as_attributes_of_classes(self, root: str) -> None:
        class Holder:
            stat = os.stat
            open = open
            mkdir = os.mkdir

        assert Holder().stat(root)
        with Holder().open(f"{root}/pkg/empty"):
            pass
        with pytest.raises(FileExistsError):
            Holder().mkdir(root)

    def test_functions_can_be_pickled_and_copied(self, env: Environment) -> None:
        functions = [os.stat, os.mkdir, open, os.path.exists]
        assert pickle.loads(pickle.dumps(functions)) == functions
        assert copy.deepcopy([os.stat, os.mkdir]) == [os.stat, os.mkdir]
        pickled = pickle.dumps(functions)
        env.close()
        assert pickle.loads(pickled) == [os.stat, os.mkdir, open, os.path.exists]

    def test_everything_is_put_back(self) -> None:
        def state() -> dict[str, object]:
            modules = {"os": os, "io": io, "builtins": builtins, "tokenize": tokenize, "_io": sys.modules["_io"]}
            held = {f"{name}.{key}": value for name, module in modules.items() for key, value in vars(module).items()}
            for owner, key, value in patches._held_by_classes():
                held[f"{owner}.{key}"] = getattr(value, "__func__", value)
            held.update((name, set(value)) for name, value in vars(os).items() if isinstance(value, set))
            return held | {"meta_path": list(sys.meta_path), "hooks": list(sys.path_hooks)}

        before = state()
        with environment(build_wheel("a", "1")) as first, environment(build_wheel("b", "1")) as second:
            first.activate()
            second.activate()
            during = state()
            assert during["os.stat"] is not before["os.stat"]
            first.close()
            assert state()["os.stat"] is during["os.stat"]
            assert os.path.exists(second.root)
            assert not os.path.exists(first.root)
        after = state()
        assert {key for key in before if before[key] is not after[key] and before[key] != after[key]} == set()

    def test_modules_that_took_a_function_earlier(self, monkeypatch: pytest.MonkeyPatch) -> None:
        module = type(sys)("earlier_module")
        module.stat, module.open_ = os.stat, open  # type: ignore[attr-defined]
        original = os.stat
        monkeypatch.setitem(sys.modules, "earlier_module", module)
        with environment(build_wheel("a", "1", {"x.txt": "y"})) as env:
            env.activate()
            assert module.stat(env.root)
            with module.open_(f"{env.root}/x.txt") as stream:
                assert stream.read() == "y"
            held = os.stat
        assert module.stat is original
        with pytest.raises(FileNotFoundError):
            held(env.root)
        assert held("/")

    def test_entries_outlive_their_environment_as_missing_files(self) -> None:
        with environment(build_wheel("a", "1", {"x.txt": "y"})) as env:
            env.activate()
            entries = list(os.scandir(env.root))
        with pytest.raises(FileNotFoundError):
            entries[0].stat()

    def test_uninstalling_is_seen(self) -> None:
        env = environment(build_wheel("gone", "1", {"gone.txt": "x"}), build_wheel("stays", "1", {"stays.txt": "x"}))
        env.activate()
        before = os.stat(env.root).st_mtime
        assert os.path.exists(f"{env.root}/gone.txt")
        env.uninstall("gone")
        assert not os.path.exists(f"{env.root}/gone.txt")
        assert slurp(f"{env.root}/stays.txt") == b"x"
        assert os.stat(env.root).st_mtime > before
        assert pathlib.Path(env.root, "stays.txt").exists()
