"""What it takes to adapt a module whose C code opens paths itself: for `consumers`."""

from __future__ import annotations

import os

from mempip.runtime.overlay.tree import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip.runtime.overlay.tree import Location


def replace_method(owner: Any, name: str, function: Callable[..., Any]) -> Callable[[], None]:
    """Set a method; return what puts back the one that the class had, or inherited."""
    own = vars(owner).get(name)
    function.__doc__ = getattr(owner, name).__doc__
    function.__name__ = name
    function.__qualname__ = f"{owner.__qualname__}.{name}"
    function.__module__ = owner.__module__
    setattr(owner, name, function)

    def undo() -> None:
        if own is not None:
            setattr(owner, name, own)
        elif vars(owner).get(name) is function:
            delattr(owner, name)

    return undo


class Readable:
    """A path that C code can open while the ``with`` statement lasts: that of a descriptor, for one of ours."""

    def __init__(self, path: Any) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> Any:
        found = locate(self._path)
        if found is None:
            return self._path
        self._descriptor = found.open(os.O_RDONLY)
        return f"/proc/self/fd/{self._descriptor}"

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


def contents(location: Location) -> bytes:
    """Return the bytes of the file at `location`. Raises `OSError`."""
    return location.read(os.O_RDONLY)
