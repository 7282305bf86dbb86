"""The root's ``.pth`` files: lines that name directories or are import statements (see the `site` module).

Editable wheels (PEP 660) have them, and packages that act when the interpreter starts (setuptools, coverage). `site`
reads them, as in a directory on disk; what they add to the interpreter's lists is taken away with the environment.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTS = ("path", "meta_path", "path_hooks")


class Additions:
    """What the ``.pth`` files in the directory `root`, an entry of ``sys.path``, add to lists of `sys`.

    `names` are the names in the directory. What a line raises is printed as `site` prints it; the rest of its file is
    ignored, other files are not.
    """

    def __init__(self, root: str, names: Iterable[str]) -> None:
        self._added: list[tuple[str, object]] = []
        if not any(name.endswith(".pth") for name in names):
            return
        import site

        before = {name: list(getattr(sys, name)) for name in _LISTS}
        site.addsitedir(root)
        for name in _LISTS:
            known = {id(item) for item in before[name]}
            self._added += [(name, item) for item in getattr(sys, name) if id(item) not in known]
        _move_behind(root, before["path"])

    def remove(self) -> None:
        """Take off what was added and is still there. Modules that were imported stay."""
        for name, item in self._added:
            items = getattr(sys, name)
            items[:] = [other for other in items if other is not item]
        self._added.clear()


def _move_behind(root: str, before: list[str]) -> None:
    """Put what was appended to ``sys.path``, which was `before`, behind `root`: other installations come after it."""
    known = {id(item) for item in before}
    start = len(sys.path)
    while id(sys.path[start - 1]) not in known:
        start -= 1
    appended = sys.path[start:]
    del sys.path[start:]
    position = sys.path.index(root) + 1
    sys.path[position:position] = appended
