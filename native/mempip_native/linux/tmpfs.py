"""The second choice: unnamed files in a tmpfs that is mounted nowhere and reached through a descriptor."""

from __future__ import annotations

import os
import sys

from mempip_native.errors import AdapterUnavailable
from mempip_native.linux.descriptors import UNNAMED, DescriptorAdapter, seal_by_mode

if sys.platform != "linux":
    raise ImportError("for Linux only")

OPTIONS = {"mode": "0700"}


class DetachedTmpfs(DescriptorAdapter):
    """A private tmpfs, made on first use and kept as long as this object."""

    name = "tmpfs"

    def __init__(self) -> None:
        self._root = -1

    def __del__(self) -> None:
        if self._root >= 0:
            os.close(self._root)

    def allocate(self, name: str, *, executable: bool = False) -> int:
        """See `Adapter.allocate`. An unnamed file cannot carry `name`."""
        if self._root < 0:
            self._root = mount()
        try:
            return os.open(".", UNNAMED, 0o700 if executable else 0o600, dir_fd=self._root)
        except PermissionError as error:  # Landlock lets the mount pass and refuses the file
            raise AdapterUnavailable(f"no file may be made in a detached tmpfs: {error.strerror}") from error

    def seal(self, fd: int) -> int:
        """See `Adapter.seal`."""
        return seal_by_mode(fd)

    def remedy(self, step: str) -> str:
        """See `DescriptorAdapter.remedy`."""
        if step == "path":
            return "Mount /proc in the container."
        return "Allow user namespaces and mounts (Podman's profile does), or run with CAP_SYS_ADMIN."


def mount() -> int:
    """Return a descriptor of the root of a new detached tmpfs.

    With CAP_SYS_ADMIN it is made here, otherwise by a helper process in a user namespace of its own.
    Raises `AdapterUnavailable`.
    """
    from mempip_native.linux.syscalls import detached_tmpfs

    try:
        return detached_tmpfs(OPTIONS)
    except PermissionError:
        return _mount_in_user_namespace()
    except OSError as error:
        raise AdapterUnavailable(f"a detached tmpfs cannot be made: {error.strerror}") from error


def _mount_in_user_namespace() -> int:
    """Let a child enter a user namespace, mount there, and pass the descriptor back; then it is gone."""
    from mempip_native.linux import helper
    from mempip_native.linux.namespaces import enter_user_namespace
    from mempip_native.linux.syscalls import detached_tmpfs

    def make() -> int:
        enter_user_namespace()
        return detached_tmpfs(OPTIONS)

    try:
        return helper.descriptor(make)
    except OSError as error:
        raise AdapterUnavailable(f"a detached tmpfs cannot be made: {error.strerror}") from error
