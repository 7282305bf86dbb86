"""The processes that work for the daemon: started, listened to, ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mempip.store.daemon.channel import Channel
from mempip.store.process import start

if TYPE_CHECKING:
    from typing import Any

    from mempip.store.daemon.flights import Flight
    from mempip.store.daemon.server import Client

if sys.platform != "linux":
    raise ImportError("for Linux only")


class Worker:
    """A process that carries out the installation of a flight. Raises `InstallerFailed` if it cannot be started."""

    def __init__(self, flight: Flight[Client]) -> None:
        self._process, ours = start("mempip.store.daemon.worker")
        self.channel = Channel(ours, trusted=True)
        self.flight = flight
        request = flight.request
        self.channel.send({"type": "order", "options": request.options.to_wire(), "python": request.python})

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> str:
        """End the process, if it has not ended, and say how it ended."""
        self.channel.close()
        self._process.kill()
        status = self._process.wait()
        return f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"

    def describe(self) -> dict[str, Any]:
        """Return what it is doing, as a JSON-able dictionary."""
        return {
            "pid": self.pid,
            "requirements": self.flight.request.shown,
            "waiting": len(self.flight.passengers),
        }
