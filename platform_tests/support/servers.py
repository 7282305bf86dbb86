"""Servers of others on loopback, for as long as a test needs them."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATIENCE = 30.0  # seconds


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody has; a Redis cluster's own are 10,000 above them."""
    sockets: list[socket.socket] = []
    while len(sockets) < count:
        trial = socket.socket()
        try:
            trial.bind(("127.0.0.1", random.SystemRandom().randrange(20_000, 50_000)))
        except OSError:
            trial.close()
        else:
            sockets.append(trial)
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def running(command: Sequence[str], *ports: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server; yield its process once it listens at all of `ports`. It is killed, even if it was stopped."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            for port in ports:
                _await(port, process)
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, f"{process.args} ended at once"
            assert time.monotonic() < end, f"{process.args} does not listen at {port}"
            time.sleep(0.05)
        else:
            return
