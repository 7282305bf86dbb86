"""Projects that look for files where wheels on disk have them: modules that stand in for them ask the kernel.

The projects themselves are in platform_tests/programs.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mempip.runtime import adaptations, projects
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("these modules ask a POSIX kernel", allow_module_level=True)
if sys.platform == "linux":
    from mempip_native.linux import probe_library

posix = __import__("posix")

SQLITE_VEC = """
import os

def loadable_path():
    return os.path.join(os.path.dirname(__file__), "vec0")

def load(conn):
    conn.load_extension(loadable_path())
"""

PATHS = """
ENV_JUPYTER_PATH, ENV_CONFIG_PATH = ["/prefix/share/jupyter"], ["/prefix/etc/jupyter"]
"""

LIBRARY = probe_library.build(probe_library.MACHINES[platform.machine()]) if sys.platform == "linux" else b""

FILES: dict[str, str | bytes] = {
    "jupyter_core/paths.py": PATHS,
    "sqlite_vec/__init__.py": SQLITE_VEC,
    "sqlite_vec/vec0.so": LIBRARY,
}


class Project:
    """The module called `name`, from an active environment at `root`."""

    def __init__(self, name: str) -> None:
        self.environment = environment(build_wheel("made", "1.0", FILES))
        self.environment.activate()
        self.root = self.environment.root
        self.module: Any = importlib.import_module(name)


@pytest.fixture
def project(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    for name in list(sys.modules):
        if name.partition(".")[0] in {path.partition("/")[0].removesuffix(".py") for path in FILES}:
            monkeypatch.delitem(sys.modules, name)
    found = Project(request.param)
    yield found
    found.environment.close()


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("project", [name], indirect=True)


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    path = tmp_path / "file"
    path.write_text("elsewhere")
    return str(path)


@of("jupyter_core.paths")
def test_jupyter(project: Project) -> None:
    paths = project.module
    found = (paths.ENV_JUPYTER_PATH, paths.ENV_CONFIG_PATH)
    assert found == (
        [f"{project.root}/share/jupyter", "/prefix/share/jupyter"],
        [f"{project.root}/etc/jupyter", "/prefix/etc/jupyter"],
    )
    adaptations.remove(projects.ADAPTED)
    assert (paths.ENV_JUPYTER_PATH, paths.ENV_CONFIG_PATH) == (["/prefix/share/jupyter"], ["/prefix/etc/jupyter"])


class Connection:
    """A connection of SQLite, which opens libraries itself; it keeps what it was told to call."""

    def load_extension(self, path: str) -> None:
        posix.close(posix.open(f"{path}.so", os.O_RDONLY))
        self.called = None

    def execute(self, statement: str, values: tuple[str]) -> None:
        posix.close(posix.open(values[0], os.O_RDONLY))
        self.called = statement


@pytest.mark.skipif(sys.platform != "linux", reason="libraries are loaded from memory on Linux")
@of("sqlite_vec")
def test_sqlite_vec(project: Project, monkeypatch: pytest.MonkeyPatch, elsewhere: str) -> None:
    connection = Connection()
    project.module.load(connection)
    assert connection.called == "SELECT load_extension(?, 'sqlite3_vec_init')"
    os.rename(elsewhere, f"{elsewhere}.so")
    monkeypatch.setattr(project.module, "loadable_path", lambda: elsewhere)
    project.module.load(connection)
    assert connection.called is None
