"""How long to wait and how often to try again: deadlines, faults that may pass, and the delays between tries."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_DELAY = 0.25
LONGEST_DELAY = 30.0
#: Overload and trouble behind a proxy (520 to 527 are Cloudflare's).
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504, *range(520, 528)})


class TransientFault(Exception):
    """Something failed in a way that another try may cure. `retry_after`: seconds the server asked for, or None."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Deadline:
    """The instant by which something must have happened; `extend` moves it."""

    __slots__ = ("_clock", "_expires", "_seconds")

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._expires = clock() + seconds

    def extend(self) -> None:
        """Start the span again from now."""
        self._expires = self._clock() + self._seconds

    def cap(self, timeout: float | None) -> float:
        """Return the seconds that one operation may take: `timeout` or what is left, whichever is less.

        Raises `TransientFault` if nothing is left.
        """
        left = self._expires - self._clock()
        if left <= 0:
            raise TransientFault(f"too slow, {self._seconds:g} s were not enough")
        return left if timeout is None else min(left, timeout)


def delay_before(attempt: int, retry_after: float | None) -> float:
    """Return the seconds to wait before try number `attempt` (the first retry is 1)."""
    backoff = FIRST_DELAY * 2.0 ** (attempt - 1)
    return min(max(backoff, retry_after or 0.0), LONGEST_DELAY)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for (RFC 9110, 10.2.3); None if it is unreadable."""
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None
