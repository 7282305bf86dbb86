"""What an active environment adds to calls about other paths: ``python -m benchmarks.passthrough [--rounds N]``.

The same calls about a file on disk before an environment is active, while one is, and after it was closed. The
package comes from pip's configured index.
"""

from __future__ import annotations

import argparse
import os
import timeit
from statistics import median

import mempip

CALLS = {
    "os.stat": "os.stat(file)",
    "os.lstat": "os.lstat(file)",
    "os.access": "os.access(file, os.R_OK)",
    "os.path.isfile": "os.path.isfile(file)",
    "os.open, close": "os.close(os.open(file, os.O_RDONLY))",
    "open, close": "open(file).close()",
    "os.listdir": "os.listdir(directory)",
    "os.scandir": "list(os.scandir(directory))",
}
NUMBER = 2000  # calls timed together


def nanoseconds(rounds: int) -> dict[str, float]:
    """Return the median of each call's time."""
    names = {"os": os, "file": os.path.abspath(__file__), "directory": os.path.dirname(os.path.abspath(__file__))}
    return {
        name: median(timeit.repeat(call, globals=names, number=NUMBER, repeat=rounds)) / NUMBER * 1e9
        for name, call in CALLS.items()
    }


def main() -> None:
    """Print a line for each call."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.passthrough", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="timings of each call (default: 25)")
    rounds = parser.parse_args().rounds
    nanoseconds(1)  # warms the caches
    before = nanoseconds(rounds)
    with mempip.install("six"):
        active = nanoseconds(rounds)
    after = nanoseconds(rounds)
    print("nanoseconds".ljust(16) + "".join(name.rjust(10) for name in ("before", "active", "after", "added", "ratio")))
    for name in CALLS:
        row = f"{before[name]:10.0f}{active[name]:10.0f}{after[name]:10.0f}{active[name] - before[name]:10.0f}"
        print(f"{name:16}{row}{active[name] / before[name]:10.2f}")


if __name__ == "__main__":
    main()
