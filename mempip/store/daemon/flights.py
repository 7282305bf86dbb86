"""What is being made: each installation and each wheel once, however many ask for it at the same time.

Values only. A *flight* is an installation under way and all who wait for it; a *claim* is a wheel that one worker
fetches and others wait for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from mempip.store.daemon.requests import Request

Passenger = TypeVar("Passenger")
Crew = TypeVar("Crew")


@dataclass(eq=False)
class Flight(Generic[Passenger]):
    """An installation under way."""

    request: Request
    passengers: list[Passenger] = field(default_factory=list)


@dataclass(eq=False)
class _Claim(Generic[Crew]):
    owner: Crew
    waiting: list[Crew] = field(default_factory=list)


class Claims(Generic[Crew]):
    """Who fetches which wheel, and who waits for it."""

    def __init__(self) -> None:
        self._claims: dict[str, _Claim[Crew]] = {}

    def __len__(self) -> int:
        return len(self._claims)

    def take(self, sha256: str, who: Crew) -> bool:
        """Return whether `who` is to fetch the wheel; if not, `who` waits for the one who does."""
        claim = self._claims.get(sha256)
        if claim is None:
            self._claims[sha256] = _Claim(who)
            return True
        claim.waiting.append(who)
        return False

    def settle(self, sha256: str, who: Crew) -> list[Crew]:
        """Return those who waited, now that `who` has the wheel or an error. Nobody, if it was not `who`'s to fetch."""
        claim = self._claims.get(sha256)
        if claim is None or claim.owner is not who:
            return []
        del self._claims[sha256]
        return claim.waiting

    def release(self, sha256: str, who: Crew) -> Crew | None:
        """Return who is to fetch the wheel now that `who` will not, if anybody waited for it."""
        waiting = self.settle(sha256, who)
        if not waiting:
            return None
        self._claims[sha256] = _Claim(waiting[0], waiting[1:])
        return waiting[0]

    def forget(self, who: Crew) -> list[tuple[str, Crew]]:
        """Take `who`, whose process has ended, out of everything; return which wheels others are to fetch now."""
        for claim in self._claims.values():
            claim.waiting = [other for other in claim.waiting if other is not who]
        theirs = [sha256 for sha256, claim in self._claims.items() if claim.owner is who]
        heirs = [(sha256, self.release(sha256, who)) for sha256 in theirs]
        return [(sha256, heir) for sha256, heir in heirs if heir is not None]
