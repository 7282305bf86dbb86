"""What is done with memory objects on macOS besides loading libraries from them: read, hand over, count."""

# ruff: noqa: ARG001 - the signatures are those that every system has

from __future__ import annotations

import os
import sys

from mempip_native._descriptors import exhausted, limit, receive, send
from mempip_native._drafts import Reading
from mempip_native.errors import AdapterUnavailable
from mempip_native.macos import shared_memory
from mempip_native.macos.shared_memory import close, status

if sys.platform == "win32":
    raise ImportError("for POSIX only")

__all__ = [
    "HAVE_PATHS",
    "close",
    "exhausted",
    "identity",
    "limit",
    "number_for_children",
    "process_directory",
    "raise_limit",
    "read_at",
    "reader",
    "receive",
    "send",
    "set_inheritable",
    "status",
    "write",
]

#: Whether objects have descriptors and paths that the C library and other processes can use. Those of shared memory
#: can be mapped, and not read; /dev/fd is of no use.
HAVE_PATHS = False

OPEN_MAX = 10_240  # setrlimit(2): no more descriptors can be asked for, even where there is no limit

write = shared_memory.drafts.append

_reading = Reading(shared_memory.View)
read_at, reader, identity = _reading.read_at, _reading.reader, _reading.identity


def set_inheritable(descriptor: int) -> None:
    """Let children inherit an object, under the same number."""
    os.set_inheritable(descriptor, True)


def number_for_children(descriptor: int) -> int:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable("there is nothing that PYTHONPATH could name")


def process_directory() -> str:
    """Raise `AdapterUnavailable`."""
    raise AdapterUnavailable("there is no directory of a process's objects")


def raise_limit() -> None:
    """Allow this process as many descriptors as it may have."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_MAX if hard == resource.RLIM_INFINITY else min(hard, OPEN_MAX)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
