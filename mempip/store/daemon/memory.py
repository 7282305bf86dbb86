"""How much memory this process may have, as its control groups and the machine have it."""

from __future__ import annotations

import os
import sys

if sys.platform != "linux":
    raise ImportError("for Linux only")

GROUPS = "/sys/fs/cgroup"


def available(root: str = "/") -> int:
    """Return the bytes of memory that this process may use: the machine's, or a control group's limit if that is less.

    Both versions of control groups are understood; limits of groups above count as well. `root` is where /proc and
    /sys are found, for tests.
    """
    limits = [_machine(root)]
    for line in _read(root, "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            place, name = GROUPS, "memory.max"
        elif "memory" in controllers.split(","):
            place, name = f"{GROUPS}/memory", "memory.limit_in_bytes"
        else:
            continue
        while True:
            text = _read(root, f"{place}{path}/{name}").strip()
            if text.isdecimal():
                limits.append(int(text))
            if path in ("", "/"):
                break
            path = os.path.dirname(path)
    return min(limits)


def _machine(root: str) -> int:
    for line in _read(root, "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _read(root: str, path: str) -> str:
    try:
        with open(os.path.join(root, path.lstrip("/")), encoding="ascii", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
