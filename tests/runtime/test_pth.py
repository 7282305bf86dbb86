"""``.pth`` files in the root are read as `site` reads those of a directory on disk."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import mempip_native
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mempip.runtime.environment import Environment

if not mempip_native.adapters():
    pytest.skip("mempip has no memory adapter for this system", allow_module_level=True)

MOUNT = pytest.param(
    "mount", marks=pytest.mark.skipif(not mempip_native.trees.probe().ok, reason="no directory in memory here")
)
NAME = "edited_project"

#: In the words of setuptools' finder for layouts that no directory describes.
FINDER = """\
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location

MAPPING = {mapping!r}
PLACEHOLDER = "__editable__.{name}.finder.__path_hook__"

class EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            return spec_from_file_location(fullname, MAPPING[fullname] + "/__init__.py")

class NamespaceFinder:
    @classmethod
    def path_hook(cls, path):
        if path == PLACEHOLDER:
            return cls
        raise ImportError

    @classmethod
    def find_spec(cls, fullname, target=None):
        return None

def install():
    sys.meta_path.append(EditableFinder)
    sys.path_hooks.append(NamespaceFinder.path_hook)
    sys.path.append(PLACEHOLDER)
"""


@pytest.fixture(params=["overlay", MOUNT])
def view(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project's directory with a package; what was imported of it is forgotten."""
    (tmp_path / "src" / NAME).mkdir(parents=True)
    (tmp_path / "src" / NAME / "__init__.py").write_text("answer = 42\n")
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in (NAME, "acts", "late")]:
        del sys.modules[name]


def wheel(files: Mapping[str, str]) -> tuple[str, bytes]:
    return build_wheel("edited-project", "1.0", {"acts.py": "done = []\n", **files})


def activated(view: str, files: Mapping[str, str]) -> Environment:
    made = environment(wheel(files), files=view)
    made.activate()
    return made


class TestPaths:
    def test_extend_the_path_behind_the_root(self, view: str, project: Path) -> None:
        source = str(project / "src")
        with activated(view, {f"_{NAME}.pth": f"{source}\n"}) as made:
            position = sys.path.index(made.root)
            assert sys.path[position + 1] == source
            assert importlib.import_module(NAME).__file__ == f"{source}/{NAME}/__init__.py"
        assert source not in sys.path

    def test_below_the_root(self, view: str, project: Path) -> None:
        files = {"late.pth": "more\nmore\nnot/there\n# a comment\n\n", "more/late.py": "x = 1\n"}
        with activated(view, files) as made:
            assert importlib.import_module("late").__file__ == f"{made.root}/more/late.py"
            assert sys.path.count(f"{made.root}/more") == 1
            assert not any("not/there" in path for path in sys.path)

    def test_of_several_environments(self, view: str, project: Path, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        with activated(view, {"one.pth": str(project / "src")}) as one:
            with activated(view, {"two.pth": str(tmp_path / "other")}) as two:
                order = [two.root, str(tmp_path / "other"), one.root, str(project / "src")]
                assert [path for path in sys.path if path in order] == order
            assert str(project / "src") in sys.path

    def test_a_path_that_was_there_stays(self, view: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(str(project / "src"))
        before = list(sys.path)
        activated(view, {"one.pth": str(project / "src")}).close()
        assert sys.path == before


class TestImportLines:
    def test_are_run_when_the_environment_becomes_active(self, view: str, project: Path) -> None:
        files = {"b.pth": "import acts; acts.done.append('b')\n", "a.pth": "import acts; acts.done.append('a')\n"}
        with activated(view, files) as made:
            assert importlib.import_module("acts").done == ["a", "b"]
            made.activate()
            assert importlib.import_module("acts").done == ["a", "b"]

    def test_finders_come_and_go(self, view: str, project: Path) -> None:
        before = list(sys.path)
        finder = FINDER.format(mapping={NAME: str(project / "src" / NAME)}, name="edited_project")
        files = {
            "__editable___edited_project_finder.py": finder,
            "__editable__.edited_project.pth": (
                "import __editable___edited_project_finder; __editable___edited_project_finder.install()"
            ),
        }
        with activated(view, files):
            assert importlib.import_module(NAME).answer == 42
            assert "__editable__.edited_project.finder.__path_hook__" in sys.path
        assert sys.path == before
        added = sys.modules.pop("__editable___edited_project_finder")
        assert added.EditableFinder not in sys.meta_path
        assert added.NamespaceFinder.path_hook not in sys.path_hooks

    def test_a_line_that_fails_ends_its_file(
        self, view: str, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        failing = f"import no_such_module_at_all\n{project / 'src'}\n"
        with activated(view, {"a.pth": failing, "b.pth": "import acts; acts.done.append(1)\n"}) as made:
            printed = capsys.readouterr().err
            assert f"Error processing line 1 of {made.root}/a.pth" in printed
            assert "ModuleNotFoundError: No module named 'no_such_module_at_all'" in printed
            assert printed.endswith("Remainder of file ignored\n")
            assert str(project / "src") not in sys.path
            assert importlib.import_module("acts").done == [1]

    def test_a_path_that_is_put_first_stays_first(self, view: str, project: Path) -> None:
        before = list(sys.path)
        with activated(view, {"a.pth": f"import sys; sys.path.insert(0, {str(project)!r})\n"}):
            assert sys.path[0] == str(project)
        assert sys.path == before


class TestChildren:
    def test_have_the_same(self, view: str, project: Path) -> None:
        with activated(view, {"one.pth": f"{project / 'src'}\nimport acts; acts.done.append(1)\n"}):
            program = f"import {NAME}, acts; print({NAME}.answer, acts.done)"
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
            assert done.stdout == "42 [1]\n", done.stderr
