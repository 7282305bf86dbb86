"""The daemon's one thread: waits on sockets, and changes what is kept. It never waits for anybody in particular."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from mempip import __version__
from mempip.errors import DaemonRefused, InstallerFailed, MempipError, ProtocolError, to_wire
from mempip.options import InstallOptions
from mempip.store.daemon.channel import Channel, Closed
from mempip.store.daemon.flights import Claims, Flight
from mempip.store.daemon.keep import Keep, Kept
from mempip.store.daemon.objects import Held
from mempip.store.daemon.requests import NotHere, check_version, read_install
from mempip.store.daemon.workers import Worker
from mempip.store.place import peer
from mempip.store.protocol import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip.store.daemon.settings import Settings

if sys.platform != "linux":
    raise ImportError("for Linux only")

LOG = logging.getLogger("mempipd")
TICK = 1.0  # seconds between looks at the clock
#: How long a client may take to say what it wants, or to read what it was sent, in seconds.
PATIENCE = 30.0
#: Messages that are passed on to clients as they are.
_NEWS = ("progress", "warning", "output")


class Client:
    """A connected client: which user it is, and what it waits for."""

    def __init__(self, connected: socket.socket) -> None:
        self.pid, self.uid, self.gid = peer(connected)
        self.channel = Channel(connected)
        self.flight: Flight[Client] | None = None


class Server:
    """Serves what `keep` has over `listener`, and has the rest made. `network` is how indexes are reached."""

    def __init__(self, listener: socket.socket, settings: Settings, network: InstallOptions) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._settings = settings
        self._network = network
        self._keep = Keep(time.monotonic, settings.lifetime)
        self._selector = selectors.DefaultSelector()
        self._clients: set[Client] = set()
        self._workers: set[Worker] = set()
        self._flights: dict[str, Flight[Client]] = {}  # by the key of their requests
        self._queue: list[Flight[Client]] = []  # those that no worker has taken up
        self._claims: Claims[Worker] = Claims()
        self._began = time.time()
        self._served = 0
        self._stopping = False
        self._events: dict[Channel, int] = {}  # what is waited for
        self._alarm, self._bell = socket.socketpair()
        self._bell.setblocking(False)

    def run(self) -> None:
        """Serve until `stop` is called."""
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._alarm, selectors.EVENT_READ, lambda _: None)
        ticked = time.monotonic()
        try:
            while not self._stopping:
                for key, events in self._selector.select(TICK):
                    key.data(events)
                if time.monotonic() - ticked >= TICK:
                    ticked = time.monotonic()
                    self._tick()
        finally:
            for worker in list(self._workers):
                worker.end()
            for client in list(self._clients):
                client.channel.close()
            self._selector.close()
            self._alarm.close()
            self._bell.close()

    def stop(self) -> None:
        """Have `run` return; may be called by a signal's handler. What is being installed is ended."""
        if not self._stopping:
            self._stopping = True
            self._bell.send(b"\0")

    # --- clients -----------------------------------------------------------------------------------

    def _accept(self, _: int) -> None:
        try:
            connected, _address = self._listener.accept()
        except OSError as error:  # gone again, or no descriptor left: others must close first
            LOG.warning("a client could not be accepted: %s", error.strerror)
            time.sleep(0.05)
            return
        client = Client(connected)
        if len(self._clients) >= self._settings.connections:
            self._refuse(client, DaemonRefused(f"{self._settings.connections} clients are connected already"))
            client.channel.close()
            return
        self._clients.add(client)
        self._watch(client.channel, partial(self._client_moves, client))
        LOG.debug("client of pid %d, uid %d connected", client.pid, client.uid)

    def _client_moves(self, client: Client, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                client.channel.flush()
            if events & selectors.EVENT_READ:
                for message, _ in client.channel.receive():
                    if client in self._clients:
                        self._answer(client, message)
        except Closed:
            self._dismiss(client)
            return
        except (ProtocolError, DaemonRefused) as error:
            LOG.warning("client of pid %d, uid %d: %s", client.pid, client.uid, error)
            self._refuse(client, error)
            self._dismiss(client)
            return
        self._rewatch(client.channel)

    def _answer(self, client: Client, message: dict[str, Any]) -> None:
        """Answer a request. Raises `Closed`, `ProtocolError`, `DaemonRefused`."""
        check_version(message)
        if client.flight is not None:
            raise ProtocolError("a client waits for one thing at a time")
        if client.uid not in (0, os.geteuid()):
            raise DaemonRefused(f"it serves user {os.geteuid()}, and not user {client.uid}")
        kind = message["type"]
        if kind == "install":
            self._install(client, message)
        elif kind == "status":
            client.channel.send({"type": "status", "status": self.status()})
        elif kind == "stop":
            client.channel.send({"type": "stopping", "pid": os.getpid()})
            self.stop()
        else:
            raise ProtocolError(f"there is no request {kind!r}")

    def _install(self, client: Client, message: dict[str, Any]) -> None:
        try:
            request = read_install(message, self._network, same_files=_sees_same_files(client))
        except NotHere as refusal:
            client.channel.send({"type": "declined", "reason": str(refusal)})
            return
        kept = None if request.refresh else self._keep.image(request.key)
        if kept is not None:
            self._hand_out(client, kept)
            return
        flight = self._flights.get(request.key)
        if flight is None:
            flight = self._flights[request.key] = Flight(request)
            self._queue.append(flight)
        flight.passengers.append(client)
        client.flight = flight
        self._start_workers()

    def _hand_out(self, client: Client, kept: Kept) -> None:
        self._served += 1
        message = {"type": "image", "adapter": kept.adapter, "satisfied": kept.satisfied}
        client.channel.send(message, [kept.index, *(wheel.held for wheel in kept.wheels)])

    def _refuse(self, client: Client, error: MempipError) -> None:
        try:
            client.channel.send({"type": "error", "error": to_wire(error)})
        except Closed:
            pass

    def _dismiss(self, client: Client) -> None:
        """Close a client's connection; what nobody else waits for is not made any more."""
        self._unwatch(client.channel)
        client.channel.close()
        self._clients.discard(client)
        flight, client.flight = client.flight, None
        if flight is None:
            return
        flight.passengers.remove(client)
        if not flight.passengers:
            worker = next((worker for worker in self._workers if worker.flight is flight), None)
            if worker is not None:
                self._retire(worker)
            self._land(flight)

    # --- flights -----------------------------------------------------------------------------------

    def _start_workers(self) -> None:
        while self._queue and len(self._workers) < self._settings.workers:
            flight = self._queue.pop(0)
            try:
                worker = Worker(flight)
            except InstallerFailed as error:
                self._announce(flight, {"type": "error", "error": to_wire(error)})
                self._land(flight)
                continue
            self._workers.add(worker)
            self._watch(worker.channel, partial(self._worker_moves, worker))
            LOG.info("worker %d installs %s", worker.pid, ", ".join(flight.request.shown))

    def _land(self, flight: Flight[Client]) -> None:
        """Take a flight, which is over, off the board; its passengers may ask for something else."""
        self._flights.pop(flight.request.key, None)
        if flight in self._queue:
            self._queue.remove(flight)
        for client in flight.passengers:
            client.flight = None
        flight.passengers = []

    def _announce(self, flight: Flight[Client], message: dict[str, Any]) -> None:
        """Send something to all who wait for a flight."""
        self._for_each(flight, lambda client: client.channel.send(message))

    def _for_each(self, flight: Flight[Client], send: Callable[[Client], object]) -> None:
        for client in list(flight.passengers):
            try:
                send(client)
            except Closed:
                self._dismiss(client)
            else:
                self._rewatch(client.channel)

    # --- workers -----------------------------------------------------------------------------------

    def _worker_moves(self, worker: Worker, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                worker.channel.flush()
            if events & selectors.EVENT_READ:
                for message, descriptors in worker.channel.receive():
                    held = [Held(descriptor) for descriptor in descriptors]
                    if worker in self._workers:
                        self._hear(worker, message, held)
        except (Closed, ProtocolError, IndexError, KeyError, ValueError) as error:
            if worker in self._workers:
                self._fail(worker, error)
            return
        if worker in self._workers:
            self._rewatch(worker.channel)

    def _hear(self, worker: Worker, message: dict[str, Any], held: list[Held]) -> None:
        kind, flight = message["type"], worker.flight
        if kind in _NEWS:
            self._for_each(flight, lambda client: client.channel.send_if_free(message))
        elif kind == "want":
            self._lend(worker, message["sha256"])
        elif kind == "wheel":
            wheel = self._keep.add_wheel(message["sha256"], message["filename"], held[0])
            for other in self._claims.settle(message["sha256"], worker):
                self._tell(other, {"type": "have", "sha256": wheel.sha256}, wheel.held)
        elif kind == "failed":
            for other in self._claims.settle(message["sha256"], worker):
                self._tell(other, message)
        elif kind == "release":
            heir = self._claims.release(message["sha256"], worker)
            if heir is not None:
                self._tell(heir, {"type": "fetch", "sha256": message["sha256"]})
        elif kind == "image":
            self._commit(worker, message, held)
        else:  # report, error, declined
            LOG.info("worker %d: %s", worker.pid, kind)
            self._announce(flight, message)
            self._retire(worker)
            self._land(flight)

    def _commit(self, worker: Worker, message: dict[str, Any], held: list[Held]) -> None:
        """Keep a finished image and hand it out: from now on it is there for everybody."""
        index, *objects = held
        rows = zip(message["wheels"], objects, strict=True)
        wheels = [self._keep.add_wheel(row["sha256"], row["filename"], one) for row, one in rows]
        kept = Kept(index, wheels, message["adapter"], message["satisfied"], time.monotonic())
        flight = worker.flight
        self._keep.add_image(flight.request.key, kept)
        LOG.info("worker %d: %d wheels", worker.pid, len(wheels))
        self._retire(worker)
        self._for_each(flight, lambda client: self._hand_out(client, kept))
        self._land(flight)

    def _lend(self, worker: Worker, sha256: str) -> None:
        wheel = self._keep.wheel(sha256)
        if wheel is not None:
            self._tell(worker, {"type": "have", "sha256": sha256}, wheel.held)
        elif self._claims.take(sha256, worker):
            self._tell(worker, {"type": "fetch", "sha256": sha256})

    def _tell(self, worker: Worker, message: dict[str, Any], *held: Held) -> None:
        try:
            worker.channel.send(message, held)
        except Closed:
            return  # that it ended is heard when its socket is read
        self._rewatch(worker.channel)

    def _fail(self, worker: Worker, error: Exception) -> None:
        """Tell all who wait for a worker's flight that it has ended without an answer."""
        flight = worker.flight
        how = self._retire(worker)
        failure = InstallerFailed(f"{how} without an answer" if isinstance(error, Closed) else str(error))
        LOG.error("worker %d: %s", worker.pid, failure)
        self._announce(flight, {"type": "error", "error": to_wire(failure)})
        self._land(flight)

    def _retire(self, worker: Worker) -> str:
        """End a worker, and let others fetch what it was to fetch. Returns how it ended."""
        self._workers.discard(worker)
        self._unwatch(worker.channel)
        how = worker.end()
        for sha256, heir in self._claims.forget(worker):
            self._tell(heir, {"type": "fetch", "sha256": sha256})
        self._start_workers()
        return how

    # --- the whole -----------------------------------------------------------------------------------

    def _watch(self, channel: Channel, heed: Callable[[int], object]) -> None:
        self._selector.register(channel, selectors.EVENT_READ, heed)
        self._events[channel] = selectors.EVENT_READ

    def _rewatch(self, channel: Channel) -> None:
        """Hear nobody who has not read what was sent: then wait for that."""
        events = selectors.EVENT_WRITE if channel.waits and not channel.stalled else selectors.EVENT_READ
        if self._events.get(channel, events) != events:
            self._selector.modify(channel, events, self._selector.get_key(channel).data)
            self._events[channel] = events

    def _unwatch(self, channel: Channel) -> None:
        if self._events.pop(channel, None) is not None:
            self._selector.unregister(channel)

    def _tick(self) -> None:
        self._keep.forget_images()
        late = time.monotonic() - PATIENCE
        for client in list(self._clients):
            if client.channel.active < late and (client.channel.waits or client.flight is None):
                LOG.warning("client of pid %d, uid %d does not move: closed", client.pid, client.uid)
                self._dismiss(client)
            elif client.channel.stalled:
                self._client_moves(client, selectors.EVENT_WRITE)

    def status(self) -> dict[str, Any]:
        """Return what the daemon holds and does, as a JSON-able dictionary. Sizes are in bytes, times in seconds."""
        return {
            "version": __version__,
            "protocol": VERSION,
            "pid": os.getpid(),
            "uid": os.geteuid(),
            "uptime": round(time.time() - self._began, 1),
            "clients": len(self._clients),
            "served": self._served,
            "installing": [worker.describe() for worker in self._workers],
            "queued": len(self._queue),
            **self._keep.describe(),
        }


def _sees_same_files(client: Client) -> bool:
    """Return whether paths mean for a client what they mean here: same user, same mounts, same root."""
    theirs = f"/proc/{client.pid}"
    try:
        return client.uid == os.geteuid() and all(
            os.path.samefile(f"{theirs}/{name}", f"/proc/self/{name}") for name in ("ns/mnt", "root")
        )
    except OSError:
        return False
