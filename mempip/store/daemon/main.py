"""Starts a daemon: a socket, given by the service manager or made here, and the server on it."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import socket
import stat
import sys
from typing import TYPE_CHECKING

import mempip_native
from mempip.configuration import defaults
from mempip.errors import DaemonAlreadyRunning, NoPlaceForSocket
from mempip.options import InstallOptions
from mempip.store.daemon.server import Server
from mempip.store.place import check_path, default_socket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mempip.store.daemon.settings import Settings

if sys.platform != "linux":
    raise ImportError("for Linux only")

LOG = logging.getLogger("mempipd")
BACKLOG = 1024
FIRST_PASSED = 3  # sd_listen_fds(3)


def serve(path: str, settings: Settings, ready: Callable[[str], object]) -> None:
    """Serve on the socket at `path` (``""``: the default), until a signal or a client says to stop.

    A socket that a service manager passed (``LISTEN_FDS``) is used instead. `ready` is called with the socket's path
    once clients may connect. Raises `DaemonAlreadyRunning`, `NoPlaceForSocket`, `UsageError`.
    """
    known = defaults(os.environ)
    network = InstallOptions(cert=known.get("cert", ""), proxy=known.get("proxy", ""))
    mempip_native.objects.raise_limit()  # each wheel takes a descriptor
    with _listening(path, settings.socket_mode) as listener:
        server = Server(listener, settings, network)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        ready(listener.getsockname())
        server.run()
    LOG.info("stopped")


@contextlib.contextmanager
def _listening(path: str, mode: int) -> Iterator[socket.socket]:
    passed = _passed()
    if passed is not None:
        with passed:
            yield passed
        return
    path = check_path(path or default_socket())
    listener = _bind(path, mode)
    identity = os.stat(path).st_ino
    try:
        with listener:
            yield listener
    finally:
        with contextlib.suppress(OSError):
            if os.stat(path).st_ino == identity:
                os.unlink(path)


def _passed() -> socket.socket | None:
    """Return the socket that the service manager listens on for this process, if there is one."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS", "0") == "0":
        return None
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    try:
        os.set_inheritable(FIRST_PASSED, False)
        return socket.socket(fileno=FIRST_PASSED)
    except OSError as error:
        raise NoPlaceForSocket(f"LISTEN_FDS promises a socket, and there is none: {error.strerror}") from error


def _bind(path: str, mode: int) -> socket.socket:
    """Return a socket that listens at `path`, with permissions `mode`; a dead daemon's is replaced.

    A directory that is made for it can be entered by others only if they may use the socket.
    """
    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, mode=0o700 | mode >> 1 & 0o011, exist_ok=True)
        lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise NoPlaceForSocket(f"{directory}: {error.strerror}") from error
    listener = socket.socket(socket.AF_UNIX)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # between finding a dead socket and binding the new one
        _remove_dead(path)
        mask = os.umask(0o777 & ~mode)
        try:
            listener.bind(path)
        finally:
            os.umask(mask)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise NoPlaceForSocket(f"{path}: {error.strerror}") from error
    except BaseException:
        listener.close()
        raise
    finally:
        os.close(lock)
    return listener


def _remove_dead(path: str) -> None:
    """Remove the socket of a daemon that has ended. Raises `DaemonAlreadyRunning` if it has not."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise NoPlaceForSocket(f"{path} is something else than a daemon's socket")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
    raise DaemonAlreadyRunning(path)
