"""A process that this one starts, and the pair of pipes between them: its standard input and output."""

from __future__ import annotations

import errno
import msvcrt
import os
import subprocess
import sys

from mempip_native.windows import kernel32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

if sys.platform != "win32":
    raise ImportError("for Windows only")

_INHERITED = 0, 1


class Channel:
    """One end of two pipes, with the methods of a stream socket that a connection calls.

    ``process`` is a handle of the process at the other end that allows to take its objects, 0 in the one that was
    started: whoever starts a process may do so, and not the other way round.
    """

    def __init__(self, reader: int, writer: int, process: int = 0) -> None:
        self.process = process
        self._reader, self._writer = reader, writer

    def fileno(self) -> int:
        """Return the descriptor that is read from."""
        return self._reader

    def sendall(self, data: bytes) -> None:
        """Send all of `data`. Raises `BrokenPipeError` if the other end is gone."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._writer, rest[: 1 << 20]) :]
        except OSError as error:
            if error.errno == errno.EINVAL:  # what the C runtime makes of a pipe that is being closed
                raise BrokenPipeError(errno.EPIPE, "the other end has closed") from error
            raise

    def recv(self, count: int) -> bytes:
        """Return up to `count` bytes, and none when the other end has closed."""
        return os.read(self._reader, count)

    def close(self) -> None:
        """Close both pipes. Done already, it does nothing."""
        if self._reader >= 0:
            os.close(self._reader)
            os.close(self._writer)
            self._reader = self._writer = -1
            if self.process:
                kernel32.CloseHandle(self.process)


def start(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], Channel]:
    """Start a program that Ctrl+C does not reach, and return it with this end of a channel. Raises `OSError`."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
        bufsize=0,
    )
    assert process.stdin is not None  # noqa: S101 - they are PIPE
    assert process.stdout is not None  # noqa: S101
    reader, writer = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
    process.stdout.close()
    process.stdin.close()
    process.stdin = process.stdout = None
    return process, Channel(reader, writer, kernel32.OpenProcess(kernel32.PROCESS_DUP_HANDLE, 0, process.pid))


def inherited() -> Channel:
    """Return the end of the process that was started. Its standard streams are the null device from then on."""
    ends = [os.dup(number) for number in _INHERITED]
    null = os.open(os.devnull, os.O_RDWR)
    for number, end in zip(_INHERITED, ends, strict=True):
        msvcrt.setmode(end, os.O_BINARY)
        os.dup2(null, number, inheritable=True)
    os.close(null)
    return Channel(*ends)
