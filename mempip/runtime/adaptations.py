"""Modules that are changed while environments are active, and put back to what they were afterwards.

Each is adapted when it is imported, at once if it is imported already: none is imported for it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    #: Changes a module, and returns what puts it back.
    Adaptation = Callable[[Any], Callable[[], None]]

_wanted: dict[str, Adaptation] = {}
_done: dict[str, Callable[[], None]] = {}  # what undoes it


def add(adaptations: Mapping[str, Adaptation]) -> None:
    """Adapt modules, by name, from now on."""
    if not _wanted:
        sys.meta_path.insert(0, _Watcher)
    _wanted.update(adaptations)
    for name in adaptations:
        if name in sys.modules:
            _adapt(sys.modules[name])


def remove(names: Iterable[str]) -> None:
    """Put modules back, the last one first, and adapt them no more."""
    for name in names:
        _wanted.pop(name, None)
    for name in reversed([name for name in _done if name not in _wanted]):
        _done.pop(name)()
    if not _wanted and _Watcher in sys.meta_path:
        sys.meta_path.remove(_Watcher)


def _adapt(module: ModuleType) -> None:
    name = module.__name__
    if name in _wanted and name not in _done:
        _done[name] = _wanted[name](module)


class _Watcher:
    """A meta path entry that finds what the others find, and sees to it that the modules here are adapted."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the other finders have for a module that is to be adapted, else ``None``."""
        if fullname not in _wanted:
            return None
        for finder in sys.meta_path:
            if finder is not cls and (spec := finder.find_spec(fullname, path, target)) is not None:
                _adapt_when_run(spec.loader)
                return spec
        return None


def _adapt_when_run(loader: Any) -> None:
    if loader is None or isinstance(loader, type):
        return
    run = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        del loader.exec_module
        run(module)
        _adapt(module)

    loader.exec_module = exec_module
