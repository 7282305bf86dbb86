"""Loading on macOS, against a dyld that keeps to the real one's rules; directories and files are real."""

from __future__ import annotations

import gc
import importlib.util
import os
import stat
import sys
import types
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("files of POSIX", allow_module_level=True)

from mempip_native.errors import LoadError
from mempip_native.macos import objects, staging
from mempip_native.macos.adapter import SharedMemory
from mempip_native.macos.loader import LibraryLoader, probe
from mempip_native.macos.messages import explain
from tests.support import macho as made
from tests.support.children import in_child
from tests.support.dyld import FakeDyld
from tests.support.libraries import MemorySource

LEAF = made.macho(undefined=["PyModuleDef_Init"])
SINGLE_PHASE = made.macho(undefined=["PyModule_Create2"])
NS_CALLS = ["NSCreateObjectFileImageFromMemory", "NSLinkModule", "NSDestroyObjectFileImage"]

#: As delocate leaves them: ids that nobody asks for, and needs beside @loader_path.
TREE = {
    "pkg/x.so": made.macho(needed=["@loader_path/.dylibs/liba.dylib", "/usr/lib/libSystem.B.dylib"]),
    "pkg/sub/y.so": made.macho(needed=["@loader_path/../.dylibs/liba.dylib"]),
    "pkg/.dylibs/liba.dylib": made.macho(made.DYLIB, install_name="/DLC/liba", needed=["@loader_path/libb.dylib"]),
    "pkg/.dylibs/libb.dylib": made.macho(made.DYLIB, install_name="/DLC/libb"),
}


