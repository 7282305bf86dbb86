"""Processes of mempip's that begin as forks of one that has imported already what they import.

Where wheels are small and made up, most of an installation's time goes into the start of its process. All else is as
it is for a process that is started: what it runs, its channel and descriptors, its directory and variables, its end.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from mempip_native import channels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INTERPRETER = [sys.executable, "-I", "-B", "-c"]  #: as mempip starts it; a program follows
MAX_ORDER = 128 << 10  # bytes, as one packet
MODULES = (
    "encodings.idna mempip.installer.assembly mempip.installer.lockfile.reader mempip.installer.lockfile.writer "
    "mempip.installer.session mempip.installer.sources.build_room mempip.installer.transport.tls "
    "mempip.installer.transport.wire mempip.store.daemon.preparer mempip.store.daemon.worker mempip.store.one_call"
).split()

#: Runs in the process that is forked. The path is isolated again before a fork runs its own program.
_BOOTSTRAP = """\
import sys
isolated = list(sys.path)
sys.path.extend(path for path in {path!r} if path not in sys.path)
from tests.support.forked import next_program
program = next_program()
sys.path[:] = isolated
exec(program)
"""


class Forks:
    """A process that is forked, as long as a `with` block lasts; or one that others have, by the socket to it."""

    def __init__(self, orders: socket.socket | None = None) -> None:
        self._orders = orders or self._started()

    def _started(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [*INTERPRETER, _BOOTSTRAP.format(path=sys.path)]
            self._process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL, start_new_session=True)
        return ours

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._orders.close()

    def start(self, command: Sequence[str]) -> tuple[subprocess.Popen[bytes] | Fork, socket.socket]:
        """Do what `mempip_native.channels.start` does, by a fork if the command is a program for this interpreter."""
        *interpreter, program = command
        if interpreter != INTERPRETER:
            return _start(command)
        ours, theirs = socket.socketpair()
        report, reported = socket.socketpair()
        directory = os.open(".", os.O_PATH)
        order = json.dumps([program, dict(os.environ)]).encode()
        with theirs, reported:
            try:
                handed = [reported.fileno(), theirs.fileno(), directory, 2, self._orders.fileno()]
                socket.send_fds(self._orders, [order], handed)
            finally:
                os.close(directory)
        return Fork(report), ours


_start = channels.start


class Fork:
    """What is used of `subprocess.Popen`, for a process that is another's child."""

    def __init__(self, report: socket.socket) -> None:
        self._report = report.makefile("rb")
        report.close()
        self.pid = int(self._report.readline())
        self.returncode: int | None = None

    def kill(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = int(self._report.readline())
            self._report.close()
        return self.returncode


def next_program() -> str:
    """Fork for each order. Returns, in each process that is forked, what it is to run."""
    orders = socket.socket(fileno=os.dup(0))
    for name in MODULES:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, MAX_ORDER, 5)
        if not order:
            os._exit(0)
        if not os.fork():
            orders.close()
            return _fork(*json.loads(order), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _fork(
    program: str, environ: Mapping[str, str], report: int, channel: int, directory: int, errors: int, orders: int
) -> str:
    """Return in a child, with the program. This process reports the child's number, and how it ended, and ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child:
        os.close(channel)
        os.write(report, b"%d\n" % child)
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        os.write(report, b"%d\n" % (ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status))
        os.read(report, 1)  # the number is the child's until it was waited for
        os.waitpid(child, 0)
        os._exit(0)
    os.setsid()
    os.fchdir(directory)
    os.dup2(channel, 0)
    os.dup2(errors, 2)
    for descriptor in (report, channel, directory, errors):
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environ)
    channels.start = Forks(socket.socket(fileno=orders)).start
    return program
