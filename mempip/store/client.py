"""Asks for an image: the daemon, if one is named; else, or if it is of no help, an installer that lives for one call.

Light half: the standard library only.
"""

from __future__ import annotations

import contextlib
import os
import sys

from mempip.connection import Connection
from mempip.errors import DaemonRefused, DaemonUnavailable, InstallerFailed, UsageError, from_wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from typing import Any

    from mempip.options import InstallOptions

    Listener = Callable[[dict[str, Any]], object]

#: Names the socket of the daemon to ask; empty for none.
VARIABLE = "MEMPIP_DAEMON"


class Answer:
    """What a store answered: an image's descriptors and adapter, or the report of a dry run.

    ``companions`` is the table of those whose objects are the last descriptors; ``daemon`` the socket of whoever
    answered, or ``""`` for an installer of one call.
    """

    __slots__ = ("adapter", "companions", "daemon", "descriptors", "report", "satisfied")

    def __init__(self, message: dict[str, Any], descriptors: list[int]) -> None:
        self.adapter: str = message.get("adapter", "")
        self.satisfied: list[dict[str, str]] = message.get("satisfied", [])
        self.report: dict[str, Any] | None = message.get("report")
        self.companions: dict[str, Any] | None = message.get("companions")
        self.daemon = ""
        self.descriptors = descriptors


class Declined(Exception):
    """A daemon leaves a request to an installer of the client's own; the argument says why."""


def install(
    options: InstallOptions,
    listener: Listener | None = None,
    *,
    daemon: str | None = None,
    refresh: bool = False,
    environment: str = "",
) -> Answer:
    """Have `options` carried out and return the answer.

    `daemon` is the path of the socket of the daemon to ask, ``""`` for none; by default ``MEMPIP_DAEMON`` names it.
    With `refresh` it resolves anew. `environment` names one that the daemon keeps: what is installed becomes part of
    it, and all of it is the answer. `listener` is called with every ``progress``, ``warning`` and ``output`` message.

    Raises the `MempipError` that the installer reports, `InstallerFailed`, and `DaemonNotTrusted`. A daemon that does
    not answer, or goes away, is replaced by an installer of one call, with a warning; one that is to change an
    environment is not: then this raises `DaemonUnavailable`.
    """
    listener = listener or _warn
    path = socket_of(daemon, needed=bool(environment))
    if path:
        from mempip.store import mempipd

        try:
            return mempipd.install(path, options, listener, refresh=refresh, environment=environment)
        except DaemonUnavailable as error:
            if environment:
                raise
            listener({"type": "warning", "text": f"{error}. An installer of one call takes its place."})
        except Declined as refusal:
            if environment:
                raise DaemonRefused(f"{refusal}, which an environment of its own cannot take") from refusal
            text = f"The daemon leaves this to an installer of one call: {refusal}."
            listener({"type": "progress", "phase": "declined", "name": text, "done": 0, "total": None})
    return _one_call(options, listener)


def environment(name: str, daemon: str | None = None) -> Answer:
    """Return the daemon's environment of that name. Raises `NoSuchEnvironment`, and what asking a daemon raises."""
    path = socket_of(daemon, needed=True)
    from mempip.store import mempipd

    return mempipd.environment(path, name)


def socket_of(daemon: str | None, *, needed: bool = False) -> str:
    """Return the path of the socket of the daemon to ask, ``""`` for none.

    Raises `UsageError` if one is `needed` and none named, or where there are none.
    """
    path = os.environ.get(VARIABLE, "") if daemon is None else daemon
    if path and sys.platform != "linux":
        raise UsageError("daemon", "there is no daemon for this operating system")
    if needed and not path:
        raise UsageError("env", "environments are kept by a daemon; name its socket (--daemon, MEMPIP_DAEMON)")
    return path


def _one_call(options: InstallOptions, listener: Listener) -> Answer:
    """Have an installer process carry out `options`. The process has ended when this returns or raises."""
    from mempip.store.process import start

    process, channel = start("mempip.store.one_call")
    try:
        connection = Connection(channel)
        with contextlib.suppress(BrokenPipeError):  # ended before it was asked: receiving tells
            connection.send({"type": "install", "options": options.to_wire()})
        answer = converse(connection, listener)
        if answer is None:
            raise InstallerFailed(_end(process))
        return answer
    finally:
        channel.close()  # the installer ends when it closes
        process.kill()
        process.wait()


def _end(process: subprocess.Popen[bytes]) -> str:
    status = process.wait()
    reason = f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"
    return f"{reason} without an answer"


def converse(connection: Connection, listener: Listener) -> Answer | None:
    """Return the answer that comes over `connection`, or ``None`` if it closes before.

    Raises the `MempipError` that it is, and `Declined`.
    """
    while True:
        try:
            received = connection.receive()
        except ConnectionResetError:
            received = None
        if received is None:
            return None
        message, descriptors = received
        if message["type"] == "error":
            raise from_wire(message["error"])
        if message["type"] == "declined":
            raise Declined(message["reason"])
        if message["type"] in ("image", "report"):
            return Answer(message, descriptors)
        listener(message)


def _warn(message: dict[str, Any]) -> None:
    """Pass warnings on to whoever listens to Python's."""
    if message["type"] == "warning":
        import warnings

        level, frame = 1, sys._getframe()
        while frame.f_back is not None and frame.f_globals["__name__"].partition(".")[0] == "mempip":
            level, frame = level + 1, frame.f_back
        warnings.warn(message["text"], stacklevel=level)  # at whoever called mempip
