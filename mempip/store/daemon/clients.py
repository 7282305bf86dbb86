"""A client of the daemon, and what those who work for it may do about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from mempip.store.daemon.channel import Channel
from mempip.store.daemon.rules import peer_groups
from mempip.store.place import peer

if TYPE_CHECKING:
    import socket

    from mempip.store.daemon.flights import Flight
    from mempip.store.daemon.keep import Kept
    from mempip.store.daemon.objects import Held

if sys.platform != "linux":
    raise ImportError("for Linux only")


class Client:
    """A connected client: which user it is, and what it waits for."""

    def __init__(self, connected: socket.socket) -> None:
        self.pid, self.uid, self.gid = peer(connected)
        self.gids = peer_groups(connected, self.gid)
        self.channel = Channel(connected)
        self.optimize = -1  #: of the code that it can load; see `Request`
        self.asked: dict[str, Any] = {}  #: its request
        self.flight: Flight[Client] | None = None

    def __str__(self) -> str:
        return f"client of pid {self.pid}, uid {self.uid}"


class Desk(Protocol):
    """Where clients are answered. Nothing here raises: a client that cannot be answered is dismissed."""

    def send(self, client: Client, message: dict[str, Any]) -> None:
        """Send a message."""

    def send_news(self, client: Client, message: dict[str, Any]) -> None:
        """Send a message that a client which is behind may miss."""

    def lend(self, client: Client, held: Held | None) -> None:
        """Send a library or a code segment, or that there is none to be had."""

    def ask_again(self, client: Client) -> None:
        """Answer its request anew: what the answer was made from has changed."""

    def hand_out(self, client: Client, kept: Kept) -> None:
        """Send an image."""
