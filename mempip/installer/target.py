"""Which Python, platform tags and marker values are installed for. Nothing else lives here."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from packaging.markers import default_environment
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import compatible_tags, cpython_tags, sys_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from packaging.tags import Tag

#: Machines whose wheels are named without looking at the interpreter's own file.
_MACHINES = ("x86_64", "aarch64")
#: PEP 513, 571, 599: names for what PEP 600 calls by the number of glibc's version.
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True)
class Target:
    """The interpreter that wheels are chosen for.

    Answers are remembered: an index page asks the same few questions thousands of times.
    """

    python_version: str  #: major.minor.micro; pre-releases of Python count as the release, as in pip
    tags: tuple[Tag, ...]  #: best first (PEP 425)
    environment: dict[str, str]  #: values of environment markers (PEP 508)
    executable: str = sys.executable  #: runs the scripts of packages
    is_current: bool = True  #: whether it is the kind of interpreter that runs this code, so that builds fit it
    _ranks: dict[str, int | None] = field(init=False, repr=False, compare=False, default_factory=dict)
    _pythons: dict[str, bool] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        # Filled from the worst tag to the best, so that a tag listed twice keeps its better rank.
        for rank in range(len(self.tags) - 1, -1, -1):
            self._ranks[str(self.tags[rank])] = rank

    @classmethod
    def current(cls) -> Target:
        """Return the target that describes the interpreter that runs this code."""
        environment = {key: str(value) for key, value in default_environment().items()}
        return cls(".".join(map(str, sys.version_info[:3])), tuple(sys_tags()), environment)

    @classmethod
    def of(cls, python: Mapping[str, Any], own: Mapping[str, Any]) -> Target | None:
        """Return the target that another interpreter described (`mempip.store.python.describe`).

        `own` is what this interpreter says of itself: an equal one has the same target, whatever it is. Of others,
        64-bit CPython with glibc is known; for the rest, ``None``.
        """
        executable = python["executable"]
        if {**python, "executable": ""} == {**own, "executable": ""}:
            return replace(cls.current(), executable=executable)
        libc, _, libc_version = python["libc"].partition(" ")
        known = python["implementation"] == "cpython" and python["platform"] == "linux" and libc == "glibc"
        if not known or python["machine"] not in _MACHINES or python["bits"] != 64:
            return None
        version = python["version"][:2]
        platforms = [f"linux_{python['machine']}", *_manylinux(libc_version, python["machine"])]
        abi = f"cp{version[0]}{version[1]}{python['abiflags']}"
        interpreter = abi.rstrip("t")
        tags = (*cpython_tags(version, [abi], platforms), *compatible_tags(version, interpreter, platforms))
        full = ".".join(map(str, python["version"][:3]))
        return cls(full, tags, _markers(python), executable, is_current=False)

    def rank(self, tag: str) -> int | None:
        """Return the position of the best tag in `tag`, or None if this interpreter takes none of them.

        `tag` is the tail of a wheel's file name, lower case: ``cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64``
        stands for two tags (PEP 425, compressed tag sets).
        """
        try:
            return self._ranks[tag]
        except KeyError:
            pass
        parts = tag.split("-")
        ranks = []
        if len(parts) == 3 and "." in tag:
            for combination in product(*(part.split(".") for part in parts)):
                single = self._ranks.get("-".join(combination))
                if single is not None:
                    ranks.append(single)
        best = min(ranks, default=None)
        self._ranks[tag] = best
        return best

    def accepts_python(self, requires_python: str) -> bool:
        """Say whether this Python satisfies a ``Requires-Python`` value; an unreadable one forbids nothing."""
        if not requires_python:
            return True
        try:
            return self._pythons[requires_python]
        except KeyError:
            pass
        try:
            answer = SpecifierSet(requires_python).contains(self.python_version, prereleases=True)
        except InvalidSpecifier:
            answer = True
        self._pythons[requires_python] = answer
        return answer


def _manylinux(glibc: str, machine: str) -> Iterator[str]:
    """Yield the platforms of PEP 600 that a glibc of that version can run, newest first, with their older names."""
    major, _, rest = glibc.partition(".")
    newest = int(rest.partition(".")[0])
    oldest = 5 if machine == "x86_64" else 17
    for minor in range(newest, oldest - 1, -1):
        yield f"manylinux_{major}_{minor}_{machine}"
        if minor in _LEGACY:
            yield f"{_LEGACY[minor]}_{machine}"


def _markers(python: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of environment markers of an interpreter (PEP 508)."""
    full = _version(python["version"])
    return {
        "implementation_name": python["implementation"],
        "implementation_version": _version(python["implementation_version"]),
        "os_name": "posix",
        "platform_machine": python["machine"],
        "platform_python_implementation": "CPython",
        "platform_release": python["release"],
        "platform_system": python["system"],
        "platform_version": python["kernel"],
        "python_full_version": full,
        "python_version": ".".join(full.split(".")[:2]),
        "sys_platform": python["platform"],
    }


def _version(info: list[int | str]) -> str:
    """Return `sys.version_info` as a version (PEP 440)."""
    major, minor, micro, level, serial = info
    mark = {"alpha": "a", "beta": "b", "candidate": "rc"}
    return f"{major}.{minor}.{micro}" + (f"{mark[str(level)]}{serial}" if level in mark else "")