class Source(MemorySource):
    def inflate(self, path: str, fd: int) -> None:
        self.inflated.append(path)
        objects.write(fd, self.files[path])


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one that the user names, on a Mac with an M1."""
    named = tmp_path / "named"
    named.mkdir()
    monkeypatch.setenv(staging.VARIABLE, str(named))
    monkeypatch.setattr(os, "uname", lambda: types.SimpleNamespace(machine="arm64"))
    return named


def loader_of(files: dict[str, bytes], dyld: FakeDyld | None = None) -> LibraryLoader:
    return LibraryLoader(SharedMemory(), Source(files), dyld or FakeDyld())  # type: ignore[arg-type]


def files_in(directory: Path) -> set[str]:
    """The files below the directories of mempip, as paths in the environment."""
    return {"/".join(path.relative_to(directory).parts[2:]) for path in directory.rglob("*") if path.is_file()}


class TestWithoutADirectory:
    def test_every_library_is_refused_and_the_way_out_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(staging.VARIABLE, raising=False)
        dyld = FakeDyld()
        with pytest.raises(LoadError, match="files only, and nothing is written") as caught:
            loader_of({"x.so": LEAF}, dyld).load("x.so")
        assert "MEMPIP_TMPDIR=DIRECTORY" in caught.value.hint
        assert dyld.calls == []

    def test_one_that_is_not_there(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv(staging.VARIABLE, str(tmp_path / "gone"))
        assert "gone, which is no directory" in probe().reason

    def test_one_that_is_read_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(staging.VARIABLE, "/")
        reason = in_child(lambda: probe().reason, uid=65534 if os.geteuid() == 0 else 0)
        assert "names /, which cannot be written to" in reason

    def test_one_that_takes_files(self, directory: Path) -> None:
        assert probe().ok
        assert list(directory.iterdir()) == []


class TestLeaves:
    def test_dyld_links_from_memory(self, directory: Path) -> None:
        dyld = FakeDyld()
        anchor = loader_of({"x.so": LEAF}, dyld).load("x.so")
        assert (dyld.calls, dyld.leaked) == (NS_CALLS, 0)
        assert anchor.path == "x.so"
        assert anchor.handle
        assert anchor.address("PyInit_x") == 0x1000
        assert dyld.calls[3:] == ["NSLookupSymbolInModule", "NSAddressOfSymbol"]

    def test_its_file_is_in_a_private_directory(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TMPDIR", "/elsewhere")
        dyld = FakeDyld()
        loader_of({"x.so": LEAF}, dyld).load("x.so")
        (made_file,) = dyld.transient
        parent = Path(made_file).parent
        assert parent.parent.parent == directory
        assert stat.S_IMODE(parent.parent.stat().st_mode) == 0o700
        assert list(parent.iterdir()) == []
        assert os.environ["TMPDIR"] == "/elsewhere"

    def test_tmpdir_is_what_it_was(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import ctypes

        getenv = ctypes.CDLL(None).getenv
        getenv.restype = ctypes.c_char_p
        for before in ("/elsewhere", None):
            if before is None:
                monkeypatch.delenv("TMPDIR")
            else:
                monkeypatch.setenv("TMPDIR", before)
            loader_of({"x.so": LEAF}).load("x.so")
            assert getenv(b"TMPDIR") == (None if before is None else before.encode())

    def test_it_is_linked_once(self, directory: Path) -> None:
        dyld = FakeDyld()
        loader = loader_of({"x.so": LEAF}, dyld)
        assert loader.load("x.so").handle == loader.load("x.so").handle
        assert dyld.calls == NS_CALLS

    def test_a_name_that_it_does_not_export(self, directory: Path) -> None:
        dyld = FakeDyld()
        dyld.symbols = lambda content, name: 0
        anchor = loader_of({"x.so": LEAF}, dyld).load("x.so")
        with pytest.raises(LoadError, match="does not export PyInit_x"):
            anchor.address("PyInit_x")
        with pytest.raises(ImportError, match="does not export PyInit_x") as caught:
            anchor.create_module(ModuleSpec("x", None, origin="/mempip/1/x.so"))
        assert caught.value.path == anchor.path

    def test_a_failed_link_leaks_no_file_and_becomes_a_load_that_says_why(self, directory: Path) -> None:
        dyld = FakeDyld()
        dyld.failing = True
        with loader_of({"x.so": LEAF}, dyld).load("x.so") as anchor:
            assert dyld.leaked == 0
            assert not os.path.exists(dyld.transient[0])
            assert files_in(directory) == {"x.so"}
            assert Path(anchor.path).read_bytes() == LEAF
        assert files_in(directory) == set()

    def test_a_system_that_has_these_functions_no_more(self, directory: Path) -> None:
        dyld = FakeDyld()
        dyld.can_link = False
        with loader_of({"x.so": LEAF}, dyld).load("x.so") as anchor:
            dyld.dlopen(anchor.path)
        assert dyld.calls == ["dlopen"]

    def test_the_event_is_audited(self, directory: Path) -> None:
        def watched() -> list[tuple[str, object]]:
            events = []
            sys.addaudithook(lambda name, args: events.append((name, args)) if name.startswith("mempip.") else None)
            loader_of({"x.so": LEAF}).load("x.so")
            return events

        assert in_child(watched) == [("mempip.load_library", ("x.so",))]

    def test_a_module_of_multi_phase_initialization(self, directory: Path) -> None:
        """The module is one of the standard library's, whose function is found under the bundle's name."""
        origin = next(
            spec.origin
            for name in ("_bisect", "_heapq", "_json", "_queue", "_struct", "_csv")
            if (spec := importlib.util.find_spec(name)) and isinstance(spec.loader, ExtensionFileLoader)
        )
        assert origin is not None
        import ctypes

        name = Path(origin).name.partition(".")[0]
        library = ctypes.PyDLL(origin)
        dyld = FakeDyld()
        dyld.symbols = lambda content, symbol: ctypes.cast(library[symbol[1:].decode()], ctypes.c_void_p).value or 0
        anchor = loader_of({"x.so": LEAF}, dyld).load("x.so")

        class Loader(ExtensionFileLoader):
            def create_module(self, spec: ModuleSpec) -> types.ModuleType:
                return anchor.create_module(spec)

        path = f"/mempip/1/site-packages/pkg/{name}.so"
        for _ in range(5):
            spec = importlib.util.spec_from_file_location(f"pkg.{name}", path, loader=Loader(f"pkg.{name}", path))
            assert spec is not None
            module = importlib.util.module_from_spec(spec)
            Loader(f"pkg.{name}", path).exec_module(module)
            assert (module.__name__, module.__file__, module.__spec__) == (f"pkg.{name}", path, spec)
            assert len(dir(module)) > 6
            del module
            gc.collect()


class TestStaging:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("single-phase", SINGLE_PHASE),
            ("either", made.macho(undefined=["PyModuleDef_Init", "PyModule_Create2"])),
            ("MH_DYLIB", made.macho(made.DYLIB, undefined=["PyModuleDef_Init"])),
        ],
    )
    def test_what_importlib_has_to_load(self, directory: Path, name: str, content: bytes) -> None:
        dyld = FakeDyld()
        with loader_of({"pkg/x.so": content}, dyld).load("pkg/x.so") as anchor:
            assert not anchor.handle
            assert anchor.path.endswith("/files/pkg/x.so")
            dyld.dlopen(anchor.path)
        assert dyld.calls == ["dlopen"]

    def test_the_wheels_tree_with_the_bytes_that_were_signed(self, directory: Path) -> None:
        with loader_of(TREE).load("pkg/x.so") as anchor:
            root = Path(anchor.path).parents[1]
            wanted = {"pkg/x.so", "pkg/.dylibs/liba.dylib", "pkg/.dylibs/libb.dylib"}
            assert files_in(directory) == wanted
            for name in wanted:
                assert (root / name).read_bytes() == TREE[name]
                assert stat.S_IMODE((root / name).stat().st_mode) == 0o400
            assert stat.S_IMODE(root.parent.stat().st_mode) == 0o700

    def test_dyld_finds_them_and_a_bundle_is_unlinked_after_its_load(self, directory: Path) -> None:
        dyld = FakeDyld()
        with loader_of(TREE, dyld).load("pkg/x.so") as anchor:
            dyld.dlopen(anchor.path)
        assert [Path(image.path).name for image in dyld.images] == ["x.so", "liba.dylib", "libb.dylib"]
        assert files_in(directory) == {"pkg/.dylibs/liba.dylib", "pkg/.dylibs/libb.dylib"}

    def test_another_bundle_shares_them(self, directory: Path) -> None:
        """From another directory, their paths are other texts, so dyld must find the same files."""
        dyld = FakeDyld()
        loader = loader_of(TREE, dyld)
        for name in ("pkg/x.so", "pkg/sub/y.so"):
            with loader.load(name) as anchor:
                dyld.dlopen(anchor.path)
        assert [Path(image.path).name for image in dyld.images] == ["x.so", "liba.dylib", "libb.dylib", "y.so"]

    def test_with_the_files_gone_there_would_be_a_second_one(self, directory: Path) -> None:
        """What they are kept for."""
        dyld = FakeDyld()
        loader = loader_of(TREE, dyld)
        with loader.load("pkg/x.so") as anchor:
            dyld.dlopen(anchor.path)
        root = Path(anchor.path).parents[1]
        for name in ("liba.dylib", "libb.dylib"):
            (root / "pkg" / ".dylibs" / name).unlink()
        with loader.load("pkg/sub/y.so") as anchor, pytest.raises(OSError, match="Library not loaded"):
            dyld.dlopen(anchor.path)

    def test_rpath(self, directory: Path) -> None:
        files = {
            "pkg/x.so": made.macho(needed=["@rpath/libc.dylib"], rpaths=["/nowhere", "@loader_path/lib"]),
            "pkg/lib/libc.dylib": made.macho(made.DYLIB, needed=["@rpath/libd.dylib"]),  # by the rpath of x.so
            "pkg/lib/libd.dylib": made.macho(made.DYLIB),
        }
        dyld = FakeDyld()
        with loader_of(files, dyld).load("pkg/x.so") as anchor:
            dyld.dlopen(anchor.path)
        assert len(dyld.images) == 3

    def test_a_circle(self, directory: Path) -> None:
        files = {
            "x.so": made.macho(needed=["@loader_path/a.dylib"]),
            "a.dylib": made.macho(made.DYLIB, needed=["@loader_path/b.dylib"]),
            "b.dylib": made.macho(made.DYLIB, needed=["@loader_path/a.dylib"]),
        }
        dyld = FakeDyld()
        with loader_of(files, dyld).load("x.so") as anchor:
            dyld.dlopen(anchor.path)
        assert len(dyld.images) == 3

    def test_a_failed_load_leaves_no_file(self, directory: Path) -> None:
        files = TREE | {"pkg/.dylibs/libb.dylib": made.macho(made.DYLIB, needed=["@loader_path/gone.dylib"])}
        dyld = FakeDyld()
        loader = loader_of(files, dyld)
        with loader.load("pkg/x.so") as anchor, pytest.raises(OSError, match="Library not loaded") as caught:
            dyld.dlopen(anchor.path)
        assert files_in(directory) == set()
        told = loader.explain("pkg/x.so", str(caught.value))
        assert "needs @loader_path/gone.dylib, which is neither bundled" in told.reason
        assert str(directory) not in told.reason

    def test_no_room_leaves_no_file(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write = staging.Stage.write

        def full(self: staging.Stage, relative: str, content: bytes) -> str:
            if relative.endswith("x.so"):
                raise OSError(28, "No space left on device")
            return write(self, relative, content)

        monkeypatch.setattr(staging.Stage, "write", full)
        with pytest.raises(OSError, match="No space"):
            loader_of(TREE).load("pkg/x.so")
        assert files_in(directory) == set()

    def test_a_library_that_two_load_at_once(self, directory: Path) -> None:
        loader = loader_of(TREE)
        first, second = loader.load("pkg/x.so"), loader.load("pkg/x.so")
        assert first.path == second.path
        first.close()
        assert os.path.exists(second.path)
        second.close()
        assert files_in(directory) == set()

    def test_a_library_that_ctypes_opened_serves_others(self, directory: Path) -> None:
        dyld = FakeDyld()
        loader = loader_of(TREE, dyld)
        for name in ("pkg/.dylibs/liba.dylib", "pkg/x.so", "pkg/.dylibs/liba.dylib"):
            with loader.load(name) as anchor:
                dyld.dlopen(anchor.path)
        assert len(dyld.images) == 3


class TestRefused:
    @pytest.mark.parametrize(
        "files",
        [
            {"x.so": made.macho(signed=False)},
            {"x.so": made.macho(needed=["@loader_path/a.dylib"]), "a.dylib": made.macho(made.DYLIB, signed=False)},
            {"x.so": made.fat(made.macho(architecture="x86_64"), made.macho(signed=False))},
        ],
        ids=["itself", "what it needs", "its slice"],
    )
    def test_unsigned_code_on_arm64_before_anything_is_written(self, directory: Path, files: dict[str, bytes]) -> None:
        dyld = FakeDyld()
        with pytest.raises(LoadError, match="no code signature"):
            loader_of(files, dyld).load("x.so")
        assert dyld.calls == []
        assert list(directory.iterdir()) == []

    def test_unsigned_code_on_intel_is_loaded(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "uname", lambda: types.SimpleNamespace(machine="x86_64"))
        leaf = made.macho(architecture="x86_64", undefined=["PyModuleDef_Init"], signed=False)
        dyld = FakeDyld("x86_64")
        files = {"x.so": made.fat(leaf, made.macho(signed=False)), "pkg/y.so": leaf}
        loader = loader_of(files, dyld)
        assert loader.load("x.so").handle
        assert loader.load("pkg/y.so").handle

    def test_another_architecture(self, directory: Path) -> None:
        with pytest.raises(LoadError, match="built for x86_64, and this interpreter is arm64"):
            loader_of({"x.so": made.macho(architecture="x86_64")}).load("x.so")

    @pytest.mark.parametrize("content", [b"", b"\x7fELF", LEAF[:50]])
    def test_something_else(self, directory: Path, content: bytes) -> None:
        with pytest.raises(LoadError):
            loader_of({"x.so": content}).load("x.so")

    def test_a_program(self, directory: Path) -> None:
        with pytest.raises(LoadError, match="neither a bundle nor"):
            loader_of({"x.so": made.macho(made.EXECUTE)}).load("x.so")


class TestTheDirectory:
    def test_it_goes_with_the_process(self, directory: Path) -> None:
        def load_and_end() -> None:
            dyld = FakeDyld()
            loader = loader_of(TREE, dyld)
            with loader.load("pkg/x.so") as anchor:
                dyld.dlopen(anchor.path)
            assert loader._stage is not None
            loader._stage.close()

        in_child(load_and_end)
        assert list(directory.iterdir()) == []

    def test_those_of_killed_processes_are_removed_by_the_next(self, directory: Path) -> None:
        left = directory / f"{staging.PREFIX}killed"
        (left / "files").mkdir(parents=True)
        (left / "files" / "x.dylib").touch(0o400)
        (directory / "anything-else").mkdir()
        stage = staging.Stage(str(directory))
        stage.write("x.so", LEAF)
        assert len(list(directory.iterdir())) == 2
        assert not left.exists()
        stage.close()
        assert [path.name for path in directory.iterdir()] == ["anything-else"]

    def test_those_of_living_ones_stay(self, directory: Path) -> None:
        first, second = staging.Stage(str(directory)), staging.Stage(str(directory))
        path = first.write("x.so", LEAF)
        second.write("x.so", LEAF)
        assert Path(path).read_bytes() == LEAF
        first.close()
        second.close()
        assert list(directory.iterdir()) == []

    def test_a_forked_child_leaves_it_to_its_parent(self, directory: Path) -> None:
        stage = staging.Stage(str(directory))
        path = stage.write("x.so", LEAF)
        in_child(stage.close)
        assert os.path.exists(path)
        stage.close()

    def test_a_link_is_followed_once_and_for_all(self, directory: Path, tmp_path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(directory)
        stage = staging.Stage(str(link))
        assert stage.write("x.so", LEAF).startswith(os.path.realpath(directory))
        stage.close()

    def test_nobodys_link_is_swept(self, directory: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (directory / f"{staging.PREFIX}link").symlink_to(outside)
        staging.sweep(str(directory))
        assert outside.exists()


class TestMessages:
    @pytest.mark.parametrize(
        ("message", "reason"),
        [
            (
                "dlopen(/d/files/x.so, 0x2): Library not loaded: @rpath/libQt.dylib\n  Reason: tried: (no such file)",
                "it needs @rpath/libQt.dylib, which is neither bundled",
            ),
            (
                "dlopen(/d/files/x.so, 0x2): tried: '/d/files/x.so' (code signature in 'x' not valid for use)",
                "macOS does not let this process run it",
            ),
            ("tried: 'x' (mapped file has no cdhash, completely unsigned?)", "macOS does not let this process run it"),
            ("dlopen(x): symbol not found in flat namespace '_PyFoo_Bar'", "nobody defines PyFoo_Bar"),
            ("Symbol not found: _inflateGetHeader\n  Referenced from: <1> x.so", "nobody defines inflateGetHeader"),
            ("something else", "something else"),
        ],
    )
    def test_what_they_mean(self, message: str, reason: str) -> None:
        told = explain("x.so", message, "/d/files/")
        assert told.reason.startswith(reason)
        assert "/d/files" not in told.reason
