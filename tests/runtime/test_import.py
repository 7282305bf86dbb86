"""Importing from memory: the finder, the loaders, and the tools that look at modules."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.metadata
import importlib.resources
import importlib.util
import inspect
import linecache
import marshal
import pkgutil
import runpy
import sys
import traceback
from pathlib import Path

import pytest

from mempip.runtime import finder
from mempip.runtime.environment import Environment
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

SOURCE = '''\
"""A module."""

def fail():
    raise ValueError("on line four")


class Thing:
    """A class."""
'''


def active(files: dict[str, str | bytes], **details: object) -> Environment:
    env = environment(build_wheel("made", "1.0", files, **details))  # type: ignore[arg-type]
    env.activate()
    return env


class TestModules:
    def test_attributes(self) -> None:
        env = active({"mod_one.py": SOURCE})
        module = importlib.import_module("mod_one")
        assert module.__file__ == f"{env.root}/mod_one.py"
        assert module.__spec__ is not None
        assert module.__spec__.origin == module.__file__
        assert module.__spec__.has_location
        assert module.__spec__.cached is None
        assert module.__package__ == ""
        assert module.__doc__ == "A module."

    def test_packages(self) -> None:
        env = active({"pkg_one/__init__.py": "from . import sub\n", "pkg_one/sub/__init__.py": "x = 5\n"})
        package = importlib.import_module("pkg_one")
        assert list(package.__path__) == [f"{env.root}/pkg_one"]
        assert package.sub.x == 5
        assert package.__package__ == "pkg_one"

    def test_a_package_wins_over_a_module_of_its_name(self) -> None:
        active({"both/__init__.py": "kind = 'package'\n", "both.py": "kind = 'module'\n"})
        assert importlib.import_module("both").kind == "package"

    def test_a_module_wins_over_a_directory_without_init(self) -> None:
        active({"either.py": "kind = 'module'\n", "either/data.py": ""})
        assert importlib.import_module("either").kind == "module"

    def test_namespace_packages(self) -> None:
        env = active({"space_one/part.py": "x = 1\n"})
        assert importlib.import_module("space_one.part").x == 1
        assert list(sys.modules["space_one"].__path__) == [f"{env.root}/space_one"]

    def test_namespace_packages_of_two_environments(self) -> None:
        active({"space_two/first.py": "x = 1\n"})
        environment(build_wheel("other", "1", {"space_two/second.py": "x = 2\n"})).activate()
        first, second = (importlib.import_module(f"space_two.{name}") for name in ("first", "second"))
        assert (first.x, second.x) == (1, 2)

    def test_bytecode_without_source(self) -> None:
        code = compile("x = 'compiled'", "bare.py", "exec")
        header = importlib.util.MAGIC_NUMBER + bytes(12)
        active({"bare_mod.pyc": header + marshal.dumps(code)})
        assert importlib.import_module("bare_mod").x == "compiled"

    def test_syntax_errors_name_the_file(self) -> None:
        env = active({"broken_mod.py": "x = (\n"})
        with pytest.raises(SyntaxError) as caught:
            importlib.import_module("broken_mod")
        assert caught.value.filename == f"{env.root}/broken_mod.py"

    def test_packages_that_extend_sys_path_from_inside(self) -> None:
        files = {
            "extender/__init__.py": "import os, sys\nsys.path.append(os.path.dirname(__file__) + '/inner')\n",
            "extender/inner/hidden_mod.py": "x = 'found'\n",
        }
        active(files)
        importlib.import_module("extender")
        assert importlib.import_module("hidden_mod").x == "found"

    def test_reload(self) -> None:
        active({"again.py": "count = globals().get('count', 0) + 1\n"})
        module = importlib.import_module("again")
        assert importlib.reload(module).count == 2

    def test_nothing_is_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        active({"unwritten.py": "x = 1\n"})
        monkeypatch.setattr("os.mkdir", lambda *_: pytest.fail("a directory was made"))
        assert importlib.import_module("unwritten").x == 1


class TestHook:
    @pytest.mark.parametrize("path", ["/", "/mempip", "/mempip/other", "", "relative", "/usr/lib/python3"])
    def test_declines_other_paths(self, path: str) -> None:
        active({"a.py": ""})
        with pytest.raises(ImportError, match="not a path"):
            finder.path_hook(path)

    def test_declines_what_is_no_directory(self) -> None:
        env = active({"a.py": ""})
        with pytest.raises(ImportError, match="no directory"):
            finder.path_hook(f"{env.root}/a.py")

    def test_accepts_a_final_slash(self) -> None:
        env = active({"pkg/__init__.py": ""})
        assert repr(finder.path_hook(f"{env.root}/pkg/")) == f"MemoryFinder('{env.root}/pkg')"

    def test_who_looks_for_importlibs_own_finds_both(self, tmp_path: Path) -> None:
        (tmp_path / "on_disk.py").write_text("")
        before = list(sys.path_hooks)
        with active({"in_memory.py": ""}) as env:
            (hook,) = [hook for hook in sys.path_hooks if "FileFinder" in repr(hook)]
            found = [
                hook(str(directory)).find_spec(name)
                for directory, name in [(env.root, "in_memory"), (tmp_path, "on_disk")]
            ]
            assert [spec.name if spec else None for spec in found] == ["in_memory", "on_disk"]
        assert sys.path_hooks == before
        assert repr(hook(str(tmp_path))) == f"FileFinder({str(tmp_path)!r})"

    def test_hooks_that_others_changed_stay_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def other(path: str) -> finder.MemoryFinder:
            raise ImportError(path)

        original = sys.path_hooks[-1]
        with active({"a.py": ""}):
            monkeypatch.setattr(sys, "path_hooks", [other, *sys.path_hooks[1:]])
            active({"b.py": ""}).close()
        assert sys.path_hooks[0] is other
        assert sys.path_hooks[-1] is original

    def test_works_without_importlibs_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        active({"a.py": ""}).close()  # what mempip itself needs is imported
        monkeypatch.setattr(sys, "path_hooks", [])
        with active({"alone_mod.py": ""}):
            assert importlib.util.find_spec("alone_mod") is not None
        assert sys.path_hooks == []

    def test_caches_have_nothing_to_forget(self) -> None:
        active({"later.py": "x = 1\n"})
        importlib.invalidate_caches()
        assert importlib.import_module("later").x == 1


class TestTools:
    def test_source(self) -> None:
        active({"seen_mod.py": SOURCE})
        module = importlib.import_module("seen_mod")
        assert inspect.getsource(module) == SOURCE
        assert inspect.getsource(module.fail).startswith("def fail():")
        assert inspect.getsource(module.Thing).startswith("class Thing:")

    def test_tracebacks_show_lines(self) -> None:
        active({"raising_mod.py": SOURCE})
        module = importlib.import_module("raising_mod")
        linecache.checkcache()
        try:
            module.fail()
        except ValueError:
            assert 'raise ValueError("on line four")' in traceback.format_exc()

    def test_pkgutil(self) -> None:
        env = active(
            {
                "walked/__init__.py": "",
                "walked/one.py": "",
                "walked/two/__init__.py": "",
                "walked/data/x.txt": "",
                "walked/README": "",
                "walked/not.a.module.py": "",
                "walked/data.txt": "text",
            }
        )
        assert isinstance(pkgutil.get_importer(env.root), importlib.machinery.FileFinder)
        found = [(info.name, info.ispkg) for info in pkgutil.iter_modules([f"{env.root}/walked"], "p.")]
        assert sorted(found) == [("p.one", False), ("p.two", True)]
        names = [info.name for info in pkgutil.walk_packages([env.root])]
        assert {"walked", "walked.one", "walked.two"} <= set(names)
        assert pkgutil.get_data("walked", "data.txt") == b"text"

    def test_extend_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
        (tmp_path / "stretched").mkdir()
        (tmp_path / "stretched" / "__init__.py").write_text(init)
        (tmp_path / "stretched" / "disk.py").write_text("x = 'disk'\n")
        monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
        active({"stretched/__init__.py": init, "stretched/memory.py": "x = 'memory'\n"})
        assert importlib.import_module("stretched.memory").x == "memory"
        assert importlib.import_module("stretched.disk").x == "disk"

    def test_runpy(self) -> None:
        active({"runnable/__init__.py": "", "runnable/__main__.py": "result = __name__\n"})
        assert runpy.run_module("runnable", run_name="__main__")["result"] == "__main__"


class TestResources:
    @pytest.fixture
    def env(self) -> Environment:
        return active({"res/__init__.py": "", "res/text.txt": "käse", "res/sub/deep.bin": b"\x00\x01"})

    @pytest.mark.usefixtures("env")
    def test_files(self) -> None:
        files = importlib.resources.files("res")
        assert (files / "text.txt").read_text(encoding="utf-8") == "käse"
        assert files.joinpath("sub", "deep.bin").read_bytes() == b"\x00\x01"
        assert sorted(child.name for child in files.iterdir()) == ["__init__.py", "sub", "text.txt"]
        assert (files / "sub").is_dir()
        assert not (files / "sub").is_file()
        assert (files / "text.txt").is_file()
        with (files / "text.txt").open(encoding="utf-8") as stream:
            assert stream.readline() == "käse"
        with (files / "sub" / "deep.bin").open("rb") as stream:
            assert stream.read() == b"\x00\x01"

    def test_files_are_paths(self, env: Environment) -> None:
        assert importlib.resources.files("res") == Path(env.path("res"))

    @pytest.mark.usefixtures("env")
    def test_as_file_gives_the_path_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.mkstemp", lambda *_, **__: pytest.fail("a temporary file was made"))
        files = importlib.resources.files("res")
        with importlib.resources.as_file(files / "text.txt") as path:
            assert path == files / "text.txt"
            assert path.read_text(encoding="utf-8") == "käse"
        with importlib.resources.as_file(files / "sub") as directory:
            assert [child.name for child in directory.iterdir()] == ["deep.bin"]

    def test_namespace_packages_have_resources(self) -> None:
        active({"res_space/text.txt": "here"})
        assert (importlib.resources.files("res_space") / "text.txt").read_text(encoding="utf-8") == "here"

    @pytest.mark.usefixtures("env")
    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_the_older_functions(self) -> None:
        from importlib.resources import open_binary, read_text

        assert read_text("res", "text.txt", encoding="utf-8") == "käse"
        with open_binary("res", "text.txt") as stream:
            assert stream.read() == "käse".encode()


class TestMetadata:
    def test_distributions(self) -> None:
        active({"mod.py": "x"}, entry_points="[console_scripts]\nmade-tool = mod:main\n", requires=["six>=1"])
        found = importlib.metadata.distribution("made")
        assert found.version == "1.0"
        assert found.requires == ["six>=1"]
        assert [point.name for point in found.entry_points] == ["made-tool"]
        assert found.read_text("INSTALLER") == "mempip\n"
        assert found.read_text("nothing") is None
        assert importlib.metadata.version("MADE") == "1.0"
        files = {str(file): file for file in found.files or []}
        assert files["mod.py"].read_text() == "x"

    def test_every_distribution_is_found_once(self) -> None:
        active({"mod.py": ""})
        assert [found.name for found in importlib.metadata.distributions() if found.name == "made"] == ["made"]
        point = importlib.metadata.distribution("made").locate_file("mod.py")
        assert isinstance(point, Path)
        assert point.is_file()

    def test_memory_shadows_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        info = tmp_path / "made-0.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: made\nVersion: 0.1\n")
        monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
        assert importlib.metadata.version("made") == "0.1"
        active({"mod.py": ""})
        assert importlib.metadata.version("made") == "1.0"

    def test_only_the_searched_path_counts(self) -> None:
        active({"mod.py": ""})
        assert list(importlib.metadata.distributions(name="made", path=["/elsewhere"])) == []
        assert "made" in {found.metadata["Name"] for found in importlib.metadata.distributions()}
        with pytest.raises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.version("never-made")
