"""Inflated libraries, for clients that have come to need one: made when the first asks, and lent to all who do.

A daemon cannot know beforehand which: a wheel may have a gigabyte of libraries of which a program wants two.
"""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
#: Seconds without work after which a process that inflates is ended.
IDLE = 10.0


@dataclass(eq=False)
class _Lane:
    """A process that inflates libraries of one image, and who waits for which: wheel's number and place in that."""

    kept: Kept
    worker: Worker
    waiting: dict[tuple[int, int], list[Client]] = field(default_factory=dict)
    used: float = 0.0


class Lending:
    """Lends libraries of the wheels in `keep` to clients of `desk`, who inflate by themselves what they do not get."""

    def __init__(self, loop: Loop, keep: Keep, desk: Desk) -> None:
        self._loop = loop
        self._keep = keep
        self._desk = desk
        self._lanes: list[_Lane] = []

    @property
    def busy(self) -> bool:
        """Whether somebody waits."""
        return any(lane.waiting for lane in self._lanes)

    def ask(self, client: Client, sha256: str, place: int) -> None:
        """Have a client lent the library whose bytes start at `place` in a wheel, once it is made."""
        wheel = self._keep.wheel(sha256)
        kept = None if wheel is None else self._keep.image_of(wheel)
        if wheel is None or kept is None or place in wheel.libraries:
            self._desk.lend(client, None if wheel is None else wheel.libraries.get(place))
            return
        try:
            lane = self._lane(kept)
        except InstallerFailed as error:
            LOG.warning("nothing is inflated: %s", error)
            self._desk.lend(client, None)
            return
        key = kept.wheels.index(wheel) + 1, place
        if key not in lane.waiting:
            lane.waiting[key] = []
            lane.worker.tell({"type": "inflate", "wheel": key[0], "place": place})
        lane.waiting[key].append(client)

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
            lane = _Lane(kept, Worker("mempip.store.daemon.inflater", self._loop, self._hear, self._lose))
            lane.worker.tell({"type": "image", "adapter": kept.adapter}, kept.objects)
            self._lanes.append(lane)
        lane.used = time.monotonic()
        return lane

    def _hear(self, worker: Worker, message: dict[str, Any], held: list[Held]) -> None:
        lane = next(lane for lane in self._lanes if lane.worker is worker)
        self._settle(lane, (message["wheel"], message["place"]), held[0] if held else None)
        self._keep.make_room()

    def _lose(self, worker: Worker, how: str) -> None:
        """Go on without the library at which the process ended; whoever waits for others inflates them."""
        LOG.error("inflater %d: %s", worker.pid, how)
        lane = next(lane for lane in self._lanes if lane.worker is worker)
        self._lanes.remove(lane)
        for first, key in enumerate(list(lane.waiting)):
            self._settle(lane, key, None, remember=not first)

    def _settle(self, lane: _Lane, key: tuple[int, int], held: Held | None, *, remember: bool = True) -> None:
        number, place = key
        if remember:
            lane.kept.wheels[number - 1].libraries[place] = held
        for client in lane.waiting.pop(key, ()):
            self._desk.lend(client, held)
