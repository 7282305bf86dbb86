"""Environments: on and off sys.path, what they hold, taking projects out."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

import pytest

import mempip
from mempip.errors import AlreadyImported, InvalidImage, NotInstalled
from mempip.runtime import environment as environments
from mempip.runtime import finder
from mempip.runtime.environment import Environment
from tests.support.environments import environment, memory
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from pathlib import Path


class TestPath:
    def test_is_on_sys_path_once_active(self) -> None:
        env = environment(build_wheel("a", "1", {"mod_a.py": "x = 1\n"}))
        assert not env.active
        env.activate()
        env.activate()
        assert sys.path.count(env.root) == 1
        assert finder.path_hook in sys.path_hooks

    def test_comes_before_site_packages_and_after_the_standard_library(self) -> None:
        env = environment(build_wheel("a", "1"))
        env.activate()
        at = sys.path.index(env.root)
        assert not any("site-packages" in path for path in sys.path[:at])
        assert any(path.endswith(f"python3.{sys.version_info[1]}") for path in sys.path[:at])

    def test_comes_last_without_site_packages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "path", ["/nowhere"])
        env = environment(build_wheel("a", "1"))
        env.activate()
        assert sys.path == ["/nowhere", env.root]

    def test_the_newest_environment_shadows_older_ones(self) -> None:
        first, second = (environment(build_wheel("a", version)) for version in ("1", "2"))
        first.activate()
        second.activate()
        assert [row.version for row in mempip.list()] == ["2"]
        assert environments.active() == [second, first]

    def test_leaving_takes_it_off(self) -> None:
        with environment(build_wheel("a", "1", {"mod_left.py": ""})) as env:
            env.activate()
        assert env.root not in sys.path
        assert finder.path_hook not in sys.path_hooks
        assert env.image.descriptors == []
        with pytest.raises(ModuleNotFoundError):
            __import__("mod_left")

    def test_imported_packages_go_on_importing_their_own_modules(self) -> None:
        files = {"pkg_later/__init__.py": "", "pkg_later/lazy.py": "x = 7\n"}
        with environment(build_wheel("a", "1", files)) as env:
            env.activate()
            import pkg_later  # type: ignore[import-not-found]
        from pkg_later import lazy  # type: ignore[import-not-found]

        assert (pkg_later.__name__, lazy.x) == ("pkg_later", 7)

    def test_a_damaged_image_keeps_no_descriptor(self) -> None:
        with pytest.raises(InvalidImage):
            Environment.open([memory(b"nothing")], "memfd")


class TestFiles:
    @pytest.fixture
    def env(self) -> Environment:
        return environment(build_wheel("a", "1", {"pkg/__init__.py": "", "pkg/data.txt": "hello"}))

    def test_reads(self, env: Environment) -> None:
        assert env.read(f"{env.root}/pkg/data.txt") == b"hello"
        assert env.listdir(f"{env.root}/pkg") == ["__init__.py", "data.txt"]
        assert env.is_file(f"{env.root}/pkg/data.txt")
        assert not env.is_file(f"{env.root}/pkg")
        assert not env.is_file("/elsewhere")
        assert env.is_directory(env.root)
        assert not env.is_directory("/elsewhere")

    @pytest.mark.parametrize(
        ("path", "code"), [("pkg", errno.EISDIR), ("nothing", errno.ENOENT), ("../x", errno.ENOENT)]
    )
    def test_errors_are_a_file_systems(self, env: Environment, path: str, code: int) -> None:
        with pytest.raises(OSError, match=path) as caught:
            env.read(f"{env.root}/{path}")
        assert caught.value.errno == code

    def test_paths_elsewhere_do_not_exist(self, env: Environment) -> None:
        with pytest.raises(FileNotFoundError):
            env.read("/etc/passwd")

    @pytest.mark.parametrize(("path", "code"), [("pkg/data.txt", errno.ENOTDIR), ("nothing", errno.ENOENT)])
    def test_listing_what_is_no_directory(self, env: Environment, path: str, code: int) -> None:
        with pytest.raises(OSError, match=path) as caught:
            env.listdir(f"{env.root}/{path}")
        assert caught.value.errno == code

    def test_repr_names_what_is_inside(self, env: Environment) -> None:
        assert repr(env) == f"<Environment {env.root}: a==1>"


class TestOtherVersions:
    @pytest.fixture
    def on_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Project ``clash`` 1.0 on disk, on ``sys.path``."""
        (tmp_path / "clash.py").write_text("__version__ = '1.0'\n")
        info = tmp_path / "clash-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: clash\nVersion: 1.0\n")
        monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
        return tmp_path

    @pytest.mark.usefixtures("on_disk")
    def test_a_module_in_use_in_another_version_is_an_error(self) -> None:
        import clash  # type: ignore[import-not-found]

        env = environment(build_wheel("Clash", "2.0", {"clash.py": ""}))
        with pytest.raises(AlreadyImported) as caught:
            env.activate()
        assert (caught.value.project, caught.value.imported, caught.value.wanted) == ("Clash", "1.0", "2.0")
        assert not env.active
        assert env.root not in finder.ENVIRONMENTS
        assert clash.__version__ == "1.0"

    @pytest.mark.usefixtures("on_disk")
    def test_the_same_version_is_none(self) -> None:
        import clash

        env = environment(build_wheel("clash", "1.0", {"clash.py": ""}))
        env.activate()
        assert clash.__version__ == "1.0"

    @pytest.mark.usefixtures("on_disk")
    def test_an_unused_version_on_disk_is_shadowed(self) -> None:
        env = environment(build_wheel("clash", "2.0", {"clash.py": "__version__ = '2.0'\n"}))
        env.activate()
        import clash

        assert clash.__version__ == "2.0"

    def test_a_package_in_use_counts_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "clashpkg").mkdir()
        (tmp_path / "clashpkg" / "__init__.py").write_text("")
        info = tmp_path / "clashpkg-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: clashpkg\nVersion: 1\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        import clashpkg  # type: ignore[import-not-found]  # noqa: F401

        with pytest.raises(AlreadyImported):
            environment(build_wheel("clashpkg", "2", {"clashpkg/__init__.py": ""})).activate()

    def test_a_module_from_an_environment_that_was_left_counts_too(self) -> None:
        with environment(build_wheel("left", "1", {"mod_clash_left.py": ""})) as left:
            left.activate()
            import mod_clash_left  # type: ignore[import-not-found]  # noqa: F401
        with pytest.raises(AlreadyImported) as caught:
            environment(build_wheel("left", "2", {"mod_clash_left.py": ""})).activate()
        assert (caught.value.imported, caught.value.wanted) == ("1", "2")
        environment(build_wheel("left", "1", {"mod_clash_left.py": ""})).activate()

    def test_namespace_packages_are_shared(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "shared_ns").mkdir()
        (tmp_path / "shared_ns" / "disk.py").write_text("where = 'disk'\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        import shared_ns.disk  # type: ignore[import-not-found]

        environment(build_wheel("ns", "1", {"shared_ns/memory.py": "where = 'memory'\n"})).activate()
        import shared_ns.memory  # type: ignore[import-not-found]

        assert (shared_ns.disk.where, shared_ns.memory.where) == ("disk", "memory")


class TestProjects:
    def test_list_freeze_show(self) -> None:
        environment(
            build_wheel("Zed", "1", requires=["a-b>=1", "extra-thing; extra == 'x'", "zed[x]; extra=='y'"]),
            build_wheel("A.B", "2.5"),
        ).activate()
        assert [(row.name, row.version) for row in mempip.list()] == [("A.B", "2.5"), ("Zed", "1")]
        assert mempip.freeze() == ["A.B==2.5", "Zed==1"]
        shown = mempip.show("a_b")
        assert (shown["Name"], shown["Version"], shown["Required-by"]) == ("A.B", "2.5", ["Zed"])
        assert mempip.show("zed")["Requires"] == ["a-b"]

    def test_what_an_installer_is_told(self) -> None:
        environment(build_wheel("a", "1", requires=["b>=1"])).activate()
        assert environments.installed() == [{"name": "a", "version": "1", "requires": ["b>=1"]}]

    def test_uninstall(self) -> None:
        env = environment(
            build_wheel("gone", "1", {"mod_gone.py": ""}), build_wheel("stays", "1", {"mod_stays.py": "x = 3\n"})
        )
        env.activate()
        assert finder.MemoryFinder(env, "").find_spec("mod_gone") is not None
        mempip.uninstall("Gone")
        assert mempip.freeze() == ["stays==1"]
        with pytest.raises(ModuleNotFoundError):
            __import__("mod_gone")
        assert __import__("mod_stays").x == 3
        assert env.read(f"{env.root}/stays-1.dist-info/INSTALLER") == b"mempip\n"
        with pytest.raises(FileNotFoundError):
            env.read(f"{env.root}/gone-1.dist-info/INSTALLER")

    @pytest.mark.parametrize("ask", [mempip.show, mempip.uninstall])
    def test_what_is_not_there(self, ask: object) -> None:
        with pytest.raises(NotInstalled, match="nothing-here"):
            ask("nothing-here")  # type: ignore[operator]

    def test_an_environment_knows_what_it_does_not_have(self) -> None:
        with pytest.raises(NotInstalled):
            environment(build_wheel("a", "1")).uninstall("b")
