"""What the daemon keeps: verified wheels by their hash, and images by what was asked for.

Values only: no sockets, no processes, no clock but the one it is given. Everything here is whole; what is still being
made is `flights`'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mempip.errors import DaemonRefused
from mempip.store.daemon.objects import Held
from mempip.store.daemon.rules import is_own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any


#: A code segment or an inflated library; ``None`` for one that cannot be made.
Companion = Held | None

#: Each takes a client a descriptor, of which a program has a thousand.
MOST_COMPANIONS = 400


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be kept."""

    bytes: int
    user_bytes: int
    objects: int  #: each takes a descriptor


@dataclass(eq=False)
class Wheel:
    """A verified wheel in a sealed object, and what goes with it."""

    sha256: str  #: hex digest of the object
    filename: str
    held: Held
    owner: int  #: the user who had it fetched first
    code: dict[int, Companion] = field(default_factory=dict)  #: by optimisation level
    libraries: dict[int, Companion] = field(default_factory=dict)  #: by place in the wheel

    @property
    def objects(self) -> list[Held]:
        """The wheel's own object and those of its companions."""
        companions = (*self.code.values(), *self.libraries.values())
        return [self.held, *(one for one in companions if isinstance(one, Held))]

    @property
    def size(self) -> int:
        """Bytes of memory, companions included."""
        return sum(one.size for one in self.objects)


@dataclass(eq=False)
class Kept:
    """An image: an index over wheels, and the answer that goes with it."""

    index: Held
    wheels: Sequence[Wheel]
    adapter: str
    satisfied: Sequence[dict[str, str]]
    made: float  #: seconds, by the keep's clock
    used: int = 0  #: how often it was handed out

    @property
    def objects(self) -> list[Held]:
        """The image's own objects: the index and the wheels."""
        return [self.index, *(wheel.held for wheel in self.wheels)]

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


@dataclass(eq=False)
class Named:
    """A named environment: an image that stays until it is changed or removed."""

    kept: Kept
    version: int  #: how often it was changed
    owner: int  #: the user who made it


@dataclass
class Keep:
    """All wheels and images, the one used last at the end.

    `lifetime` is that of a resolution, in seconds. `limits` are bytes of memory in all, bytes for one user who is not
    the daemon's own, and objects; what was not used for longest is dropped for them. Those who have it keep it.
    """

    clock: Callable[[], float]
    lifetime: float
    limits: Limits
    evicted: int = 0  #: wheels dropped so far
    wheels: dict[str, Wheel] = field(default_factory=dict)
    images: dict[str, Kept] = field(default_factory=dict)
    environments: dict[str, Named] = field(default_factory=dict)

    def wheel(self, sha256: str) -> Wheel | None:
        """Return the wheel with that hash, if it is here."""
        found = self.wheels.pop(sha256, None)
        if found is not None:
            self.wheels[sha256] = found  # as the newest
        return found

    def add_wheel(self, sha256: str, filename: str, held: Held, owner: int) -> Wheel:
        """Keep a verified wheel; of two with the same hash the first stays."""
        return self.wheel(sha256) or self.wheels.setdefault(sha256, Wheel(sha256, filename, held, owner))

    def image(self, key: str) -> Kept | None:
        """Return the image that answers a request, unless it is too old."""
        found = self.images.pop(key, None)
        if found is None or self.clock() - found.made >= self.lifetime:
            return None
        self.images[key] = found
        found.used += 1
        for wheel in found.wheels:
            self.wheel(wheel.sha256)
        return found

    def has(self, kept: Kept) -> bool:
        """Return whether an image is here, as the answer to a request or as a named environment."""
        return any(kept is other for other in self._images())

    def image_of(self, wheel: Wheel) -> Kept | None:
        """Return an image that has the wheel, if there is one."""
        return next((kept for kept in self._images() if wheel in kept.wheels), None)

    def _images(self) -> Iterator[Kept]:
        yield from self.images.values()
        yield from (named.kept for named in self.environments.values())

    def add_image(self, key: str, kept: Kept) -> None:
        """Keep an image as the answer to a request, in place of an older one."""
        self.images.pop(key, None)
        self.images[key] = kept

    def forget_images(self) -> None:
        """Drop images that are too old to be handed out; their wheels stay."""
        limit = self.clock() - self.lifetime
        for key in [key for key, kept in self.images.items() if kept.made <= limit]:
            del self.images[key]

    def check_room(self, name: str, kept: Kept, owner: int) -> None:
        """Raise `DaemonRefused` if wheels of named environments, `kept` being the one called `name`, are too much."""
        others = [named for other, named in self.environments.items() if other != name]
        for who, most in ((None, self.limits.bytes), (owner, self.limits.user_bytes)):
            if who is not None and is_own(who):
                continue
            images = [kept, *(named.kept for named in others if who in (None, named.owner))]
            size = sum(wheel.held.size for wheel in {wheel for image in images for wheel in image.wheels})
            if size > most:
                raise DaemonRefused(
                    f"named environments would be {size / 1e6:.0f} MB, of which {most / 1e6:.0f} may be"
                )

    def make_room(self) -> None:
        """Drop the wheels that were not used for longest, and images of them, until the limits hold.

        Wheels of named environments stay.
        """
        stays = {wheel for named in self.environments.values() for wheel in named.kept.wheels}
        size = sum(wheel.size for wheel in self.wheels.values()) + sum(one.index.size for one in self.images.values())
        count = sum(len(wheel.objects) for wheel in self.wheels.values()) + len(self.images)
        theirs: dict[int, int] = {}
        for wheel in self.wheels.values():
            theirs[wheel.owner] = theirs.get(wheel.owner, 0) + wheel.size
        for wheel in list(self.wheels.values()):
            greedy = not is_own(wheel.owner) and theirs[wheel.owner] > self.limits.user_bytes
            if wheel in stays or (size <= self.limits.bytes and count <= self.limits.objects and not greedy):
                continue
            theirs[wheel.owner] -= wheel.size
            size -= wheel.size
            count -= len(wheel.objects)
            del self.wheels[wheel.sha256]
            self.evicted += 1
            for key in [key for key, kept in self.images.items() if wheel in kept.wheels]:
                size -= self.images.pop(key).index.size
                count -= 1

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
            "limit": self.limits.bytes,
            "evicted": self.evicted,
            "resolutions": len(self.images),
            "environments": len(self.environments),
        }
