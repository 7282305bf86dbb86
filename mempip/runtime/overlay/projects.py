"""Projects on PyPI that look for files where wheels on disk have them, and are told where they are.

An adaptation is worth its lines if it makes what most programs do with a project work, through the project's own
public interface. What it returns puts everything back.
"""

from __future__ import annotations

from mempip.runtime.finder import ENVIRONMENTS
from mempip.runtime.overlay.linking import Loadable
from mempip.runtime.overlay.tree import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Undo = Callable[[], None]


def _set(owner: Any, **attributes: Any) -> Undo:
    """Set attributes; return what sets those that were there before."""
    before = {name: getattr(owner, name) for name in attributes}
    for name, value in attributes.items():
        setattr(owner, name, value)

    def undo() -> None:
        for name, value in before.items():
            setattr(owner, name, value)

    return undo


def _sqlite_vec(package: Any) -> Undo:
    """SQLite opens an extension by path, and tells by the file's name what to call, unless it is told."""
    original = package.load

    def load(conn: Any) -> None:
        path = f"{package.loadable_path()}.so"
        if locate(path) is None:
            original(conn)
            return
        with Loadable(path) as library:
            conn.execute("SELECT load_extension(?, 'sqlite3_vec_init')", (library.path,))

    load.__doc__ = original.__doc__
    return _set(package, load=load)


def _jupyter(paths: Any) -> Undo:
    """Jupyter looks for templates, kernels and pages below ``sys.prefix``, where wheels install them."""
    shares = [f"{root}/share/jupyter" for root in ENVIRONMENTS]
    settings = [f"{root}/etc/jupyter" for root in ENVIRONMENTS]
    paths.ENV_JUPYTER_PATH[:0] = shares
    paths.ENV_CONFIG_PATH[:0] = settings

    def undo() -> None:
        for path in shares:
            paths.ENV_JUPYTER_PATH.remove(path)
        for path in settings:
            paths.ENV_CONFIG_PATH.remove(path)

    return undo


ADAPTED: dict[str, Callable[[Any], Undo]] = {
    "jupyter_core.paths": _jupyter,
    "sqlite_vec": _sqlite_vec,
}
