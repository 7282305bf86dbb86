"""A daemon in a thread of the test's own process, on a socket in a directory that is removed."""

from __future__ import annotations

import socket
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from mempip.options import InstallOptions
from mempip.store.daemon.server import Server
from mempip.store.daemon.settings import Settings

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

PATIENCE = 30.0  # seconds


class Daemon:
    """A running server. ``path`` is that of its socket."""

    def __init__(self, **settings: Any) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="mempipd-")
        self.path = str(Path(self._directory.name) / "s")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(128)
        self.server = Server(self._listener, Settings(**settings), InstallOptions())
        self._thread = threading.Thread(target=self.server.run)

    def __enter__(self) -> Daemon:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.server.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self._listener.close()
        self._directory.cleanup()

    def connect(self) -> socket.socket:
        """Return a socket that is connected to the daemon."""
        channel = socket.socket(socket.AF_UNIX)
        channel.settimeout(PATIENCE)
        channel.connect(self.path)
        return channel
