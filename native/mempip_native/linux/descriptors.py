"""What the Linux adapters have in common: a path for a descriptor, numbers that never come back, the probe."""

from __future__ import annotations

import fcntl
import itertools
import os
import sys

from mempip_native.errors import AdapterUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native._adapter import Probe

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: How to open a file that has no name and (O_EXCL) can never be given one.
UNNAMED: int = os.O_TMPFILE | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC

_generations: dict[int, itertools.count[int]] = {}  # descriptor number → how many paths were made for it
_reserved = [63]  # stay above the numbers that programs hand out, close and hand out again


def unique_path(fd: int) -> str:
    """Return a path to `fd` that this process never used before.

    glibc remembers the strings it was given: a number that is used again would silently yield the library
    that had it first. So the n-th path of a number has n spelled in it, in binary, in detours that pathlib keeps
    (it drops ``./``) and that stay short. It names the process by number because a debugger that reads
    ``/proc/self/fd/N`` would open its own descriptor. The number is read each time: it changes after a fork, and
    ``os.getpid()`` may be of another pid namespace than /proc.
    """
    generation = next(_generations.setdefault(fd, itertools.count()))
    start = directory()
    detours = "../fd/", f"../..{start.removeprefix('/proc')}/"
    return f"{start}/{''.join(detours[int(bit)] for bit in f'{generation:b}')}{fd}"


def directory() -> str:
    """Return ``/proc/PID/fd``. Raises `AdapterUnavailable` where /proc is not mounted."""
    try:
        return f"/proc/{os.readlink('/proc/self')}/fd"
    except OSError as error:
        raise AdapterUnavailable("/proc is not mounted, and the dynamic linker can only take a path") from error


def reserve(fd: int, *, inheritable: bool = False) -> int:
    """Return a duplicate of `fd` under a number that was never given out here before.

    A library that is found under its bare descriptor number is known to the dynamic linker by that number
    for good. Raises `OSError` (EINVAL or EMFILE) when the limit on descriptors is reached.
    """
    number = fcntl.fcntl(fd, fcntl.F_DUPFD if inheritable else fcntl.F_DUPFD_CLOEXEC, max(_reserved) + 1)
    _reserved.append(number)
    return number


def keep_reserved(number: int) -> None:
    """Never give out `number`, which this process inherited."""
    _reserved.append(number)


class DescriptorAdapter:
    """Base of the Linux adapters: they differ only in where an object comes from and how it is sealed."""

    name = ""

    def allocate(self, name: str, *, executable: bool = False) -> int:
        """See `Adapter.allocate`."""
        raise NotImplementedError

    def seal(self, fd: int) -> int:
        """See `Adapter.seal`."""
        raise NotImplementedError

    def path(self, fd: int) -> str:
        """See `Adapter.path`."""
        return unique_path(fd)

    def probe(self) -> Probe:
        """See `Adapter.probe`."""
        from mempip_native.linux.probe import adapter_steps, probe

        return probe(self, adapter_steps)

    def remedy(self, step: str) -> str:
        """Return what would lift a refusal at `step` of the probe."""
        raise NotImplementedError


def seal_by_mode(fd: int) -> int:
    """Replace a read-write `fd` of an unnamed file by a read-only one of mode 0400, and return that.

    Nobody but the owner can open the file for writing again, and nothing in this process holds it open so. One that
    the owner may execute stays so.
    """
    try:
        os.fchmod(fd, 0o400 | os.fstat(fd).st_mode & 0o100)
        sealed = os.open(f"{directory()}/{fd}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise AdapterUnavailable(f"an unnamed file could not be reopened read-only: {error.strerror}") from error
    os.close(fd)
    return sealed
