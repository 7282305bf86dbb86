"""The adapter of first choice: `memfd_create(2)`, sealed against every writer."""

from __future__ import annotations

import errno
import fcntl
import os
import sys

from mempip_native.errors import AdapterUnavailable
from mempip_native.linux.descriptors import DescriptorAdapter

if sys.platform != "linux":
    raise ImportError("for Linux only")

MFD_CLOEXEC = 0x01
MFD_ALLOW_SEALING = 0x02
MFD_NOEXEC_SEAL = 0x08
MFD_EXEC = 0x10
# The dynamic linker does not look at the exec bit, and vm.memfd_noexec may forbid asking for it.
# Kernels before 6.3, and gVisor, answer EINVAL to flags that they do not know.
FLAGS = (MFD_CLOEXEC | MFD_NOEXEC_SEAL, MFD_CLOEXEC | MFD_ALLOW_SEALING)

# A program's file must have the bit, which vm.memfd_noexec=2 forbids. Before 6.3 all have it.
EXECUTABLE_FLAGS = (MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC, MFD_CLOEXEC | MFD_ALLOW_SEALING)

F_ADD_SEALS = 1033
F_GET_SEALS = 1034
SEALS = 0x1 | 0x2 | 0x4 | 0x8  # F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE

MAX_NAME = 249  # bytes


class Memfd(DescriptorAdapter):
    """Anonymous memory files. ``seal`` is the kernel's: whoever holds a descriptor can only read."""

    name = "memfd"

    def allocate(self, name: str, *, executable: bool = False) -> int:
        """See `Adapter.allocate`."""
        label = os.fsencode(name.replace("\0", "?"))[-MAX_NAME:]
        for flags in EXECUTABLE_FLAGS if executable else FLAGS:
            try:
                return _memfd_create(label, flags)
            except OSError as error:
                if error.errno == errno.EINVAL:
                    continue
                if error.errno in (errno.EPERM, errno.EACCES, errno.ENOSYS):
                    raise AdapterUnavailable(f"memfd_create is refused: {error.strerror}") from error
                raise
        raise AdapterUnavailable("this kernel has no sealed memfds")

    def seal(self, fd: int) -> int:
        """See `Adapter.seal`."""
        try:
            fcntl.fcntl(fd, F_ADD_SEALS, SEALS)
        except OSError as error:
            raise AdapterUnavailable(f"a memfd could not be sealed: {error.strerror}") from error
        return fd

    def remedy(self, step: str) -> str:
        """See `DescriptorAdapter.remedy`."""
        if step == "allocate":
            return (
                "A seccomp profile denies memfd_create, or the kernel lacks it; allow it, for example with "
                "--security-opt seccomp=PROFILE.json (Docker's and Podman's own profiles do)."
            )
        if step == "path":
            return "Mount /proc in the container."
        return "A security module denies mapping a memfd executable; allow it for this process."


def _memfd_create(label: bytes, flags: int) -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create(os.fsdecode(label), flags)
    # Pythons built against old headers (manylinux2014's) lack it, whatever the kernel has.
    from mempip_native.linux.syscalls import memfd_create

    return memfd_create(label, flags)
