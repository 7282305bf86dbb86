"""Which system calls in strace's output write to a file system.

Made for ``strace -ff -y -o PREFIX``: one file for each thread, so that a call is always one line, and
descriptors are followed by what they refer to, as in ``3</etc/passwd>`` or ``4</memfd:numpy>(deleted)``.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

OPENING = frozenset({"open", "openat", "openat2", "creat"})

#: Calls that change a file system, or the tree of file systems, whatever their arguments are.
CHANGING = frozenset(
    "mkdir mkdirat rename renameat renameat2 unlink unlinkat rmdir link linkat symlink symlinkat mknod mknodat "
    "truncate ftruncate fallocate chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes futimesat "
    "utimensat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr "
    "mount umount2 move_mount mount_setattr fsmount open_tree pivot_root bind".split()
)

#: A directory tree of mempip's own, in a tmpfs that is mounted nowhere: `mempip_native.linux.trees`. No real file
#: system has such a directory, which `written` makes sure of.
TREES = "/mempip"
IN_A_TREE = re.compile(rf"{TREES}(/|$)")
TREE_NUMBER = re.compile(rf"fcntl\(.*, F_DUPFD, .*\) += (\d+)<{TREES}/\w+>$", re.MULTILINE)
NEW_MOUNT = re.compile(r"(\d+)</>$")
BY_NUMBER = re.compile(r"/proc/self/fd/(\d+)/")

WRITE_FLAG = re.compile(r"\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ANNOTATION = re.compile(r"(?<=[\dTD])<((?:[^<>]|->)*)>")
CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>.+)")

#: Objects that have no place in a file system. What a descriptor refers to is strace's word for it.
NOT_FILES = ("/memfd:", "pipe:", "socket:", "anon_inode:", "UNIX:", "TCP:", "TCPv6:", "UDP:", "UDPv6:", "NETLINK:")
PROCESS_FILE = re.compile(r"/proc/(self|thread-self|\d+)/(?!fd/)")
DEVICES = frozenset({"/dev/null", "/dev/zero", "/dev/full", "/dev/tty"})


@dataclass(frozen=True)
class Call:
    """One system call: its name, its arguments as strace prints them, and its result."""

    name: str
    arguments: str
    result: str

    @classmethod
    def parse(cls, line: str) -> Call | None:
        """Return the call on a line, or ``None`` for a line about a signal or an exit."""
        match = CALL.match(line)
        return cls(**match.groupdict()) if match else None

    def paths(self) -> list[str]:
        """Return what the call names: quoted paths, below their directory if it has one, else its descriptors."""
        descriptors = ANNOTATION.findall(QUOTED.sub('""', self.arguments))
        directory = descriptors[0] if descriptors else ""
        return [posixpath.join(directory, path) for path in QUOTED.findall(self.arguments) if path] or descriptors

    def in_a_tree(self) -> bool:
        """Whether all that the call names is below descriptors of a tree: what it changes is memory."""
        descriptors = ANNOTATION.findall(QUOTED.sub('""', self.arguments))
        below = all(not path.startswith("/") and ".." not in path.split("/") for path in QUOTED.findall(self.arguments))
        return bool(descriptors) and below and all(IN_A_TREE.match(path) for path in descriptors)

    def starts_a_tree(self, before: Call | None) -> bool:
        """Whether the call makes `TREES` in the mount that the call `before` it, of the same thread, has made."""
        mount = NEW_MOUNT.match(before.result) if before is not None and before.name == "fsmount" else None
        return mount is not None and self.arguments.startswith(f'{mount[1]}</>, "{TREES[1:]}", ')

    def refused_by_a_tree(self, numbers: set[str]) -> bool:
        """Whether a tree, reached by one of `numbers`, has refused the call because it is read-only."""
        paths = QUOTED.findall(self.arguments)
        found = [BY_NUMBER.match(path) for path in paths]
        return "EROFS" in self.result and bool(found) and all(match and match[1] in numbers for match in found)

    def writes(self) -> bool:
        """Whether the call would change a real file system; a refused attempt counts as well."""
        if self.in_a_tree():
            return False
        if self.name in OPENING:
            if self.name != "creat" and not WRITE_FLAG.search(QUOTED.sub('""', self.arguments)):
                return False
            # What was opened is the truth; without it, what was asked for.
            return not all(is_outside(path) for path in ANNOTATION.findall(self.result) or self.paths())
        if self.name == "bind":
            # An abstract or unnamed socket, or one of another family, is no file.
            return 'sun_path="' in self.arguments
        return self.name in CHANGING and not all(is_outside(path) for path in self.paths())

    def __str__(self) -> str:
        return f"{self.name}({self.arguments}) = {self.result}"


def is_outside(path: str) -> bool:
    """Whether `path` lies outside of every real file system; ``/proc/PID/fd/N`` may lead to anywhere."""
    return path.startswith(NOT_FILES) or path in DEVICES or PROCESS_FILE.match(path) is not None


def strace(command: Sequence[str], prefix: Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run `command` under strace, children included; the traces are the files that begin with `prefix`.

    `options` are `subprocess.run`'s.
    """
    command = [*tracer(str(prefix)), *command]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def tracer(prefix: str) -> list[str]:
    """Return the command line that runs another one, which follows it, under strace; see `strace`."""
    # A question mark lets strace pass over calls that this architecture does not have.
    names = ",".join(f"?{name}" for name in sorted(OPENING | CHANGING | {"fcntl"}))
    return ["strace", "-ff", "-y", "-qq", "--seccomp-bpf", "-s", "4096", "-o", prefix, "-e", f"trace={names}"]


