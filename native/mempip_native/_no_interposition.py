"""In place of a system's interposition where mempip has none: code in C is told nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from mempip_native._library import Anchor


def start(directory: str, load: Callable[[str], Anchor]) -> None:
    """Do nothing."""


def stop() -> None:
    """Do nothing."""
