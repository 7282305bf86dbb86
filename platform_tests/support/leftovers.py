"""A room of its own for a program, and what the program leaves behind in it.

A room is a mount namespace with its own /tmp, /var/tmp, /dev/shm and /run, so that whatever appears in
them, or in the list of mounts, is the program's doing and nobody else's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from platform_tests.support.tools import installation, require_root, require_tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PRIVATE = [target for target in ("/tmp", "/var/tmp", "/dev/shm", "/run") if Path(target).is_dir()]
MARK = "PLATFORM_TEST_MARK"


class Room:
    """Starts programs inside, and tells what is left of them."""

    def __init__(self, directory: Path, holder: int) -> None:
        self.directory = directory
        self.work = directory / "work"
        self.home = directory / "home"
        self.holder = holder
        self.mark = uuid.uuid4().hex
        self.mounts = self._mounts()
        self.files = self._files()

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start `command` as the leader of a session of its own, inside the room."""
        return subprocess.Popen(
            ["nsenter", "--mount", "--target", str(self.holder), "env", "-C", str(self.work), *command],
            env={**environment, "HOME": str(self.home), MARK: self.mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def leftovers(self, deadline: float = 10.0) -> list[str]:
        """Return what is left of the programs: a line for each process, file, mount and named socket.

        Processes have until `deadline`, in seconds, to notice that their parent is gone.
        """
        end = time.monotonic() + deadline
        while (processes := self._processes()) and time.monotonic() < end:
            time.sleep(0.02)
        files = [f"file {path}" for path in sorted(self._files() - self.files)]
        mounts = [f"mount {line}" for line in self._mounts() if line not in self.mounts]
        sockets = Path("/proc/net/unix").read_text().splitlines()
        return [*processes, *files, *mounts, *(f"socket {line}" for line in sockets if "mempip" in line)]

    def kill_what_is_left(self) -> None:
        """End the programs' processes, so that one failed test does not fail the next."""
        for line in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.split()[1]), signal.SIGKILL)

    def _files(self) -> set[str]:
        return {str(path.relative_to(self.directory)) for path in self.directory.rglob("*")}

    def _mounts(self) -> list[str]:
        return Path(f"/proc/{self.holder}/mountinfo").read_text().splitlines()

    def _processes(self) -> list[str]:
        mark = f"{MARK}={self.mark}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    found.append(f"process {process.name} {command}")
        return found


@contextlib.contextmanager
def room(directory: Path) -> Iterator[Room]:
    """Make a `Room`; `directory` is empty, and becomes the place of all that the room's programs may see and change."""
    require_tool("nsenter", "util-linux")
    require_root()
    script = ["set -e"]
    for name in ("work", "home"):
        (directory / name).mkdir()
    # The directory itself disappears below one of them; that one comes last.
    for target in sorted(PRIVATE, key=directory.is_relative_to):
        private = directory / target[1:].replace("/", "-")
        private.mkdir()
        # What the programs are made of stays visible where it is.
        for kept in (*installation(), directory / "work", directory / "home"):
            if kept.is_relative_to(target):
                (private / kept.relative_to(target)).mkdir(parents=True)
                script.append(f"mount --bind '{kept}' '{private / kept.relative_to(target)}'")
        script.append(f"mount --rbind '{private}' '{target}'")
    script.append("echo ready; exec cat")
    holder = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", "\n".join(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        here = Room(directory, holder.pid)
        try:
            yield here
        finally:
            here.kill_what_is_left()
            holder.communicate()
