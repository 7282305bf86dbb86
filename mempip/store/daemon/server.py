"""The daemon's desk: clients come, are answered, and go. It never waits for anybody in particular."""

from __future__ import annotations

import logging
import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from mempip import __version__
from mempip.errors import DaemonRefused, MempipError, ProtocolError, to_wire
from mempip.store.daemon import snapshot
from mempip.store.daemon.channel import Closed
from mempip.store.daemon.clients import Client
from mempip.store.daemon.engine import Engine
from mempip.store.daemon.environments import Environments
from mempip.store.daemon.installations import Installations
from mempip.store.daemon.keep import Keep, Kept
from mempip.store.daemon.lending import Lending
from mempip.store.daemon.loop import Loop
from mempip.store.daemon.metrics import respond
from mempip.store.daemon.preparations import Preparations
from mempip.store.daemon.requests import (
    NotHere,
    check_version,
    read_environment,
    read_install,
    read_level,
    read_loan,
    read_projects,
)
from mempip.store.daemon.rules import ADMINISTER, INSTALL, READ, is_own
from mempip.store.daemon.saves import Saves
from mempip.store.protocol import VERSION

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import Any

    from mempip.options import InstallOptions
    from mempip.store.daemon.objects import Held
    from mempip.store.daemon.settings import Settings

if sys.platform != "linux":
    raise ImportError("for Linux only")

LOG = logging.getLogger("mempipd")
#: How long a client may take to say what it wants, or to read what it was sent, in seconds.
PATIENCE = 30.0


