"""What Windows has beside the functions of `os` that other systems have, as it is while an environment is active.

`os.path` asks the kernel by functions of its own there, and `os.add_dll_directory` is how wheels tell where their DLLs
are: mempip finds those of an environment without being told.
"""

# ruff: noqa: ARG005 - some answers are the same for all paths

from __future__ import annotations

import os
import sys

from mempip.runtime.overlay.tree import MARK, locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip.runtime.overlay.tree import Location

if sys.platform != "win32":
    raise ImportError("for Windows only")

_ANSWERS: dict[str, Callable[[Location], bool]] = {
    "exists": lambda found: found.exists,
    "lexists": lambda found: found.exists,
    "isdir": lambda found: found.is_directory,
    "isfile": lambda found: found.entry is not None,
    "islink": lambda found: False,
    "isjunction": lambda found: False,
    "ismount": lambda found: False,
}


def replacements() -> dict[Any, Any]:
    """Return what takes the place of what. Functions of `os.path` that are Python's own ask `os`, and stay."""
    pairs: dict[Any, Any] = {os.add_dll_directory: add_dll_directory}
    for name in _ANSWERS:
        function = getattr(os.path, name, None)
        if function is not None and function.__module__ == "nt":
            pairs[function] = PathQuestion(function, name)
    return pairs


class PathQuestion:
    """A function of `os.path` that answers yes or no about a path."""

    def __init__(self, function: Callable[[Any], bool], name: str) -> None:
        self.__wrapped__ = function
        self.__name__ = self.__qualname__ = name
        self.__module__ = "os.path"
        self._answer = _ANSWERS[name]

    def __call__(self, path: Any) -> bool:
        if (type(path) is str and MARK not in path) or (found := locate(path)) is None:
            return self.__wrapped__(path)
        return self._answer(found)

    def __reduce__(self) -> str:
        return self.__name__


_add_dll_directory = os.add_dll_directory


def add_dll_directory(path: Any) -> Any:
    """Add a path to the DLL search path. One of an environment needs not be added."""
    found = locate(path)
    if found is None:
        return _add_dll_directory(path)
    if not found.is_directory:
        raise found.missing()
    return os._AddedDllDirectory(path, None, lambda _: None)
