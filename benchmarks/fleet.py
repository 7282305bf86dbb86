"""Many clients at once over one daemon. ``python -m benchmarks.fleet [pandas …] [--rounds CLIENTS]``.

All start together, with the daemon empty (*cold*: one installation, for which all wait) and then with all of it there
(*warm*). Printed are the times from start to exit of the program, which imports the packages: the median and the 99th
of a hundred; what the machine's shared memory has grown by at its peak, beside what the daemon holds, of which there
should be one copy; and how often each wheel was downloaded.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Peak, command_line, compile_contenders
from benchmarks.warm import MEMPIP, daemon, settle
from platform_tests.support.index import download
from platform_tests.support.tools import clean_environment
from tests.support.index_server import IndexServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Requirements → what is imported of them.
WORKLOADS = {"pandas scipy": "pandas, scipy.stats", "numpy": "numpy"}


def start(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a client; return its seconds."""
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


def percentile(times: Sequence[float], percent: int) -> float:
    """Return the time that so many percent of `times` do not exceed."""
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


def main() -> None:
    """Measure what the command line asks for, and print it."""
    arguments = command_line("fleet", __doc__, WORKLOADS, rounds=32)
    compile_contenders()
    results = {}
    print(
        f"{'':16}{'p50 s':>8}{'p99 s':>8}{'Shmem MiB':>11}{'held MiB':>10}{'ratio':>7}  downloads of a wheel, at most"
    )
    for name in arguments.workloads:
        with tempfile.TemporaryDirectory(prefix="mempip-fleet-") as scratch, ThreadPoolExecutor(10_000) as pool:
            wheels = Path(scratch, "wheels")
            wheels.mkdir()
            download(name.split(), wheels)
            with IndexServer(wheels) as server:
                environment = clean_environment(server.url)
                peak = Peak()
                with daemon(environment, Path(scratch)) as path:
                    program = ["--", "-c", f"import {WORKLOADS[name]}"]
                    command = [MEMPIP, "run", "--daemon", path, *name.split(), *program]
                    for state in ("cold", "warm"):
                        times = list(pool.map(lambda _: start(command, environment), range(arguments.rounds)))  # noqa: B023
                        settle(path, environment)
                        told = [MEMPIP, "daemon", "status", "--json", "--socket", path]
                        status = json.loads(subprocess.run(told, check=True, capture_output=True).stdout)
                        shmem, held = peak.stop(), status["bytes"] / 2**20
                        peak = Peak()
                        asked = [path for path in server.paths() if path.endswith(".whl")]
                        most = max(asked.count(path) for path in asked)
                        row = percentile(times, 50), percentile(times, 99), shmem, held
                        results[f"{name} {state}"] = row
                        shown = f"{row[0]:>8.2f}{row[1]:>8.2f}{shmem:>11.1f}{held:>10.1f}{shmem / held:>7.2f}"
                        print(f"{name + ' ' + state:16}{shown}  {most}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