class Server:
    """Serves what is kept over `listener`, and has the rest made. `network` is how indexes are reached."""

    def __init__(self, listener: socket.socket, settings: Settings, network: InstallOptions) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._rules = settings.rules()
        self._most = settings.most_connections()
        self._network = network
        self._loop = Loop()
        self._keep = Keep(time.monotonic, settings.lifetime, settings.limits())
        self._preparations = Preparations(self._loop, self._keep)
        self._lending = Lending(self._loop, self._keep, self)
        self._environments = Environments(self._keep)
        self._installations = Installations(
            self._loop,
            self._keep,
            self._environments,
            self,
            settings.workers,
            self._preparations.want,
            Engine(settings.upstream, settings.upstream_key, settings.lifetime),
        )
        self._saves = Saves(self._loop, self._keep, settings.snapshot, settings.save_every)
        self._clients: set[Client] = set()
        self._began = time.time()
        self._served = self._reused = 0

    def run(self) -> None:
        """Serve until `stop` is called."""
        self._loop.listen(self._listener, self._accept)
        try:
            self._loop.run(self._tick)
        finally:
            self._installations.close()
            self._preparations.close()
            self._lending.close()
            self._saves.close()
            for client in self._clients:
                client.channel.close()
            self._loop.close()

    def stop(self) -> None:
        """Have `run` return; may be called by a signal's handler. What is being installed is ended."""
        self._loop.stop()

    # --- clients come and go -------------------------------------------------------------------------

    def _accept(self, _: bool) -> None:
        try:
            connected, _address = self._listener.accept()
        except OSError as error:  # gone again, or no descriptor left: others must close first
            LOG.warning("a client could not be accepted: %s", error.strerror)
            time.sleep(0.05)
            return
        client = Client(connected)
        self._clients.add(client)
        self._loop.watch(client.channel, partial(self._moves, client))
        LOG.debug("%s connected", client)
        most, theirs = self._most, [one for one in self._clients if one.uid == client.uid]
        if len(self._clients) > most:
            self._refuse(client, DaemonRefused(f"{most} clients are connected already"))
        elif not is_own(client.uid) and len(theirs) > max(1, most // 4):
            self._refuse(client, DaemonRefused(f"user {client.uid} has a quarter of all connections already"))

    def _moves(self, client: Client, writable: bool) -> None:
        try:
            if writable:
                client.channel.flush()
            for message, _ in client.channel.receive():
                if client in self._clients:
                    self._answer(client, message)
        except Closed:
            self._dismiss(client)
        except MempipError as error:
            LOG.warning("%s: %s", client, error)
            self._refuse(client, error)
        else:
            self._loop.rewatch(client.channel)

    def _refuse(self, client: Client, error: MempipError) -> None:
        self.send(client, {"type": "error", "error": to_wire(error)})
        self._dismiss(client)

    def _dismiss(self, client: Client) -> None:
        """Close a client's connection; what nobody else waits for is not made any more."""
        if client in self._clients:
            self._clients.remove(client)
            self._loop.unwatch(client.channel)
            client.channel.close()
            self._installations.leave(client)
            self._lending.leave(client)

    def _tick(self) -> None:
        self._keep.forget_images()
        self._keep.make_room()
        self._saves.tick()
        self._lending.tick()
        late = time.monotonic() - PATIENCE
        for client in list(self._clients):
            if client.channel.active < late and (client.channel.waits or client.flight is None):
                LOG.warning("%s does not move: closed", client)
                self._dismiss(client)
            elif client.channel.stalled:
                self._moves(client, writable=True)

    # --- requests ------------------------------------------------------------------------------------

    def _answer(self, client: Client, message: dict[str, Any]) -> None:
        """Answer a request. Raises `ProtocolError` and `DaemonRefused`."""
        if message["type"] != "http":
            check_version(message)
        if client.flight is not None:
            raise ProtocolError("a client waits for one thing at a time")
        answers: dict[str, tuple[str, Callable[[Client, dict[str, Any]], None]]] = {
            "code": (READ, self._lend),
            "dump": (ADMINISTER, self._dump),
            "environment": (READ, self._environment),
            "environments": (READ, self._list_environments),
            "http": (ADMINISTER, self._http),
            "install": (READ, self._install),
            "library": (READ, self._lend),
            "remove": (INSTALL, self._remove),
            "status": (ADMINISTER, self._status),
            "stop": (ADMINISTER, self._stop),
            "uninstall": (INSTALL, self._uninstall),
        }
        if message["type"] not in answers:
            raise ProtocolError(f"there is no request {message['type']!r}")
        right, answer = answers[message["type"]]
        self._require(client, right)
        answer(client, message)

    def _require(self, client: Client, right: str) -> None:
        if not self._rules.allow(right, client.uid, client.gids):
            raise DaemonRefused(f"user {client.uid} may not {right}")

    def _install(self, client: Client, message: dict[str, Any]) -> None:
        client.asked = message
        base, installed = 0, None
        if name := read_environment(message):
            self._environments.check_owner(name, client.uid)
            base, installed = self._environments.version(name), self._environments.installed(name)
        try:
            files = _sees_same_files(client)
            request = read_install(message, self._network, client.uid, same_files=files, base=base, installed=installed)
        except NotHere as refusal:
            self.send(client, {"type": "declined", "reason": str(refusal)})
            return
        client.optimize = request.optimize
        kept = None if request.refresh else self._keep.image(request.own_key) or self._keep.image(request.key)
        if kept is None:
            self._require(client, INSTALL)
            self._installations.join(client, request)
        else:
            self._reused += 1
            self.hand_out(client, kept)
            self._preparations.want(kept, request.optimize)

    def _environment(self, client: Client, message: dict[str, Any]) -> None:
        named = self._environments.get(read_environment(message))
        client.optimize = read_level(message)
        self.hand_out(client, named.kept)
        self._preparations.want(named.kept, client.optimize)

    def _list_environments(self, client: Client, _: dict[str, Any]) -> None:
        self.send(client, {"type": "environments", "environments": self._environments.describe()})

    def _uninstall(self, client: Client, message: dict[str, Any]) -> None:
        name = read_environment(message)
        self._environments.check_owner(name, client.uid)
        self._environments.uninstall(name, read_projects(message))
        self.send(client, {"type": "done"})

    def _remove(self, client: Client, message: dict[str, Any]) -> None:
        name = read_environment(message)
        self._environments.check_owner(name, client.uid)
        self._environments.remove(name)
        self.send(client, {"type": "done"})

    def _lend(self, client: Client, message: dict[str, Any]) -> None:
        self._lending.ask(client, *read_loan(message))

    def _status(self, client: Client, _: dict[str, Any]) -> None:
        self.send(client, {"type": "status", "status": self.status()})

    def _http(self, client: Client, message: dict[str, Any]) -> None:
        self._try(client, partial(client.channel.send_bytes, respond(message["path"], self.status())))

    def _dump(self, client: Client, _: dict[str, Any]) -> None:
        contents, objects = snapshot.describe(self._keep)
        self._try(client, partial(client.channel.send, {"type": "contents", "contents": contents}, objects))

    def _stop(self, client: Client, _: dict[str, Any]) -> None:
        self.send(client, {"type": "stopping", "pid": os.getpid()})
        self.stop()

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
            "reused": self._reused,
            "preparing": self._preparations.busy or self._lending.busy,
            "saved": self._saves.last,
            **self._installations.describe(),
            **self._keep.describe(),
        }

    # --- the desk of `Installations` and `Lending` -------------------------------------------------------------------

    def send(self, client: Client, message: dict[str, Any]) -> None:
        """See `Desk.send`."""
        self._try(client, partial(client.channel.send, message))

    def send_news(self, client: Client, message: dict[str, Any]) -> None:
        """See `Desk.send_news`."""
        self._try(client, partial(client.channel.send_if_free, message))

    def ask_again(self, client: Client) -> None:
        """See `Desk.ask_again`."""
        try:
            self._answer(client, client.asked)
        except MempipError as error:
            self._refuse(client, error)

    def hand_out(self, client: Client, kept: Kept) -> None:
        """See `Desk.hand_out`."""
        self._served += 1
        table, companions = kept.companions(client.optimize)
        message = {"type": "image", "adapter": kept.adapter, "satisfied": kept.satisfied, "companions": table}
        self._try(client, partial(client.channel.send, message, [*kept.objects, *companions]))

    def lend(self, client: Client, held: Held | None) -> None:
        """See `Desk.lend`."""
        self._try(client, partial(client.channel.send, {"type": "loan"}, [held] if held is not None else []))

    def _try(self, client: Client, send: Callable[[], object]) -> None:
        if client not in self._clients:
            return
        try:
            send()
        except Closed:
            self._dismiss(client)
        else:
            self._loop.rewatch(client.channel)


def _sees_same_files(client: Client) -> bool:
    """Return whether paths mean for a client what they mean here: same user, same mounts, same root."""
    theirs = f"/proc/{client.pid}"
    try:
        return client.uid == os.geteuid() and all(
            os.path.samefile(f"{theirs}/{name}", f"/proc/self/{name}") for name in ("ns/mnt", "root")
        )
    except OSError:
        return False
