"""The last choice: unnamed files (O_TMPFILE) in a directory that is writable and executable."""

from __future__ import annotations

import os
import sys

from mempip_native.errors import AdapterUnavailable
from mempip_native.linux.descriptors import UNNAMED, DescriptorAdapter, seal_by_mode

if sys.platform != "linux":
    raise ImportError("for Linux only")

MEMORY_FILE_SYSTEMS = frozenset({"tmpfs", "ramfs"})


class UnnamedFile(DescriptorAdapter):
    """Files that never have a name and vanish with their last descriptor.

    Only directories on memory file systems are taken, so that nothing is written to a disk, unless the
    user names `directory` (or MEMPIP_TMPDIR).
    """

    name = "tempfile"

    def __init__(self, directory: str = "") -> None:
        self._named = directory or os.environ.get("MEMPIP_TMPDIR", "")
        self._chosen = ""

    def allocate(self, name: str, *, executable: bool = False) -> int:
        """See `Adapter.allocate`. An unnamed file cannot carry `name`."""
        refusals: list[str] = []
        for directory in [self._chosen] if self._chosen else self._candidates(refusals):
            try:
                if os.statvfs(directory).f_flag & os.ST_NOEXEC:
                    refusals.append(f"{directory} is mounted noexec")
                    continue
                fd = os.open(directory, UNNAMED, 0o700 if executable else 0o600)
            except OSError as error:
                refusals.append(f"{directory}: {error.strerror}")
            else:
                self._chosen = directory
                return fd
        raise AdapterUnavailable("; ".join(refusals) or "there is no directory in memory")

    def seal(self, fd: int) -> int:
        """See `Adapter.seal`."""
        return seal_by_mode(fd)

    def remedy(self, step: str) -> str:
        """See `DescriptorAdapter.remedy`."""
        if step == "path":
            return "Mount /proc in the container."
        return "Mount /dev/shm writable with exec (--tmpfs /dev/shm:exec), or name a directory in MEMPIP_TMPDIR."

    def _candidates(self, refusals: list[str]) -> list[str]:
        if self._named:
            return [self._named]
        found = []
        for directory in ("/dev/shm", os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp"):  # noqa: S108 - unnamed files
            kind = file_system(directory) if directory else ""
            if kind in MEMORY_FILE_SYSTEMS:
                found.append(directory)
            elif kind:
                refusals.append(f"{directory} is on a disk ({kind})")
        return found


def file_system(directory: str) -> str:
    """Return the type of the file system that `directory` is on, such as ``"tmpfs"``; empty if unknown."""
    try:
        device = os.stat(directory).st_dev
        with open("/proc/self/mountinfo", "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        return ""
    number = b"%d:%d" % (os.major(device), os.minor(device))
    for line in lines:
        mount, _, rest = line.partition(b" - ")
        if mount.split(b" ")[2:3] == [number]:
            return os.fsdecode(rest.split(b" ", 1)[0])
    return ""
