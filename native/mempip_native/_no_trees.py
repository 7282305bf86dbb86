"""In place of a system's directory trees where mempip has none: `probe` says so, and nothing comes further."""

# ruff: noqa: ARG001 - the signatures are those of a system's module

from __future__ import annotations

from mempip_native._adapter import Probe
from mempip_native.errors import AdapterUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

REMEDY = ""
_NOT_HERE = "directories in memory are Linux's"


def probe() -> Probe:
    """Return that there are none."""
    return Probe("mount", False, _NOT_HERE)


def build(name: str, fill: Callable[[int], None]) -> int:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_HERE)


def place(descriptor: int) -> int:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_HERE)


def replace(number: int, descriptor: int) -> None:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_HERE)


def adopt(number: int) -> None:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_HERE)


def path(number: int) -> str:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_HERE)


def kernel_path(number: int) -> str:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable(_NOT_HERE)
