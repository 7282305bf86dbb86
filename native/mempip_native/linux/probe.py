"""Trying something end to end, in a child process that may be killed, may crash and may hang."""

from __future__ import annotations

import os
import select
import signal
import sys

from mempip_native._adapter import Probe
from mempip_native.errors import AdapterUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Protocol

    from mempip_native.linux.descriptors import DescriptorAdapter

    class Subject(Protocol):
        """What is tried: it has a name and knows what would lift a refusal at a step."""

        name: str

        def remedy(self, step: str) -> str: ...


if sys.platform != "linux":
    raise ImportError("for Linux only")

TIMEOUT = 5.0  # seconds


def fork() -> int:
    """Fork without the warning about threads: the child here runs a few calls of its own and exits."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def probe(subject: Subject, steps: Callable[[Any], Iterator[str]]) -> Probe:
    """Return whether `subject` works here: whether all of `steps` can be done with it.

    `steps` does the next step each time one is asked for; the name of a step comes before it is done. Safe whatever
    happens to the child that does them: SIGSYS, a crash, a hang.
    """
    try:
        reader, writer = os.pipe()
        child = fork()
    except OSError as error:
        return Probe(subject.name, False, f"no process could be started to try it: {error.strerror}")
    if child == 0:
        try:
            _run(subject, steps, writer)
        finally:
            os._exit(0)
    os.close(writer)
    try:
        report = _read(reader, child)
    finally:
        os.close(reader)
    ending = _reap(child)
    step, _, outcome = report.rstrip("\n").rpartition("\n")[2].partition("\t")
    if outcome == "ok":
        return Probe(subject.name, True)
    reason = outcome or f"{step or 'start'}: {ending}"
    return Probe(subject.name, False, reason, subject.remedy(step))


def _read(reader: int, child: int) -> str:
    """Return what the child wrote until it ended; a child that hangs is killed."""
    received = b""
    poller = select.poll()
    poller.register(reader, select.POLLIN)
    while poller.poll(TIMEOUT * 1000):
        chunk = os.read(reader, 4096)
        if not chunk:
            return received.decode()
        received += chunk
    os.kill(child, signal.SIGKILL)
    return received.decode()


def _reap(child: int) -> str:
    try:
        _, status = os.waitpid(child, 0)
    except ChildProcessError:  # the program ignores SIGCHLD
        return "the process that tried it died"
    number = os.waitstatus_to_exitcode(status)
    if number == -signal.SIGKILL:
        return "the process that tried it hung or was killed"
    return f"the process that tried it died of {signal.Signals(-number).name}" if number < 0 else "no answer"


def _run(subject: Subject, steps: Callable[[Any], Iterator[str]], writer: int) -> None:
    """In the child: write a line for each step begun, and ``step<TAB>ok`` or ``step<TAB>reason`` at the end."""
    _crash_quietly()
    step = ""
    try:
        for step in steps(subject):
            os.write(writer, f"{step}\n".encode())
        outcome = "ok"
    except AdapterUnavailable as error:
        outcome = str(error)
    except OSError as error:
        outcome = f"{step}: {error.strerror or error}"
    except Exception as error:  # noqa: BLE001 - whatever it is, this adapter does not work
        outcome = f"{step}: {error!r}"
    os.write(writer, f"{step}\t{outcome}\n".encode())


def _crash_quietly() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGSYS, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGABRT):
        signal.signal(number, signal.SIG_DFL)


def library_for_this_machine() -> bytes | None:
    """Return a library that `call_library` can call, or ``None`` if none is known for this machine."""
    from mempip_native.linux import probe_library

    with open("/proc/self/exe", "rb") if os.path.exists("/proc/self/exe") else open(sys.executable, "rb") as file:
        return probe_library.for_header(file.read(20))


def call_library(path: str) -> None:
    """Load the library at `path` and call it. Raises `AdapterUnavailable` or `OSError`."""
    import _ctypes  # ctypes itself takes longer to import than all of this to run

    from mempip_native.linux import probe_library

    handle = _ctypes.dlopen(path, os.RTLD_NOW)
    if _ctypes.call_function(_ctypes.dlsym(handle, probe_library.SYMBOL), ()) != probe_library.ANSWER:
        raise AdapterUnavailable("a loaded function gives a wrong answer")


def adapter_steps(adapter: DescriptorAdapter) -> Iterator[str]:
    """Try a memory adapter: see `probe`."""
    yield "path"
    library = library_for_this_machine()
    adapter.path(0)
    yield "allocate"
    fd = adapter.allocate("mempip probe")
    yield "write"
    content = library or b"no library is known for this machine"
    os.write(fd, content)
    yield "seal"
    fd = adapter.seal(fd)
    _refuse_writes(fd)
    if os.pread(fd, len(content) + 1, 0) != content:
        raise AdapterUnavailable("a sealed object does not hold what was written")
    if library:
        yield "dlopen"
        call_library(adapter.path(fd))


def _refuse_writes(fd: int) -> None:
    for attempt in (lambda: os.pwrite(fd, b"x", 0), lambda: os.ftruncate(fd, 0)):
        try:
            attempt()
        except OSError:
            continue
        raise AdapterUnavailable("a sealed object can still be written to")
