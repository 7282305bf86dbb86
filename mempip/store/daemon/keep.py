"""What the daemon keeps: verified wheels by their hash, and images by what was asked for.

Values only: no sockets, no processes, no clock but the one it is given. Everything here is whole; what is still being
made is `flights`'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from mempip.store.daemon.objects import Held


@dataclass(eq=False)
class Wheel:
    """A verified wheel in a sealed object, and what goes with it."""

    sha256: str  #: hex digest of the object
    filename: str
    held: Held

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return self.held.size


@dataclass(eq=False)
class Kept:
    """An image: an index over wheels, and the answer that goes with it."""

    index: Held
    wheels: Sequence[Wheel]
    adapter: str
    satisfied: Sequence[dict[str, str]]
    made: float  #: seconds, by the keep's clock
    used: int = 0  #: how often it was handed out


@dataclass
class Keep:
    """All wheels and images, the one used last at the end. `lifetime` is that of a resolution, in seconds."""

    clock: Callable[[], float]
    lifetime: float
    wheels: dict[str, Wheel] = field(default_factory=dict)
    images: dict[str, Kept] = field(default_factory=dict)

    def wheel(self, sha256: str) -> Wheel | None:
        """Return the wheel with that hash, if it is here."""
        found = self.wheels.pop(sha256, None)
        if found is not None:
            self.wheels[sha256] = found  # as the newest
        return found

    def add_wheel(self, sha256: str, filename: str, held: Held) -> Wheel:
        """Keep a verified wheel; of two with the same hash the first stays."""
        return self.wheel(sha256) or self.wheels.setdefault(sha256, Wheel(sha256, filename, held))

    def image(self, key: str) -> Kept | None:
        """Return the image that answers a request, unless it is too old."""
        found = self.images.pop(key, None)
        if found is None or self.clock() - found.made >= self.lifetime:
            return None
        self.images[key] = found
        found.used += 1
        return found

    def add_image(self, key: str, kept: Kept) -> None:
        """Keep an image as the answer to a request, in place of an older one."""
        self.images.pop(key, None)
        self.images[key] = kept

    def forget_images(self) -> None:
        """Drop images that are too old to be handed out; their wheels stay."""
        limit = self.clock() - self.lifetime
        for key in [key for key, kept in self.images.items() if kept.made <= limit]:
            del self.images[key]

    def describe(self) -> dict[str, Any]:
        """Return what is kept, as a JSON-able dictionary. Sizes are in bytes."""
        return {
            "wheels": [
                {"filename": row.filename, "sha256": row.sha256, "bytes": row.size} for row in self.wheels.values()
            ],
            "wheel_bytes": sum(row.size for row in self.wheels.values()),
            "resolutions": len(self.images),
            "resolutions_used": sum(row.used for row in self.images.values()),
        }
