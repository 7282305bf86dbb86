"""What ``import mempip`` adds to a bare interpreter's start: ``python -m benchmarks.import_cost [--rounds N]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.measure import run
from platform_tests.support.tools import clean_environment

PROGRAMS = {"bare": "pass", "import mempip": "import mempip", "import asyncio": "import asyncio"}


def main() -> None:
    """Start interpreters in turns, and print the medians in milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import_cost", description=__doc__)
    parser.add_argument("--rounds", type=int, default=41, help="starts of each kind (default: 41)")
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory(prefix="mempip-benchmark-") as scratch:
        for _ in range(rounds):
            for name, program in PROGRAMS.items():
                sample = run([sys.executable, "-c", program], clean_environment(), Path(scratch))
                seconds[name].append(sample.seconds)
    bare = median(seconds["bare"])
    for name, found in seconds.items():
        print(f"{name:16}{median(found) * 1000:8.1f} ms{(median(found) - bare) * 1000:+8.1f} ms")


if __name__ == "__main__":
    main()
