"""Companions of images, made in the background: one process at a time, for whatever lacks some."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from mempip.errors import InstallerFailed
from mempip.store.daemon.keep import Lack
from mempip.store.daemon.workers import Worker

if TYPE_CHECKING:
    from typing import Any

    from mempip.store.daemon.keep import Companion, Keep, Kept
    from mempip.store.daemon.loop import Loop
    from mempip.store.daemon.objects import Held

if sys.platform != "linux":
    raise ImportError("for Linux only")

LOG = logging.getLogger("mempipd")


class Preparations:
    """Has wheels compiled for those who ask for their images, and libraries inflated that programs wanted."""

    def __init__(self, loop: Loop, keep: Keep) -> None:
        self._loop = loop
        self._keep = keep
        self._queue: list[tuple[Kept, int]] = []  # image and optimisation level
        self._worker: Worker | None = None
        self._at: tuple[Kept, int] | None = None
        self._left: list[tuple[dict[int, Companion], int]] = []  # what the worker is to make, and has not, in order

    @property
    def busy(self) -> bool:
        """Whether something is being made."""
        return self._worker is not None

    def want(self, kept: Kept, optimize: int) -> None:
        """Have what `kept` lacks made, with code for that optimisation level (-1: none)."""
        if any(self._lacks(kept, optimize)) and (kept, optimize) not in self._queue:
            self._queue.append((kept, optimize))
            self._begin()

    def want_libraries(self, places: list[tuple[str, int]]) -> None:
        """Have libraries inflated, each given by the sha256 of its wheel and where its bytes start in that.

        Only what an image says is a library becomes one.
        """
        wanted = set()
        for sha256, place in places:
            wheel = self._keep.wheels.get(sha256)
            if wheel is not None:
                wheel.libraries.setdefault(place, Lack.WANTED)
                wanted.add(sha256)
        for kept in list(self._keep.images.values()):
            if any(wheel.sha256 in wanted for wheel in kept.wheels):
                self.want(kept, -1)

    def close(self) -> None:
        """End the process that is at work."""
        if self._worker is not None:
            self._worker.end()

    @staticmethod
    def _lacks(kept: Kept, optimize: int) -> tuple[list[int], list[tuple[int, int]]]:
        """Return the numbers of the wheels without code, and number and place of libraries that are wanted."""
        numbered = list(enumerate(kept.wheels, start=1))
        code = [number for number, wheel in numbered if optimize >= 0 and optimize not in wheel.code]
        places = [
            (number, place)
            for number, wheel in numbered
            for place, held in wheel.libraries.items()
            if held is Lack.WANTED
        ]
        return code, places

    def _begin(self) -> None:
        while self._queue and self._worker is None:
            kept, optimize = self._queue.pop(0)
            code, libraries = self._lacks(kept, optimize)
            if (not code and not libraries) or kept not in self._keep.images.values():
                continue
            try:
                self._worker = Worker("mempip.store.daemon.preparer", self._loop, self._hear, self._lose)
            except InstallerFailed as error:
                LOG.warning("nothing is compiled: %s", error)
                return
            self._at = kept, optimize
            self._left = [(kept.wheels[number - 1].libraries, place) for number, place in libraries]
            self._left += [(kept.wheels[number - 1].code, optimize) for number in code]
            order = {"type": "prepare", "adapter": kept.adapter, "optimize": optimize}
            self._worker.tell(
                {**order, "code": code, "libraries": libraries}, [kept.index, *(wheel.held for wheel in kept.wheels)]
            )

    def _hear(self, worker: Worker, message: dict[str, Any], held: list[Held]) -> None:
        if self._at is None:
            return
        if message["type"] == "prepared":
            worker.end()
            self._finish()
            return
        wheel = self._at[0].wheels[message["wheel"] - 1]
        made, key = (wheel.code, "optimize") if message["type"] == "code" else (wheel.libraries, "place")
        made[message[key]] = held[0]
        self._left = [row for row in self._left if row[0] is not made or row[1] != message[key]]

    def _lose(self, worker: Worker, how: str) -> None:
        """Go on without what the process was making when it ended."""
        LOG.error("preparer %d: %s", worker.pid, how)
        if self._at is not None and len(self._left) > 1:
            self._queue.insert(0, self._at)
        del self._left[1:]
        self._finish()

    def _finish(self) -> None:
        """Give up what was not made: what is no library, or cannot be compiled."""
        for made, key in self._left:
            made[key] = Lack.GIVEN_UP
        self._worker = self._at = None
        self._left = []
        self._begin()
