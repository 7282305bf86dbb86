"""In place of a private file system in memory where mempip has none."""

# ruff: noqa: ARG001 - the signatures are those of a system's module

from __future__ import annotations

from mempip_native.errors import AdapterUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_YET = "mempip has no private, writable file system in memory on this operating system yet"


def enter(needed: Sequence[str]) -> str:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def cover(directory: str, copy: str) -> None:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def end_with(descriptor: int) -> None:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_YET)


def end(leader: int) -> None:
    """Do nothing: nothing was started."""
