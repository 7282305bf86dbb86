"""When the daemon's snapshot is read and written: at its start, from time to time, and at its end."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

import mempip_native
from mempip.errors import InstallerFailed, SnapshotFailed, from_wire
from mempip.store.daemon import snapshot
from mempip.store.daemon.workers import Worker

if TYPE_CHECKING:
    from typing import Any

    from mempip.store.daemon.keep import Keep
    from mempip.store.daemon.loop import Loop
    from mempip.store.daemon.objects import Held

if sys.platform != "linux":
    raise ImportError("for Linux only")

LOG = logging.getLogger("mempipd")


class Saves:
    """Restores `keep` from the file at `path` if there is one; saves it there every `interval` seconds (0: never).

    Without a path it does nothing. Raises `SnapshotFailed` for a file that cannot be restored.
    """

    def __init__(self, loop: Loop, keep: Keep, path: str, interval: float) -> None:
        self._loop = loop
        self._keep = keep
        self._path = os.path.abspath(path) if path else ""
        self._interval = interval
        self._due = time.monotonic() + interval
        self._worker: Worker | None = None
        self._state: Any = None  # what is kept as it was when it was saved last
        self.last: float | None = None  #: when that was, in seconds since the epoch
        if self._path and os.path.exists(self._path):
            whole = snapshot.restore(self._path, keep, mempip_native.select())
            LOG.info("%s: restored %d wheels", path, len(keep.wheels))
            if not whole:
                LOG.warning("%s: only wheels were taken, since another user could have written it", path)
            self._state = self._state_now()

    def tick(self) -> None:
        """Begin to save, if it is time and something has changed."""
        now = time.monotonic()
        if not (self._path and self._interval) or now < self._due or self._worker is not None:
            return
        self._due = now + self._interval
        if self._state_now() == self._state:
            return
        contents, objects = snapshot.describe(self._keep)
        try:
            self._worker = Worker("mempip.store.daemon.saver", self._loop, self._hear, self._lose)
        except InstallerFailed as error:
            LOG.error("not saved: %s", error)  # noqa: TRY400 - it says all
            return
        self._state = self._state_now()
        self._worker.tell({"type": "save", "path": self._path, "contents": contents}, objects)

    def close(self) -> None:
        """Save a last time."""
        if self._worker is not None:
            self._worker.end()
        if not self._path or (self._worker is None and self._state_now() == self._state):
            return
        contents, objects = snapshot.describe(self._keep)
        try:
            self._saved(snapshot.write(self._path, contents, [held.descriptor for held in objects]))
        except SnapshotFailed as error:
            LOG.error("not saved: %s", error)  # noqa: TRY400 - it says all

    def _state_now(self) -> object:
        """Return what differs when there is something new to save."""
        wheels = {sha256: len(wheel.objects) for sha256, wheel in self._keep.wheels.items()}
        versions = {name: named.version for name, named in self._keep.environments.items()}
        return wheels, {key: kept.made for key, kept in self._keep.images.items()}, versions

    def _saved(self, size: int) -> None:
        self.last = time.time()
        LOG.info("%s: saved, %d bytes", self._path, size)

    def _hear(self, worker: Worker, message: dict[str, Any], _: list[Held]) -> None:
        worker.end()
        self._worker = None
        if message["type"] == "saved":
            self._saved(message["bytes"])
        else:
            self._state = None
            LOG.error("not saved: %s", from_wire(message["error"]))

    def _lose(self, worker: Worker, how: str) -> None:
        self._worker = self._state = None
        LOG.error("saver %d: %s", worker.pid, how)
