"""Code segments of images, made in the background: one process at a time, for whatever lacks some."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from mempip.errors import InstallerFailed
from mempip.store.daemon.workers import Worker

if TYPE_CHECKING:
    from typing import Any

    from mempip.store.daemon.keep import Keep, Kept, Wheel
    from mempip.store.daemon.loop import Loop
    from mempip.store.daemon.objects import Held

if sys.platform != "linux":
    raise ImportError("for Linux only")

LOG = logging.getLogger("mempipd")


class Preparations:
    """Has wheels compiled for those who ask for their images."""

    def __init__(self, loop: Loop, keep: Keep) -> None:
        self._loop = loop
        self._keep = keep
        self._queue: list[tuple[Kept, int]] = []  # image and optimisation level
        self._worker: Worker | None = None
        self._at: tuple[Kept, int] | None = None
        self._left: list[Wheel] = []  # what the worker is to compile, and has not, in order

    @property
    def busy(self) -> bool:
        """Whether something is being compiled."""
        return self._worker is not None

    def want(self, kept: Kept, optimize: int) -> None:
        """Have what `kept` lacks of code for that optimisation level made (-1: none)."""
        if optimize >= 0 and self._lacking(kept, optimize) and (kept, optimize) not in self._queue:
            self._queue.append((kept, optimize))
            self._begin()

    def close(self) -> None:
        """End the process that is at work."""
        if self._worker is not None:
            self._worker.end()

    @staticmethod
    def _lacking(kept: Kept, optimize: int) -> list[int]:
        """Return the numbers of the wheels without code."""
        return [number for number, wheel in enumerate(kept.wheels, start=1) if optimize not in wheel.code]

    def _begin(self) -> None:
        while self._queue and self._worker is None:
            kept, optimize = self._queue.pop(0)
            numbers = self._lacking(kept, optimize)
            if not numbers or not self._keep.has(kept):
                continue
            try:
                self._worker = Worker("mempip.store.daemon.preparer", self._loop, self._hear, self._lose)
            except InstallerFailed as error:
                LOG.warning("nothing is compiled: %s", error)
                return
            self._at = kept, optimize
            self._left = [kept.wheels[number - 1] for number in numbers]
            order = {"type": "prepare", "adapter": kept.adapter, "optimize": optimize, "code": numbers}
            self._worker.tell(order, kept.objects)

    def _hear(self, worker: Worker, message: dict[str, Any], held: list[Held]) -> None:
        if self._at is None:
            return
        kept, optimize = self._at
        if message["type"] == "prepared":
            worker.end()
            self._finish()
            return
        wheel = kept.wheels[message["wheel"] - 1]
        wheel.code[optimize] = held[0]
        self._left = [other for other in self._left if other is not wheel]

    def _lose(self, worker: Worker, how: str) -> None:
        """Go on without the code of the wheel at which the process ended."""
        LOG.error("preparer %d: %s", worker.pid, how)
        if self._at is not None and self._left:
            self._left[0].code[self._at[1]] = None
            self._queue.insert(0, self._at)
        self._finish()

    def _finish(self) -> None:
        self._worker = self._at = None
        self._left = []
        self._begin()
