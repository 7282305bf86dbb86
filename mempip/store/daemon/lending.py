"""What clients have come to need of an image: made when the first asks, and lent to all who do.

These are inflated libraries, since a daemon cannot know beforehand which: a wheel may have a gigabyte of them of which
a program wants two. And the code of modules as long as their wheel's is not there (`preparations`), so that a fleet
that starts on an empty daemon compiles each module once.
"""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mempip.errors import InstallerFailed
from mempip.store.daemon.objects import Held
from mempip.store.daemon.workers import Worker

if TYPE_CHECKING:
    from typing import Any

    from mempip.store.daemon.clients import Client, Desk
    from mempip.store.daemon.keep import Keep, Kept
    from mempip.store.daemon.loop import Loop

if sys.platform != "linux":
    raise ImportError("for Linux only")

LOG = logging.getLogger("mempipd")
#: Seconds without work after which a process is ended.
IDLE = 10.0


class _Part(NamedTuple):
    """What can be lent of an image: a library, or the code of a module."""

    wheel: int  #: its number
    place: int  #: where the library or the module's source starts in it
    level: int  #: the code's optimisation level; -1 for a library


@dataclass(eq=False)
class _Lane:
    """A process that makes what is lent of one image, and who waits for which part."""

    kept: Kept
    worker: Worker
    waiting: dict[_Part, list[Client]] = field(default_factory=dict)
    used: float = 0.0


class Lending:
    """Lends what the wheels in `keep` have to clients of `desk`, who make by themselves what they do not get."""

    def __init__(self, loop: Loop, keep: Keep, desk: Desk) -> None:
        self._loop = loop
        self._keep = keep
        self._desk = desk
        self._lanes: list[_Lane] = []

    @property
    def busy(self) -> bool:
        """Whether somebody waits."""
        return any(lane.waiting for lane in self._lanes)

    def ask(self, client: Client, sha256: str, place: int, level: int) -> None:
        """Have a client lent the library or code whose bytes start at `place` in a wheel, once it is made.

        `level` is the optimisation level of the code, -1 for a library.
        """
        wheel = self._keep.wheel(sha256)
        if wheel is None:
            self._desk.lend(client, None)
            return
        made, key = (wheel.libraries, place) if level < 0 else (wheel.code, level)
        kept = self._keep.image_of(wheel) if key not in made else None
        if kept is None:
            self._desk.lend(client, made.get(key))
            return
        try:
            lane = self._lane(kept)
        except InstallerFailed as error:
            LOG.warning("nothing is lent: %s", error)
            self._desk.lend(client, None)
            return
        part = _Part(kept.wheels.index(wheel) + 1, place, level)
        if part not in lane.waiting:
            lane.waiting[part] = []
            lane.worker.tell({"type": "make", "part": part})
        lane.waiting[part].append(client)

    def leave(self, client: Client) -> None:
        """Have a client wait no longer."""
        for lane in self._lanes:
            for clients in lane.waiting.values():
                if client in clients:
                    clients.remove(client)

    def tick(self) -> None:
        """End processes that have had nothing to do for a while."""
        for lane in [lane for lane in self._lanes if not lane.waiting and time.monotonic() - lane.used > IDLE]:
            self._lanes.remove(lane)
            lane.worker.end()

    def close(self) -> None:
        """End all processes."""
        for lane in self._lanes:
            lane.worker.end()

    def _lane(self, kept: Kept) -> _Lane:
        lane = next((lane for lane in self._lanes if lane.kept is kept), None)
        if lane is None:
            lane = _Lane(kept, Worker("mempip.store.daemon.maker", self._loop, self._hear, self._lose))
            lane.worker.tell({"type": "image", "adapter": kept.adapter}, kept.objects)
            self._lanes.append(lane)
        lane.used = time.monotonic()
        return lane

    def _hear(self, worker: Worker, message: dict[str, Any], held: list[Held]) -> None:
        lane = next(lane for lane in self._lanes if lane.worker is worker)
        self._settle(lane, _Part(*message["part"]), held[0] if held else None)
        self._keep.make_room()

    def _lose(self, worker: Worker, how: str) -> None:
        """Go on without that at which the process ended; whoever waits for something else makes it."""
        LOG.error("maker %d: %s", worker.pid, how)
        lane = next(lane for lane in self._lanes if lane.worker is worker)
        self._lanes.remove(lane)
        for first, part in enumerate(list(lane.waiting)):
            self._settle(lane, part, None, remember=not first)

    def _settle(self, lane: _Lane, part: _Part, held: Held | None, *, remember: bool = True) -> None:
        if remember and part.level < 0:  # code comes with that of the whole wheel
            lane.kept.wheels[part.wheel - 1].libraries[part.place] = held
        for client in lane.waiting.pop(part, ()):
            self._desk.lend(client, held)
