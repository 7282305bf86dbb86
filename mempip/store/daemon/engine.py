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
KEY = "MEMPIP_UPSTREAM_KEY"  #: the variable with the key; others can read command lines
LEAST_KEY = 32  # bytes
#: What may come of asking the engine, for a wheel and for a resolution.
OUTCOMES = (
    "hit", "miss", "stored", "damaged", "lost",
    "resolution_hit", "resolution_miss", "resolution_stored", "resolution_refused",
)  # fmt: skip
SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")


def check_address(url: str) -> None:
    """Raise `UsageError` if `url` is no address of an engine, or if none could be asked here."""
    scheme, mark, _ = url.partition("://")
    if not mark or scheme not in SCHEMES:
        raise UsageError("--upstream", f"an address begins with one of {', '.join(f'{each}://' for each in SCHEMES)}")
    if find_spec("redis") is None:
        raise UsageError("--upstream", "it takes redis: install 'mempip[upstream]'")


def check_key(key: str) -> None:
    """Raise `UsageError` if `key` is so short that it could be found by trying."""
    size = len(key.encode(errors="surrogateescape"))
    if size < LEAST_KEY:
        raise UsageError(
            KEY, f"it has {size} bytes, and must have {LEAST_KEY}; 'openssl rand -hex 32' makes one for all machines"
        )


class Engine:
    """The engine at `url` (``""``: none), which is left alone for a while when a worker has lost it.

    With a `key`, resolutions are shared, too, of which none is older than `lifetime`, in seconds.
    """

    REST = 30.0  # seconds

    def __init__(self, url: str, key: str, lifetime: float) -> None:
        self._terms = {"url": url, "key": key if lifetime >= 1 else "", "lifetime": lifetime}
        self._until = 0.0
        self._counts = dict.fromkeys(OUTCOMES, 0)

    @property
    def terms(self) -> dict[str, Any] | None:
        """What a worker must know to ask it, ``None`` while it is left alone."""
        return self._terms if self._terms["url"] and time.monotonic() >= self._until else None

    def hear(self, outcome: str, reason: str) -> None:
        """Count an outcome; see `mempip.store.daemon.upstream`."""
        self._counts[outcome] += 1
        if outcome == "lost":
            self._until = time.monotonic() + self.REST
            LOG.warning("upstream: %s; without it for %.0f s", reason, self.REST)
        elif outcome == "damaged":
            LOG.error("upstream: what it has as %s is something else", reason)
        elif outcome == "resolution_refused":
            LOG.error("upstream: a resolution is not taken: %s", reason)

    def describe(self) -> dict[str, Any]:
        """Return the counts, as a JSON-able dictionary."""
        return {f"upstream_{outcome}": count for outcome, count in self._counts.items()}
