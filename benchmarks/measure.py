"""Running a command and reading what it cost."""

from __future__ import annotations

import argparse
import compileall
import os
import subprocess
import sysconfig
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import mempip
import mempip_native

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


@dataclass(frozen=True)
class Sample:
    """The cost of one run. Memory is in MiB."""

    seconds: float  #: wall clock, from start to exit
    cpu: float  #: seconds of user and system time of all processes
    largest: float  #: the peak resident set of the largest process, shared pages included
    shmem: float  #: the growth of the machine's shared memory at its peak: memfd, tmpfs; also unmapped pages


def run(
    command: Sequence[str], environment: Mapping[str, str], directory: Path, *, watch_memory: bool = False
) -> Sample:
    """Run `command` and wait for it. Raises `SystemExit` with its output if it fails.

    `watch_memory` samples the machine's shared memory while it runs, which costs time: a sample is for
    its seconds or for its memory.
    """
    peak = Peak() if watch_memory else None
    output = directory / "output"
    with output.open("wb") as out:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, cwd=directory, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    shmem = peak.stop() if peak else 0.0
    if process.returncode:
        raise SystemExit(
            f"{' '.join(command)}\nexited with {process.returncode}:\n{output.read_text(errors='replace')}"
        )
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, shmem)


class Peak:
    """Watches the machine's shared memory from its making to `stop`, which returns the highest growth in MiB."""

    def __init__(self) -> None:
        self._base = self._highest = shared_memory()
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._done.wait(0.005):
            self._highest = max(self._highest, shared_memory())

    def stop(self) -> float:
        self._done.set()
        self._watcher.join()
        return self._highest - self._base


def shared_memory() -> float:
    """Return ``Shmem`` of /proc/meminfo in MiB."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("Shmem:"):
            return int(line.split()[1]) / 1024
    return 0.0


def compile_contenders() -> None:
    """Compile mempip and all that is installed beside it, as pip does when it installs.

    uv does not; mempip's installer keeps no bytecode, and would compile all that it is made of in every run.
    """
    for place in (*mempip.__path__, *mempip_native.__path__, sysconfig.get_path("purelib")):
        compileall.compile_dir(place, quiet=2)


def middle(samples: Sequence[Sample]) -> Sample:
    """Return the medians of `samples`, each figure by itself."""
    return Sample(
        seconds=median(sample.seconds for sample in samples),
        cpu=median(sample.cpu for sample in samples),
        largest=median(sample.largest for sample in samples),
        shmem=median(sample.shmem for sample in samples),
    )


def command_line(name: str, text: str | None, workloads: Collection[str], rounds: int) -> argparse.Namespace:
    """Return what the command line of the benchmark `name` asks for: ``workloads`` (all by default) and ``rounds``.

    ``json`` is the file that the medians are to be written to as well, if any.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=text)
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(workloads)}; all by default")
    parser.add_argument("--rounds", type=int, default=rounds, help=f"timed runs of each contender (default: {rounds})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the medians to FILE as well")
    arguments = parser.parse_args()
    if unknown := set(arguments.workloads) - set(workloads):
        parser.error(f"there is no workload {', '.join(sorted(unknown))}")
    arguments.workloads = arguments.workloads or list(workloads)
    return arguments
