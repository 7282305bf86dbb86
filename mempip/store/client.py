"""Asks for an image: starts an installer process that lives for one call, and waits for its answer.

Light half: the standard library only.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys

from mempip.connection import Connection
from mempip.errors import InstallerFailed, from_wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip.options import InstallOptions

    Listener = Callable[[dict[str, Any]], object]

#: Runs in the installer process. The user's own path comes last, so that nothing on it shadows a library.
_BOOTSTRAP = """\
import sys
sys.path.extend(path for path in {path!r} if path not in sys.path)
from mempip.store.one_call import main
main({descriptor})
"""


class Answer:
    """What a store answered: an image's descriptors and adapter, or the report of a dry run."""

    __slots__ = ("adapter", "descriptors", "report", "satisfied")

    def __init__(self, message: dict[str, Any], descriptors: list[int]) -> None:
        self.adapter: str = message.get("adapter", "")
        self.satisfied: list[dict[str, str]] = message.get("satisfied", [])
        self.report: dict[str, Any] | None = message.get("report")
        self.descriptors = descriptors


def install(options: InstallOptions, listener: Listener | None = None) -> Answer:
    """Have an installer process carry out `options` and return its answer.

    `listener` is called with every ``progress`` and ``warning`` message. Raises the `MempipError` that the
    installer reports, or `InstallerFailed`. The process has ended when this returns or raises.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = _start(theirs)
        try:
            return _converse(Connection(ours), options, listener or _warn, process)
        finally:
            ours.close()  # the installer ends when its socket does
            process.kill()
            process.wait()


def _start(theirs: socket.socket) -> subprocess.Popen[bytes]:
    descriptor = theirs.fileno()
    if not sys.executable:
        raise InstallerFailed("this interpreter does not know its own program (sys.executable is empty)")
    path = [entry for entry in sys.path if isinstance(entry, str) and os.path.isabs(entry)]
    code = _BOOTSTRAP.format(path=path, descriptor=descriptor)
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[descriptor],
            start_new_session=True,  # Ctrl+C is for the user's process, which then ends this one
        )
    except OSError as error:
        raise InstallerFailed(f"{sys.executable} could not be started: {error}") from error


def _converse(
    connection: Connection, options: InstallOptions, listener: Listener, process: subprocess.Popen[bytes]
) -> Answer:
    with contextlib.suppress(BrokenPipeError):  # ended before it was asked: receiving tells
        connection.send({"type": "install", "options": options.to_wire()})
    while True:
        try:
            received = connection.receive()
        except ConnectionResetError:
            received = None
        if received is None:
            status = process.wait()
            reason = f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"
            raise InstallerFailed(f"{reason} without an answer")
        message, descriptors = received
        if message["type"] == "error":
            raise from_wire(message["error"])
        if message["type"] in ("image", "report"):
            return Answer(message, descriptors)
        listener(message)


def _warn(message: dict[str, Any]) -> None:
    """Pass warnings on to whoever listens to Python's."""
    if message["type"] == "warning":
        import warnings

        warnings.warn(message["text"], stacklevel=6)  # the caller of mempip.install
