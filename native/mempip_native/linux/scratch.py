"""A directory in memory that this process and its children may write to, and no other place that they may.

For programs that need a real, writable file system (compilers). The process moves into a mount namespace of its own,
in which a new tmpfs lies over a directory that nobody needs, and everything else is read-only: the kernel, not good
manners, keeps them from writing elsewhere. When the last process in it ends, all of it is gone.
"""

from __future__ import annotations

import os
import sys

from mempip_native.errors import AdapterUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: Directories that a Linux has, and that a tmpfs may hide: the first that is empty and that nothing needs.
PLACES = (
    *("/mnt", "/media", "/srv", "/opt", "/home", "/var/tmp", "/tmp"),  # noqa: S108 - never written to
    *("/usr/local/games", "/usr/games", "/usr/local/src", "/usr/share/doc"),
)
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - covered by one of our own


def enter(needed: Sequence[str]) -> str:
    """Move this process, which must have one thread only, into a scratch of its own; return the writable directory.

    `needed` are paths that must stay visible. Raises `AdapterUnavailable` where the machine forbids it; the
    process is of no further use then.
    """
    from mempip_native.linux import syscalls

    place = _place(needed)
    try:
        _unshare()
        syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE)
        syscalls.make_mounts_read_only("/")
        flags = syscalls.MS_NOSUID | syscalls.MS_NODEV
        syscalls.mount("mempip", place, "tmpfs", flags, "mode=0700")
        if os.path.isdir(SHARED_MEMORY):  # semaphores of multiprocessing
            syscalls.mount("mempip", SHARED_MEMORY, "tmpfs", flags, "mode=1777")
    except OSError as error:
        raise AdapterUnavailable(f"a private, writable file system in memory is refused: {error.strerror}") from error
    return place


def cover(directory: str, copy: str) -> None:
    """Let `directory` be `copy`, which lies in this process's scratch: what is written to the one is in the other."""
    from mempip_native.linux import syscalls

    syscalls.mount(copy, directory, "", syscalls.MS_BIND)


def end_with(descriptor: int) -> None:
    """Wait until the other end of the socket `descriptor` is closed; then end this process's whole group."""
    import select
    import signal

    poller = select.poll()
    poller.register(descriptor, select.POLLRDHUP)
    poller.poll()
    os.killpg(0, signal.SIGKILL)


def end(leader: int) -> None:
    """End the process group that the process `leader` leads, if it is still there."""
    import signal

    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _unshare() -> None:
    """Enter a mount namespace: directly with CAP_SYS_ADMIN, otherwise by way of a user namespace."""
    from mempip_native.linux import syscalls
    from mempip_native.linux.namespaces import enter_user_namespace

    try:
        syscalls.unshare(syscalls.CLONE_NEWNS)
    except PermissionError:
        enter_user_namespace()


def _place(needed: Sequence[str]) -> str:
    kept = [os.path.realpath(path) for path in needed]
    free = [place for place in PLACES if os.path.isdir(place) and not any(_within(path, place) for path in kept)]
    for place in free:
        try:
            if not os.listdir(place):
                return place
        except OSError:  # one that we may not look into is not empty
            continue
    if not free:
        raise AdapterUnavailable(f"no directory of {', '.join(PLACES)} can be covered by a file system in memory")
    return free[-1]


def _within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory + "/")
