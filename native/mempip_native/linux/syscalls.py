"""System calls that Python does not offer, through ctypes. Each raises `OSError` as the os module would."""

from __future__ import annotations

import ctypes
import os
import struct
import sys

if sys.platform != "linux":
    raise ImportError("for Linux only")

# The numbers of calls added since 5.1 are the same everywhere (but on alpha, which has no wheels).
FSOPEN = 430
FSCONFIG = 431
FSMOUNT = 432
MOUNT_SETATTR = 442
MEMFD_CREATE = {
    "x86_64": 319, "aarch64": 279, "i686": 356, "armv7l": 385, "ppc64le": 360, "s390x": 350, "riscv64": 279,
}  # fmt: skip

FSOPEN_CLOEXEC = 1
FSCONFIG_SET_FLAG = 0
FSCONFIG_SET_STRING = 1
FSCONFIG_CMD_CREATE = 6
FSCONFIG_CMD_RECONFIGURE = 7
FSMOUNT_CLOEXEC = 1
MOUNT_ATTR_NOSUID = 2
MOUNT_ATTR_NODEV = 4
MOUNT_ATTR_RDONLY = 1
AT_FDCWD = -100
AT_RECURSIVE = 0x8000

MS_NOSUID = 2
MS_NODEV = 4
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _call(number: int, *arguments: int | bytes | None) -> int:
    words = (
        ctypes.c_long(argument) if isinstance(argument, int) else ctypes.c_char_p(argument) for argument in arguments
    )
    return _checked(_libc.syscall(ctypes.c_long(number), *words))


def memfd_create(name: bytes, flags: int) -> int:
    """See memfd_create(2)."""
    import errno

    if hasattr(_libc, "memfd_create"):
        return _checked(_libc.memfd_create(ctypes.c_char_p(name), ctypes.c_uint(flags)))
    number = MEMFD_CREATE.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    return _call(number, name, flags)


def unshare(flags: int) -> None:
    """See unshare(2)."""
    _checked(_libc.unshare(ctypes.c_int(flags)))


def end_with_parent() -> None:
    """Have this process killed when the thread that forked it ends (prctl(2), PR_SET_PDEATHSIG)."""
    import signal

    _checked(_libc.prctl(ctypes.c_int(PR_SET_PDEATHSIG), ctypes.c_ulong(signal.SIGKILL)))


def detached_tmpfs(options: dict[str, str]) -> int:
    """Return a descriptor of the root of a new tmpfs that is mounted nowhere (fsopen, fsconfig, fsmount)."""
    context, root = detached_tmpfs_and_context(options)
    os.close(context)
    return root


def detached_tmpfs_and_context(options: dict[str, str]) -> tuple[int, int]:
    """Return two descriptors: by the first the new tmpfs can be configured again, the second is its root."""
    context = _call(FSOPEN, b"tmpfs", FSOPEN_CLOEXEC)
    try:
        for key, value in options.items():
            _call(FSCONFIG, context, FSCONFIG_SET_STRING, key.encode(), value.encode(), 0)
        _call(FSCONFIG, context, FSCONFIG_CMD_CREATE, None, None, 0)
        return context, _call(FSMOUNT, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
    except BaseException:
        os.close(context)
        raise


def make_read_only(context: int) -> None:
    """Make the file system of `context` read-only, as a whole. Raises `OSError` (EBUSY) while a file is written."""
    _call(FSCONFIG, context, FSCONFIG_SET_FLAG, b"ro", None, 0)
    _call(FSCONFIG, context, FSCONFIG_CMD_RECONFIGURE, None, None, 0)


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """See mount(2)."""
    words = (ctypes.c_char_p(os.fsencode(word) or None) for word in (source, target, kind))
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), ctypes.c_char_p(data.encode() or None)))


def make_mounts_read_only(path: str) -> None:
    """Make the mount at `path`, and all below it, read-only for this mount namespace: see mount_setattr(2)."""
    attributes = struct.pack("4Q", MOUNT_ATTR_RDONLY, 0, 0, 0)  # set, clear, propagation, user namespace
    _call(MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), AT_RECURSIVE, attributes, len(attributes))
