"""User namespaces: where a process without rights may mount."""

from __future__ import annotations

import errno
import os
import sys

if sys.platform != "linux":
    raise ImportError("for Linux only")


def enter_user_namespace() -> None:
    """Move this process, which must have one thread, into a user and a mount namespace of its own.

    Raises `OSError` if the machine forbids it.
    """
    from mempip_native.linux.syscalls import CLONE_NEWNS, CLONE_NEWUSER, unshare

    uid, gid = os.geteuid(), os.getegid()
    try:
        unshare(CLONE_NEWUSER | CLONE_NEWNS)
    except OSError as error:
        if error.errno == errno.ENOSPC:  # what the kernel says when user.max_user_namespaces is reached
            raise PermissionError(errno.EPERM, "The limit on user namespaces is reached") from error
        raise
    # Both ids must be mapped, each to itself: otherwise files in a mount have no owner (EOVERFLOW).
    for name, content in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(content)
