"""A first run with nothing cached: resolve, download, install, import. ``python -m benchmarks.cold [--rounds N]``.

Every contender gets the same wheels from the same index on loopback, in turns. The wheels are fetched once
by pip from its configured index. ``uv-shm`` is uv with its temporary directory in /dev/shm, so that the speed
of the disk does not count. ``disk`` is the lower bound: packages that are installed and compiled already.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Sample, command_line, compile_contenders, middle, run
from platform_tests.support.index import download, serving
from platform_tests.support.tools import clean_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PYTHON = sys.executable

WORKLOADS = {
    "numpy": (["numpy"], "import numpy"),
    "science": (["pandas", "scipy", "matplotlib"], "import pandas, scipy.stats, matplotlib"),
}


def contenders(requirements: Sequence[str], program: str, index: str, scratch: Path) -> dict[str, list[str]]:
    """Return the command of each contender; each starts with nothing but the index."""
    target = scratch / "target"
    pip = [PYTHON, "-m", "pip", "install", "-q", "--no-cache-dir", "--target", str(target), *requirements]
    wanted = [word for requirement in requirements for word in ("--with", requirement)]
    uv_run = ["uv", "run", "--quiet", "--no-config", "--no-cache", "--no-project", "--python", PYTHON]
    uv = [*uv_run, "--default-index", index, *wanted, "python", "-c", program]
    return {
        "mempip": [str(Path(PYTHON).with_name("mempip")), "run", *requirements, "--", "-c", program],
        "uv": uv,
        "uv-shm": uv,
        "pip": ["sh", "-ec", f"{shlex.join(pip)}; PYTHONPATH={target} exec {shlex.join([PYTHON, '-c', program])}"],
        "disk": [PYTHON, "-c", program],
    }


def measure(name: str, rounds: int, scratch: Path) -> dict[str, Sample]:
    """Run a workload's contenders in turns, and return the medians of each."""
    requirements, program = WORKLOADS[name]
    wheels, disk = scratch / "wheels", scratch / "disk"
    wheels.mkdir()
    download(requirements, wheels)
    install = [PYTHON, "-m", "pip", "install", "-q", "--no-index", "--find-links", str(wheels), "--target", str(disk)]
    subprocess.run([*install, *requirements], check=True, stdin=subprocess.DEVNULL)
    with serving(wheels) as index:
        commands = contenders(requirements, program, index, scratch)
        environments = {contender: clean_environment(index) for contender in commands}
        environments["disk"]["PYTHONPATH"] = str(disk)
        environments["uv-shm"]["TMPDIR"] = "/dev/shm"

        def once(contender: str, *, watch_memory: bool = False) -> Sample:
            shutil.rmtree(scratch / "target", ignore_errors=True)
            return run(commands[contender], environments[contender], scratch, watch_memory=watch_memory)

        memory = {contender: once(contender, watch_memory=True) for contender in commands}  # also warms the page cache
        samples: dict[str, list[Sample]] = {contender: [] for contender in commands}
        for _ in range(rounds):
            for contender, found in samples.items():
                found.append(once(contender))
    return {
        contender: dataclasses.replace(middle(found), shmem=memory[contender].shmem)
        for contender, found in samples.items()
    }


def table(name: str, results: Mapping[str, Sample]) -> str:
    """Return the results of a workload as text; ratios are to uv's seconds."""
    lines = [f"{name + ':':10}{'seconds':>9}{'of uv':>8}{'cpu s':>8}{'largest MiB':>13}{'shmem MiB':>11}"]
    for contender, sample in results.items():
        ratio = sample.seconds / results["uv"].seconds
        figures = f"{sample.seconds:>9.3f}{ratio:>8.2f}{sample.cpu:>8.2f}{sample.largest:>13.0f}{sample.shmem:>11.0f}"
        lines.append(f"{contender:10}{figures}")
    return "\n".join(lines)


def main() -> None:
    """Measure what the command line asks for, and print it."""
    arguments = command_line("cold", __doc__, WORKLOADS, rounds=7)
    compile_contenders()
    results = {}
    for name in arguments.workloads:
        with tempfile.TemporaryDirectory(prefix="mempip-benchmark-") as scratch:
            results[name] = measure(name, arguments.rounds, Path(scratch))
        print(table(name, results[name]), flush=True)
    if arguments.json:
        rows = {name: {who: dataclasses.asdict(row) for who, row in found.items()} for name, found in results.items()}
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
