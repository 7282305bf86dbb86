"""Which Python, platform tags and marker values are installed for. Nothing else lives here."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from packaging.markers import default_environment
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import (
    compatible_tags,
    cpython_tags,
    generic_tags,
    interpreter_name,
    platform_tags,
    sys_tags,
)

from mempip.errors import UsageError
from mempip.installer.platforms import manylinux, platform_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from packaging.tags import Tag

#: Machines whose wheels are named without looking at the interpreter's own file.
_MACHINES = ("x86_64", "aarch64")
#: pip's ``--implementation`` → the markers ``implementation_name`` and ``platform_python_implementation``.
_IMPLEMENTATIONS = {"cp": ("cpython", "CPython"), "pp": ("pypy", "PyPy"), "py": ("cpython", "CPython")}


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
    any_python: bool = False  #: whether ``Requires-Python`` forbids nothing
    _ranks: dict[str, int | None] = field(init=False, repr=False, compare=False, default_factory=dict)
    _platforms: set[str] = field(init=False, repr=False, compare=False, default_factory=set)
    _endings: dict[str, bool] = field(init=False, repr=False, compare=False, default_factory=dict)
    _pythons: dict[str, bool] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        # Filled from the worst tag to the best, so that a tag listed twice keeps its better rank.
        for rank in range(len(self.tags) - 1, -1, -1):
            self._ranks[str(self.tags[rank])] = rank
        self._platforms.update(tag.platform for tag in self.tags)

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
        version = python["version"][0], python["version"][1]
        minor = int(libc_version.split(".")[1])
        platforms = [f"linux_{python['machine']}", *manylinux(minor, python["machine"])]
        abi = f"cp{version[0]}{version[1]}{python['abiflags']}"
        tags = _tags("cp", version, [abi], platforms)
        full = ".".join(map(str, python["version"][:3]))
        return cls(full, tags, _markers(python), executable, is_current=False)

    @classmethod
    def named(
        cls, python_version: str = "", platforms: Sequence[str] = (), implementation: str = "", abis: Sequence[str] = ()
    ) -> Target:
        """Return the target that pip's options of these names describe; what is not named is as it is here.

        Raises `UsageError`.
        """
        here = cls.current()
        markers, full = dict(here.environment), here.python_version
        implementation = implementation or interpreter_name()
        if implementation not in _IMPLEMENTATIONS:
            raise UsageError("implementation", f"{implementation!r} is none of {', '.join(_IMPLEMENTATIONS)}")
        if python_version:
            version = _parse_version(python_version)
            full = ".".join(map(str, version))
            markers |= {"python_full_version": full, "python_version": f"{version[0]}.{version[1]}"}
        if python_version or implementation != interpreter_name():
            # PyPy's own version cannot be named; CPython's is Python's.
            own = markers["python_full_version"] if implementation != "pp" else "7.3.0"
            name, shown = _IMPLEMENTATIONS[implementation]
            markers |= {
                "implementation_name": name, "platform_python_implementation": shown, "implementation_version": own
            }  # fmt: skip
        if platforms:
            platform = platform_of(platforms)
            markers |= platform.markers()
            platforms = platform.tags
        major, minor = map(int, full.split(".")[:2])
        tags = _tags(implementation, (major, minor), abis, platforms or [*platform_tags()])
        return cls(full, tags, markers, is_current=False)

    def may_take(self, filename: str) -> bool:
        """Say whether a file is no wheel, or one for a platform that there are tags of: most wheels fail by that."""
        if not filename.endswith(".whl"):
            return True
        ending = filename[filename.rfind("-") + 1 :]
        try:
            return self._endings[ending]
        except KeyError:
            pass
        answer = not self._platforms.isdisjoint(ending[:-4].lower().split("."))
        self._endings[ending] = answer
        return answer

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
        if not requires_python or self.any_python:
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


def _tags(
    implementation: str, version: tuple[int, int], abis: Sequence[str], platforms: Sequence[str]
) -> tuple[Tag, ...]:
    """Return the tags of wheels for an interpreter, best first; without `abis`, those that are usual for it."""
    interpreter = f"{implementation}{version[0]}{version[1]}"
    if implementation == "cp":
        own = cpython_tags(version, abis or None, platforms)
    elif implementation == "pp":
        own = generic_tags(interpreter, abis or [f"pypy{version[0]}{version[1]}_pp73"], platforms)
    else:  # any implementation
        return tuple(compatible_tags(version, None, platforms))
    return (*own, *compatible_tags(version, interpreter, platforms))


def _parse_version(text: str) -> tuple[int, int, int]:
    """Read pip's ``--python-version``: ``3.12``, ``3.12.1`` or ``312``; without a third number it is 0."""
    parts = text.strip().split(".")
    if len(parts) == 1 and len(text) > 1:
        parts = [text[0], text[1:]]
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError("python_version", f"{text!r} is no version of Python such as 3.12 or 3.12.1")
    major, minor, micro = map(int, [*parts, "0"][:3])
    return major, minor, micro


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
