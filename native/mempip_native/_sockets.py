"""A process that this one starts, and the pair of sockets between them: what POSIX systems have for channels."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from _socket import socket
    from collections.abc import Sequence
    from typing import TypeAlias

    Channel: TypeAlias = socket


def start(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], Channel]:
    """Start a program that Ctrl+C does not reach, and return it with this end of a channel. Raises `OSError`."""
    import socket
    import subprocess

    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, start_new_session=True
            )
        except BaseException:
            ours.close()
            raise
    return process, ours


def inherited() -> Channel:
    """Return the end of the process that was started. Its standard input is the null device from then on."""
    import socket

    channel = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0, inheritable=True)
    os.close(null)
    return channel
