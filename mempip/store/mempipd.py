"""Asks a daemon over its socket. Light half: the standard library only."""

from __future__ import annotations

import _socket  # what socket adds to it takes longer to import than the daemon to answer
import contextlib
import os
import sys

import mempip_native
from mempip.connection import Connection
from mempip.errors import DaemonUnavailable, ProtocolError, from_wire
from mempip.image.code import kind
from mempip.store import python
from mempip.store.client import converse
from mempip.store.place import check_daemon, check_path, peer
from mempip.store.protocol import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mempip.options import InstallOptions
    from mempip.store.client import Answer, Listener

if sys.platform != "linux":
    raise ImportError("for Linux only")

PATIENCE = 30.0  # seconds, for an answer that takes no work


def install(
    path: str, options: InstallOptions, listener: Listener, *, refresh: bool = False, environment: str = ""
) -> Answer:
    """Have the daemon at `path` carry out `options` and return its answer.

    With the name of an `environment`, what is installed becomes part of that, and all of it is the answer.
    Raises `DaemonUnavailable`, `DaemonNotTrusted`, `DaemonRefused`, `Declined`, and what the installation raises.
    """
    places = [place if "://" in place else os.path.abspath(place) for place in options.find_links]
    files = None
    if options.names_files:
        from mempip.store.files import describe

        files = describe(options)
    request = {
        "type": "install",
        "options": {**options.to_wire(), "find_links": places},
        "python": python.describe(),
        "code": kind(),
        "refresh": refresh,
        "environment": environment,
        "files": files,
    }
    return _image(path, request, listener)


def environment(path: str, name: str) -> Answer:
    """Return the named environment of the daemon at `path`. Raises `NoSuchEnvironment`, and as `install` does."""
    return _image(path, {"type": "environment", "environment": name, "code": kind()}, lambda _: None)


def _image(path: str, request: dict[str, Any], listener: Listener) -> Answer:
    with contextlib.closing(_connect(path, None)) as channel:
        connection = _ask(channel, request)
        try:
            answer = converse(connection, listener)
        except ProtocolError as error:
            raise DaemonUnavailable(path, error.reason) from error
    if answer is None:
        raise DaemonUnavailable(path, "it went away in the middle of an answer")
    answer.daemon = path
    return answer


def lend(path: str, what: str, sha256: str, place: int) -> int | None:
    """Return a descriptor of what the daemon at `path` lends, or ``None``: whoever asks makes it then.

    `what` is a ``library``, or the ``code`` of a module, which comes in a segment that may have more. It is named by
    the sha256 of its wheel, and by where its bytes start in that. Raises `DaemonUnavailable`, `DaemonRefused`.
    """
    _, descriptors = _answer(path, {"type": what, "wheel": sha256, "place": place, "code": kind()})
    return descriptors[0] if descriptors else None


def ask(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request that takes no work. Raises `DaemonUnavailable`, and the error that it is."""
    return _answer(path, request)[0]


def contents(path: str) -> tuple[dict[str, Any], list[int]]:
    """Return what the daemon at `path` keeps, as its snapshot has it, and the descriptors of its objects."""
    mempip_native.objects.raise_limit()
    message, descriptors = _answer(path, {"type": "dump"})
    return message["contents"], descriptors


def _answer(path: str, request: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
    with contextlib.closing(_connect(path, PATIENCE)) as channel:
        connection = _ask(channel, request)
        try:
            received = connection.receive()
        except (OSError, ProtocolError) as error:
            raise DaemonUnavailable(path, str(error)) from error
    if received is None:
        raise DaemonUnavailable(path, "it closed the connection without an answer")
    if received[0]["type"] == "error":
        raise from_wire(received[0]["error"])
    return received


def _connect(path: str, patience: float | None) -> _socket.socket:
    """Return a socket that is connected to a trusted daemon."""
    path = check_path(path)
    channel = _socket.socket(_socket.AF_UNIX)
    try:
        channel.settimeout(patience)
        channel.connect(path)
        check_daemon(path, peer(channel)[1])
    except OSError as error:
        channel.close()
        raise DaemonUnavailable(path, error.strerror or str(error)) from error
    except BaseException:
        channel.close()
        raise
    return channel


def _ask(channel: _socket.socket, request: dict[str, Any]) -> Connection:
    """Return the connection over which the answer to `request` comes."""
    connection = Connection(channel)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused before it was asked: receiving tells
        connection.send({**request, "protocol": VERSION})
    return connection
