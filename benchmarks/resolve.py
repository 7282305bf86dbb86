"""Resolution with nothing kept, beside uv and pip: ``python -m benchmarks.resolve SNAPSHOT [WORKLOAD ...]``.

All contenders ask the same snapshot of an index (`benchmarks.snapshot`) on loopback, in turns, without and with a wait
before each answer. Each starts as a process with empty caches and prints its answer.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Sample, compile_contenders, middle, run
from benchmarks.snapshot import WORKLOADS, commands, serve
from platform_tests.support.tools import clean_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def measure(requirements: Sequence[str], index: str, rounds: int, without: Sequence[str]) -> dict[str, Sample]:
    """Run the contenders in turns, after one run of each that is not timed; return the medians of each."""
    with tempfile.TemporaryDirectory(prefix="mempip-benchmark-") as scratch:
        (Path(scratch) / "requirements.in").write_text("\n".join(requirements))
        told = {name: command for name, command in commands(requirements, index).items() if name not in without}
        samples: dict[str, list[Sample]] = {name: [] for name in told}
        for number in range(rounds + 1):
            for name, command in told.items():
                sample = run(command, clean_environment(index), Path(scratch))
                if number:
                    samples[name].append(sample)
    return {name: middle(found) for name, found in samples.items()}


def row(title: str, results: Mapping[str, Sample]) -> str:
    """Return a line of the table: seconds of each, with those of processors, and what mempip takes of the others'."""
    seconds = "".join(f"  {name} {sample.seconds:.3f} ({sample.cpu:.2f})" for name, sample in results.items())
    ratios = [
        f"{results['mempip'].seconds / sample.seconds:.2f} of {name}"
        for name, sample in results.items()
        if name != "mempip"
    ]
    return f"{title:24}{seconds}:  {', '.join(ratios)}"


def main() -> None:
    """Measure what the command line asks for, and print a line for each workload."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolve", description=__doc__.partition("\n")[0])
    parser.add_argument("snapshot", type=Path, help="a directory that benchmarks.snapshot has filled")
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(WORKLOADS)}; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="timed runs of each contender (default: 5)")
    parser.add_argument("--latency", type=float, default=20, help="milliseconds before each answer (default: 20)")
    parser.add_argument("--without", action="append", default=[], metavar="CONTENDER", help="leave uv or pip out")
    arguments = parser.parse_args()
    if unknown := set(arguments.workloads) - set(WORKLOADS):
        parser.error(f"there is no workload {', '.join(sorted(unknown))}")
    compile_contenders()
    for name in arguments.workloads or WORKLOADS:
        for latency in (0.0, arguments.latency):
            with serve(arguments.snapshot, latency / 1000) as index:
                results = measure(WORKLOADS[name], index, arguments.rounds, arguments.without)
            print(row(f"{name}, {latency:g} ms", results), flush=True)


if __name__ == "__main__":
    main()
