"""Platform tags (PEP 425, 600, 656) → all tags that such a platform takes, and its markers. Pure functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.tags import mac_platforms

from mempip.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: PEP 513, 571, 599: names for what PEP 600 calls by the number of glibc's version.
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_MINORS = {name: minor for minor, name in _LEGACY.items()}
#: Machines for which there were wheels before manylinux2014.
_OLD_MACHINES = ("x86_64", "i686")
_LINUX = re.compile(
    r"linux_(?P<plain>\w+)"
    r"|(?P<legacy>manylinux1|manylinux2010|manylinux2014)_(?P<old>\w+)"
    r"|manylinux_2_(?P<glibc>\d+)_(?P<many>\w+)"
    r"|musllinux_1_(?P<musl>\d+)_(?P<musl_machine>\w+)"
)
_MACOS = re.compile(r"macosx_(?P<major>\d+)_(?P<minor>\d+)_(?P<machine>arm64|x86_64)")
_WINDOWS = {"win_amd64": "AMD64", "win32": "x86", "win_arm64": "ARM64"}


class Platform(NamedTuple):
    """What a platform tag stands for."""

    tags: tuple[str, ...]  #: those of wheels that it takes, best first
    system: str  #: ``Linux``, ``Darwin`` or ``Windows``
    machine: str

    def markers(self) -> dict[str, str]:
        """Return the environment markers (PEP 508) that tell systems apart; nobody knows the kernel's version."""
        return {
            "os_name": "nt" if self.system == "Windows" else "posix",
            "platform_machine": self.machine,
            "platform_release": "",
            "platform_system": self.system,
            "platform_version": "",
            "sys_platform": "win32" if self.system == "Windows" else self.system.lower(),
        }


def platform_of(names: Iterable[str]) -> Platform:
    """Return the platform that takes wheels of all the tags `names`, the first for best.

    A tag with the version of a system or of a C library stands for those of older versions, too. Raises `UsageError`
    for one that is not known, and for those of different systems or machines.
    """
    found = [_parse(name) for name in names]
    first = found[0]
    for other in found[1:]:
        if (other.system, other.machine) != (first.system, first.machine):
            raise UsageError("platform", f"{first.tags[0]} and {other.tags[0]} are of different machines; ask for one")
    return first._replace(tags=tuple(dict.fromkeys(tag for platform in found for tag in platform.tags)))


def _parse(text: str) -> Platform:
    name = re.sub(r"[-.]", "_", text.strip().lower())
    if name in _WINDOWS:
        return Platform((name,), "Windows", _WINDOWS[name])
    if match := _MACOS.fullmatch(name):
        version = int(match["major"]), int(match["minor"])
        return Platform(tuple(mac_platforms(version, match["machine"])), "Darwin", match["machine"])
    match = _LINUX.fullmatch(name)
    if match is None:
        known = "manylinux_2_28_x86_64, musllinux_1_2_aarch64, macosx_14_0_arm64, win_amd64"
        raise UsageError("platform", f"{text!r} is no tag of a system and machine, such as {known}")
    if machine := match["plain"]:
        return Platform((name,), "Linux", machine)
    if machine := match["musl_machine"]:
        tags = (f"musllinux_1_{minor}_{machine}" for minor in range(int(match["musl"]), -1, -1))
        return Platform(tuple(tags), "Linux", machine)
    machine, minor = match["old"] or match["many"], match["glibc"] or _MINORS[match["legacy"]]
    return Platform(tuple(manylinux(int(minor), machine)), "Linux", machine)


def manylinux(glibc: int, machine: str) -> Iterator[str]:
    """Yield the platforms of PEP 600 that glibc 2.`glibc` can run, newest first, with their older names."""
    for minor in range(glibc, 4 if machine in _OLD_MACHINES else 16, -1):
        yield f"manylinux_2_{minor}_{machine}"
        if minor in _LEGACY:
            yield f"{_LEGACY[minor]}_{machine}"
