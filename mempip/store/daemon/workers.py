"""The processes that work for the daemon: started, listened to, ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mempip.errors import ProtocolError
from mempip.store.daemon.channel import Channel, Closed
from mempip.store.daemon.objects import Held
from mempip.store.process import start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from mempip.store.daemon.loop import Loop

    Hear = Callable[["Worker", dict[str, Any], list[Held]], object]
    Lost = Callable[["Worker", str], object]

if sys.platform != "linux":
    raise ImportError("for Linux only")


class Worker:
    """A process that runs ``main`` of `module` for the daemon.

    Its messages go to `hear`. If it ends, or says what makes no sense, `lost` is told why; it has ended then. Raises
    `InstallerFailed` if it cannot be started.
    """

    def __init__(self, module: str, loop: Loop, hear: Hear, lost: Lost) -> None:
        self._process, ours = start(module)
        self._channel = Channel(ours, trusted=True)
        self._loop = loop
        self._hear = hear
        self._lost = lost
        self.ended = False
        loop.watch(self._channel, self._moves)

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, message: dict[str, Any], held: Sequence[Held] = ()) -> None:
        """Send a message. That the process has ended is heard when its socket is read."""
        if self.ended:
            return
        try:
            self._channel.send(message, held)
        except Closed:
            return
        self._loop.rewatch(self._channel)

    def end(self) -> str:
        """End the process, if it has not ended, and say how it ended."""
        self.ended = True
        self._loop.unwatch(self._channel)
        self._channel.close()
        self._process.kill()
        status = self._process.wait()
        return f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"

    def _moves(self, writable: bool) -> None:
        try:
            if writable:
                self._channel.flush()
            for message, descriptors in self._channel.receive():
                held = [Held(descriptor) for descriptor in descriptors]
                if not self.ended:
                    self._hear(self, message, held)
        except Closed:
            if not self.ended:
                self._lost(self, f"{self.end()} without an answer")
        except (ProtocolError, IndexError, KeyError, TypeError, ValueError) as error:
            if not self.ended:
                self.end()
                self._lost(self, f"it said what makes no sense ({type(error).__name__}: {error})")
        if not self.ended:
            self._loop.rewatch(self._channel)
