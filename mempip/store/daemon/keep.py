"""What the daemon keeps: verified wheels by their hash, and images by what was asked for.

Values only: no sockets, no processes, no clock but the one it is given. Everything here is whole; what is still being
made is `flights`'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from mempip.store.daemon.objects import Held

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


class Lack(Enum):
    """Why there is no companion."""

    WANTED = "wanted"  #: it is to be made
    GIVEN_UP = "given up"  #: it cannot be made


#: A code segment or an inflated library, or why there is none.
Companion = Held | Lack

#: Each takes a client a descriptor, of which a program has a thousand.
MOST_COMPANIONS = 400


@dataclass(eq=False)
class Wheel:
    """A verified wheel in a sealed object, and what goes with it."""

    sha256: str  #: hex digest of the object
    filename: str
    held: Held
    code: dict[int, Companion] = field(default_factory=dict)  #: by optimisation level
    libraries: dict[int, Companion] = field(default_factory=dict)  #: by place in the wheel

    @property
    def size(self) -> int:
        """Bytes of memory, companions included."""
        companions = (*self.code.values(), *self.libraries.values())
        return self.held.size + sum(one.size for one in companions if isinstance(one, Held))


@dataclass(eq=False)
class Kept:
    """An image: an index over wheels, and the answer that goes with it."""

    index: Held
    wheels: Sequence[Wheel]
    adapter: str
    satisfied: Sequence[dict[str, str]]
    made: float  #: seconds, by the keep's clock
    used: int = 0  #: how often it was handed out

    def companions(self, optimize: int) -> tuple[dict[str, Any], list[Held]]:
        """Return the table of the companions for that optimisation level (-1: no code), and their objects."""
        code = {number: wheel.code.get(optimize) for number, wheel in enumerate(self.wheels, start=1)}
        segments = {number: held for number, held in code.items() if isinstance(held, Held)}
        libraries = {
            (number, place): held
            for number, wheel in enumerate(self.wheels, start=1)
            for place, held in wheel.libraries.items()
            if isinstance(held, Held)
        }
        places = list(libraries)[: MOST_COMPANIONS - len(segments)]
        table = {"code": list(segments), "libraries": places}
        return table, [*segments.values(), *(libraries[place] for place in places)]


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
                {
                    "filename": row.filename,
                    "sha256": row.sha256,
                    "bytes": row.size,
                    "compiled": sorted(level for level, held in row.code.items() if isinstance(held, Held)),
                    "libraries": sum(isinstance(held, Held) for held in row.libraries.values()),
                }
                for row in self.wheels.values()
            ],
            "wheel_bytes": sum(row.held.size for row in self.wheels.values()),
            "bytes": sum(row.size for row in self.wheels.values()),
            "resolutions": len(self.images),
            "resolutions_used": sum(row.used for row in self.images.values()),
        }
