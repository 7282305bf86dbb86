"""Who may do what: the daemon's own user and root everything, others what rules say."""

from __future__ import annotations

import array
import os
import socket
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mempip.errors import UsageError
from mempip.store.place import user_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: To be handed what is kept; to have something made, which includes that; to see and stop the daemon.
READ, INSTALL, ADMINISTER = RIGHTS = ("read", "install", "administer")
SO_PEERGROUPS = 59  # asm-generic/socket.h; the same on x86-64 and aarch64


@dataclass(frozen=True, slots=True)
class Rules:
    """The users and groups that have a right, by their numbers."""

    users: Mapping[str, Collection[int]] = field(default_factory=dict)
    groups: Mapping[str, Collection[int]] = field(default_factory=dict)

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Rules:
        """Read rules as ``--allow`` takes them: ``RIGHT=NAME,@GROUP,…``. Raises `UsageError`."""
        users: dict[str, set[int]] = {right: set() for right in RIGHTS}
        groups: dict[str, set[int]] = {right: set() for right in RIGHTS}
        for text in texts:
            right, mark, names = text.partition("=")
            if right not in RIGHTS or not mark or not names:
                raise UsageError("--allow", f"{text!r} is no rule; write RIGHT=USER,@GROUP with {', '.join(RIGHTS)}")
            for name in names.split(","):
                if name.startswith("@"):
                    groups[right].add(_group_id(name[1:]))
                else:
                    users[right].add(user_id(name))
        return cls(users, groups)

    def allow(self, right: str, uid: int, gids: Collection[int]) -> bool:
        """Return whether a user in those groups has a right."""
        if is_own(uid):
            return True
        rights = (READ, INSTALL) if right == READ else (right,)
        return any(
            uid in self.users.get(each, ()) or not set(gids).isdisjoint(self.groups.get(each, ())) for each in rights
        )


def is_own(uid: int) -> bool:
    """Return whether a user is the daemon's own or root."""
    return uid in (0, os.geteuid())


def peer_groups(channel: socket.socket, gid: int) -> list[int]:
    """Return the groups of the process at the other end; only `gid`, its first, on kernels before 4.13."""
    item = array.array("I").itemsize
    try:
        raw = channel.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS, 1024 * item)
    except OSError:
        return [gid]
    return [gid, *array.array("I", raw[: len(raw) - len(raw) % item])]


def _group_id(name: str) -> int:
    if name.isdecimal():
        return int(name)
    import grp

    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise UsageError("--allow", f"there is no group {name!r} on this machine") from None
