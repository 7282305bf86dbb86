"""Where a daemon's socket is, and whom a client believes. Light half: the standard library only."""

from __future__ import annotations

import _socket
import os
import struct
import sys

from mempip.errors import DaemonNotTrusted, NoPlaceForSocket, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: Names users, beside root and one's own, whose daemons are believed: names or numbers, separated by commas.
TRUSTED: Final = "MEMPIP_DAEMON_USER"
NAME: Final = "mempip/daemon.sock"
#: The longest path of a socket that the kernel takes (unix(7)), without the NUL.
LONGEST: Final = 107

_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid
#: Stands for every user that a user namespace does not know (user_namespaces(7)): for nobody in particular.
_OVERFLOW = "/proc/sys/kernel/overflowuid"


def default_socket() -> str:
    """Return the path of a user's own daemon. Raises `NoPlaceForSocket` if there is no private directory for it."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime:
        return os.path.join(runtime, NAME)
    if os.geteuid() == 0:
        return f"/run/{NAME}"
    raise NoPlaceForSocket("XDG_RUNTIME_DIR is not set, and only root may use /run")


def check_path(path: str) -> str:
    """Return the absolute path of a socket. Raises `UsageError` for one that no socket can have."""
    path = os.path.abspath(path)
    if len(os.fsencode(path)) > LONGEST:
        raise UsageError("socket", f"{path} is longer than the {LONGEST} bytes that a socket's path may have")
    return path


def peer(channel: _socket.socket) -> tuple[int, int, int]:
    """Return pid, uid and gid of the process at the other end, as this process's namespaces see it (SO_PEERCRED)."""
    pid, uid, gid = _CREDENTIALS.unpack(channel.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _CREDENTIALS.size))
    return pid, uid, gid


def check_daemon(path: str, uid: int) -> None:
    """Raise `DaemonNotTrusted` unless the daemon of `uid` is one's own, root's, or that of a user in ``TRUSTED``.

    Whoever answers decides what code runs here.
    """
    if uid == 0 or (uid == os.geteuid() and uid != _overflow()):
        return
    if uid in set(map(user_id, filter(None, os.environ.get(TRUSTED, "").split(",")))):
        return
    raise DaemonNotTrusted(path, uid)


def user_id(name: str) -> int:
    """Return the number of a user that is given by name or number. Raises `UsageError` if there is none."""
    name = name.strip()
    if name.isdecimal():
        return int(name)
    import pwd

    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise UsageError("user", f"there is no user {name!r} on this machine") from None


def _overflow() -> int:
    """Return the number that stands for unknown users, or -1 outside of user namespaces, where none are unknown."""
    try:
        with open("/proc/self/uid_map", "rb") as stream:
            if stream.read().split() == [b"0", b"0", b"4294967295"]:
                return -1
        with open(_OVERFLOW, "rb") as stream:
            return int(stream.read())
    except (OSError, ValueError):
        return -1