def traces(prefix: Path) -> Iterator[str]:
    """Yield what `strace` wrote about each process and thread that it followed."""
    for trace in sorted(prefix.parent.glob(f"{prefix.name}.*")):
        yield trace.read_text(encoding="utf-8", errors="replace")


def calls(prefix: Path) -> Iterator[Call]:
    """Yield the calls of every process and thread that `strace` followed."""
    for trace in traces(prefix):
        yield from filter(None, map(Call.parse, trace.splitlines()))


def written(prefix: Path) -> Mapping[str, int]:
    """Return the calls that would change a real file system, each with how often it was made."""
    assert not os.path.lexists(TREES), f"{TREES} exists: what is written there would pass for memory"
    numbers = {number for trace in traces(prefix) for number in TREE_NUMBER.findall(trace)}
    found: dict[str, int] = {}
    for trace in traces(prefix):
        before: Call | None = None
        for call in filter(None, map(Call.parse, trace.splitlines())):
            if call.writes() and not call.starts_a_tree(before) and not call.refused_by_a_tree(numbers):
                found[str(call)] = found.get(str(call), 0) + 1
            before = call
    return found


def folded(command: Sequence[str]) -> list[str]:
    """Return `command` under strace, for a container with nothing to write to but /dev/shm.

    What it prints has the traces behind it; `unfold` takes them off.
    """
    return ["sh", "-ec", '"$@"; tail -n +1 -v /dev/shm/trace.*', "sh", *tracer("/dev/shm/trace"), *command]


def unfold(output: str, prefix: Path) -> str:
    """Put the traces in `output` into files that begin with `prefix`, and return what else was printed."""
    printed, *found = re.split(r"^==> /dev/shm/trace(\.\d+) <==\n", output, flags=re.MULTILINE)
    for number, text in zip(found[::2], found[1::2], strict=True):
        prefix.with_name(prefix.name + number).write_text(text, encoding="utf-8")
    return printed


def written_by_builds(trace: Path) -> list[str]:
    """Return the calls that would change more than memory.

    In a build's own namespace there is one place that can be written to, beside shared memory, and it is in memory; a
    directory that is built is covered by a copy that is there.
    """
    mounts = [call for call in calls(trace) if call.name == "mount"]
    made = {path for call in mounts if '"tmpfs"' in call.arguments for path in call.paths() if path.startswith("/")}
    assert len(made - {"/dev/shm"}) == 1
    bound = [call.paths() for call in mounts if ", MS_BIND," in call.arguments]
    made |= {place for copy, place in bound if copy.startswith(tuple(f"{path}/" for path in made))}
    return [str(call) for call in calls(trace) if call.writes() and not is_inside(call, made)]


def is_inside(call: Call, places: set[str]) -> bool:
    """Whether a call changes nothing but what is below `places`, or arranges the namespace."""
    if call.name in ("mount", "mount_setattr") or call.result.startswith("-1"):
        return True
    paths = call.paths()[-1:] if call.name == "symlink" else call.paths()  # the other one is what it says
    return all(not path.startswith("/") or path.startswith(tuple(f"{place}/" for place in places)) for path in paths)
