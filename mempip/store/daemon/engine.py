"""What the daemon itself knows of the engine upstream: its address, and what workers say of it."""

from __future__ import annotations

import logging
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mempip.errors import UsageError

if TYPE_CHECKING:
    from typing import Any

LOG = logging.getLogger("mempipd")
SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")


def check_address(url: str) -> None:
    """Raise `UsageError` if `url` is no address of an engine, or if none could be asked here."""
    scheme, mark, _ = url.partition("://")
    if not mark or scheme not in SCHEMES:
        raise UsageError("--upstream", f"an address begins with one of {', '.join(f'{each}://' for each in SCHEMES)}")
    if find_spec("redis") is None:
        raise UsageError("--upstream", "it takes redis: install 'mempip[upstream]'")


class Engine:
    """The engine at `url` (``""``: none), which is left alone for a while when a worker has lost it."""

    REST = 30.0  # seconds

    def __init__(self, url: str) -> None:
        self._url = url
        self._until = 0.0
        self._counts = dict.fromkeys(("hit", "miss", "stored", "damaged", "lost"), 0)

    @property
    def address(self) -> str:
        """The engine's address, ``""`` while it is left alone."""
        return self._url if time.monotonic() >= self._until else ""

    def hear(self, outcome: str, reason: str) -> None:
        """Count an outcome; see `mempip.store.daemon.upstream`."""
        self._counts[outcome] += 1
        if outcome == "lost":
            self._until = time.monotonic() + self.REST
            LOG.warning("upstream: %s; without it for %.0f s", reason, self.REST)
        elif outcome == "damaged":
            LOG.error("upstream: what it has as %s is something else", reason)

    def describe(self) -> dict[str, Any]:
        """Return the counts, as a JSON-able dictionary."""
        return {f"upstream_{outcome}": count for outcome, count in self._counts.items()}
