"""The wait for sockets: which connections there are, and who heeds them. One thread, and nothing else waits."""

from __future__ import annotations

import selectors
import socket
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mempip.store.daemon.channel import Channel

if sys.platform != "linux":
    raise ImportError("for Linux only")

TICK = 1.0  # seconds between looks at the clock


class Loop:
    """Calls whoever watches a connection when it can be read, or written if something waits to be sent."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._events: dict[Channel, int] = {}  # what is waited for
        self._stopping = False
        self._alarm, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        self._selector.register(self._alarm, selectors.EVENT_READ, lambda _: None)

    def run(self, tick: Callable[[], object]) -> None:
        """Run until `stop` is called; `tick` is called about once a second."""
        ticked = time.monotonic()
        while not self._stopping:
            for key, events in self._selector.select(TICK):
                key.data(bool(events & selectors.EVENT_WRITE))
            if time.monotonic() - ticked >= TICK:
                ticked = time.monotonic()
                tick()

    def stop(self) -> None:
        """Have `run` return; may be called by a signal's handler, and from another thread."""
        if not self._stopping:
            self._bell.send(b"\0")  # nobody takes it off, so `run` wakes until it sees what follows
            self._stopping = True  # last: from here on `run` may return, and the bell be closed

    def close(self) -> None:
        """Forget everything."""
        self._events.clear()
        self._selector.close()
        self._alarm.close()
        self._bell.close()

    def listen(self, listener: socket.socket, accept: Callable[[bool], object]) -> None:
        """Call `accept` when somebody connects to `listener`."""
        self._selector.register(listener, selectors.EVENT_READ, accept)

    def watch(self, channel: Channel, heed: Callable[[bool], object]) -> None:
        """Call `heed` when `channel` moves, with whether it can be written."""
        self._selector.register(channel, selectors.EVENT_READ, heed)
        self._events[channel] = selectors.EVENT_READ

    def rewatch(self, channel: Channel) -> None:
        """Hear nobody who has not read what was sent: then wait for that."""
        events = selectors.EVENT_WRITE if channel.waits and not channel.stalled else selectors.EVENT_READ
        if self._events.get(channel, events) != events:
            self._selector.modify(channel, events, self._selector.get_key(channel).data)
            self._events[channel] = events

    def unwatch(self, channel: Channel) -> None:
        """Forget a connection, before it is closed."""
        if self._events.pop(channel, None) is not None:
            self._selector.unregister(channel)
