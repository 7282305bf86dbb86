"""In place of a system's interposition where mempip has none: code in C is told nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from mempip_native._adapter import Adapter
    from mempip_native._library import Anchor


def start(load: Callable[[str], Anchor]) -> None:
    """Do nothing."""


def stop() -> None:
    """Do nothing."""


def follow() -> bool:
    """Return that there is nothing that could."""
    return False


def unfollow() -> None:
    """Do nothing."""


def connect_loaded(path: str, root: str, adapter: Adapter) -> None:
    """Do nothing."""
