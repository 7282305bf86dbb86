"""Installations under way: each once, by a worker, for all who wait for it."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING

from mempip.errors import InstallerFailed, MempipError, to_wire
from mempip.store.daemon.flights import Claims, Flight
from mempip.store.daemon.keep import Kept
from mempip.store.daemon.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip.store.daemon.clients import Client, Desk
    from mempip.store.daemon.engine import Engine
    from mempip.store.daemon.environments import Environments
    from mempip.store.daemon.keep import Keep
    from mempip.store.daemon.loop import Loop
    from mempip.store.daemon.objects import Held
    from mempip.store.daemon.requests import Request

if sys.platform != "linux":
    raise ImportError("for Linux only")

LOG = logging.getLogger("mempipd")
#: Messages of workers that are passed on to clients as they are, and that end nothing.
_NEWS = ("progress", "warning", "output")


class Installations:
    """Runs at most `most` workers, keeps what they make in `keep`, and has `desk` answer clients.

    `committed` is told of each finished image; `engine` is what machines share through.
    """

    def __init__(
        self,
        loop: Loop,
        keep: Keep,
        environments: Environments,
        desk: Desk,
        most: int,
        committed: Callable[[Kept, int], object],
        engine: Engine,
    ) -> None:
        self._environments = environments
        self._loop = loop
        self._keep = keep
        self._desk = desk
        self._most = most
        self._committed = committed
        self._workers: dict[Worker, Flight[Client]] = {}
        self._flights: dict[tuple[str, bool], Flight[Client]] = {}  # by what their requests say
        self._queue: list[Flight[Client]] = []  # those that no worker has taken up
        self._claims: Claims[Worker] = Claims()
        self._begun = self._failed = 0
        self._engine = engine

    def join(self, client: Client, request: Request) -> None:
        """Have a client wait for what it asks for, which is begun if it is not under way."""
        flight = self._flights.get(request.flight)
        if flight is None:
            flight = self._flights[request.flight] = Flight(request)
            self._queue.append(flight)
        flight.passengers.append(client)
        client.flight = flight
        self._start_workers()

    def leave(self, client: Client) -> None:
        """Have a client wait no longer; what nobody else waits for is ended."""
        flight, client.flight = client.flight, None
        if flight is None:
            return
        flight.passengers.remove(client)
        if not flight.passengers:
            for worker in [worker for worker, theirs in self._workers.items() if theirs is flight]:
                self._retire(worker)
            self._land(flight)

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def describe(self) -> dict[str, Any]:
        """Return what is under way, as a JSON-able dictionary."""
        return {
            "installing": [
                {"pid": worker.pid, "requirements": flight.request.shown, "waiting": len(flight.passengers)}
                for worker, flight in self._workers.items()
            ],
            "queued": len(self._queue),
            "begun": self._begun,
            "failed": self._failed,
            **self._engine.describe(),
        }

    # --- flights -----------------------------------------------------------------------------------

    def _start_workers(self) -> None:
        while self._queue and len(self._workers) < self._most:
            flight = self._queue.pop(0)
            try:
                worker = Worker("mempip.store.daemon.worker", self._loop, self._hear, self._lose)
            except InstallerFailed as error:
                self._end_with(flight, {"type": "error", "error": to_wire(error)})
                continue
            self._begun += 1
            self._workers[worker] = flight
            request = flight.request
            order = {"options": request.options.to_wire(), "python": request.python, "stranger": request.stranger}
            order |= {"directory": request.directory, "refresh": request.refresh, "upstream": self._engine.terms}
            worker.tell({"type": "order", **order})
            LOG.info("worker %d installs %s", worker.pid, ", ".join(request.shown))

    def _end_with(self, flight: Flight[Client], message: dict[str, Any]) -> None:
        """Answer all who wait for a flight."""
        for client in self._land(flight):
            self._desk.send(client, message)

    def _land(self, flight: Flight[Client]) -> list[Client]:
        """Take a flight, which is over, off the board; return who waited for it, and may ask for something else."""
        self._flights.pop(flight.request.flight, None)
        if flight in self._queue:
            self._queue.remove(flight)
        waited, flight.passengers = flight.passengers, []
        for client in waited:
            client.flight = None
        return waited

    # --- workers -----------------------------------------------------------------------------------

    def _hear(self, worker: Worker, message: dict[str, Any], held: list[Held]) -> None:
        kind, flight = message["type"], self._workers[worker]
        if kind in _NEWS:
            for client in list(flight.passengers):
                self._desk.send_news(client, message)
        elif kind == "want":
            self._lend(worker, message["sha256"])
        elif kind == "wheel":
            wheel = self._keep.add_wheel(message["sha256"], message["filename"], held[0], flight.request.uid)
            for other in self._claims.settle(message["sha256"], worker):
                other.tell({"type": "have", "sha256": wheel.sha256}, [wheel.held])
        elif kind == "failed":
            for other in self._claims.settle(message["sha256"], worker):
                other.tell(message)
        elif kind == "release":
            heir = self._claims.release(message["sha256"], worker)
            if heir is not None:
                heir.tell({"type": "fetch", "sha256": message["sha256"]})
        elif kind == "upstream":
            self._engine.hear(message["outcome"], message["reason"])
        elif kind == "image":
            self._commit(worker, message, held)
        else:  # report, error, declined
            LOG.info("worker %d: %s", worker.pid, kind)
            self._failed += kind == "error"
            self._retire(worker)
            self._end_with(flight, message)

    def _commit(self, worker: Worker, message: dict[str, Any], held: list[Held]) -> None:
        """Keep a finished image and hand it out: from now on it is there for everybody."""
        index, *objects = held
        rows = zip(message["wheels"], objects, strict=True)
        flight = self._workers[worker]
        uid = flight.request.uid
        wheels = [self._keep.add_wheel(row["sha256"], row["filename"], one, uid) for row, one in rows]
        made = Kept(index, wheels, message["adapter"], message["satisfied"], time.monotonic() - message["age"])
        LOG.info("worker %d: %d wheels", worker.pid, len(wheels))
        self._retire(worker)
        try:
            kept = self._placed(flight.request, made)
        except MempipError as error:
            self._end_with(flight, {"type": "error", "error": to_wire(error)})
            return
        self._keep.make_room()
        for client in self._land(flight):
            if kept is None:
                self._desk.ask_again(client)
            else:
                self._desk.hand_out(client, kept)
        if kept is not None:
            self._committed(kept, flight.request.optimize)

    def _placed(self, request: Request, made: Kept) -> Kept | None:
        """Keep an image under its request, or make it part of the environment that it is for, if that is as it was."""
        if request.environment:
            return self._environments.extend(request.environment, request.base, made, request.uid)
        self._keep.add_image(request.key, made)
        return made

    def _lend(self, worker: Worker, sha256: str) -> None:
        wheel = self._keep.wheel(sha256)
        if wheel is not None:
            worker.tell({"type": "have", "sha256": sha256}, [wheel.held])
        elif self._claims.take(sha256, worker):
            worker.tell({"type": "fetch", "sha256": sha256})

    def _lose(self, worker: Worker, how: str) -> None:
        """Tell all who wait for a worker's flight that it has ended without an answer."""
        flight = self._workers[worker]
        LOG.error("worker %d: %s", worker.pid, how)
        self._failed += 1
        self._retire(worker)
        self._end_with(flight, {"type": "error", "error": to_wire(InstallerFailed(how))})

    def _retire(self, worker: Worker) -> None:
        """End a worker, and let others fetch what it was to fetch."""
        del self._workers[worker]
        if not worker.ended:
            worker.end()
        for sha256, heir in self._claims.forget(worker):
            heir.tell({"type": "fetch", "sha256": sha256})
        self._start_workers()
