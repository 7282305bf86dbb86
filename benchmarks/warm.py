"""A start when everything is there: a daemon's images, uv's cache, a disk. ``python -m benchmarks.warm [--rounds N]``.

Whole processes, in turns, over the same wheels from the same index on loopback. ``mempip`` asks a daemon that has the
image and its companions; ``uv`` is ``uv run --with`` with a warm cache and bytecode; ``disk`` is an installation by pip
with its ``.pyc`` files, and the lower bound of what an interpreter costs. Figures are medians; the ratios are those of
``mempip`` to the others.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import command_line, compile_contenders, middle, run
from platform_tests.support.index import download, serving
from platform_tests.support.tools import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PYTHON = sys.executable
MEMPIP = str(Path(PYTHON).with_name("mempip"))

#: Requirement → what is imported of it.
WORKLOADS = {
    "numpy": "numpy",
    "pandas": "pandas",
    "scipy": "scipy.stats",
    "scikit-learn": "sklearn.ensemble",
    "django": "django.db.models",
    "sympy": "sympy",
}
LEARNING = 3  # starts after which the daemon knows which libraries a program uses


@contextmanager
def daemon(environment: Mapping[str, str], directory: Path) -> Iterator[str]:
    """Run a daemon, and yield the path of its socket."""
    path = str(directory / "s")
    command = [MEMPIP, "daemon", "start", "--socket", path, "--lifetime", "86400"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield path
        finally:
            process.terminate()


def settle(path: str, environment: Mapping[str, str]) -> None:
    """Wait until the daemon at `path` has prepared what it was asked for."""
    command = [MEMPIP, "daemon", "status", "--json", "--socket", path]
    while json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)["preparing"]:
        time.sleep(0.2)


def measure(requirement: str, rounds: int, scratch: Path) -> dict[str, tuple[float, float]]:
    """Return, for each contender, the medians of seconds by the clock and of the processor."""
    program = f"import {WORKLOADS[requirement]}"
    wheels, disk = scratch / "wheels", scratch / "disk"
    wheels.mkdir()
    download([requirement], wheels)
    install = [PYTHON, "-m", "pip", "install", "-q", "--no-index", "--find-links", str(wheels), "--target", str(disk)]
    subprocess.run([*install, requirement], check=True, stdin=subprocess.DEVNULL)
    with serving(wheels) as index:
        environment = clean_environment(index)
        with daemon(environment, scratch) as path:
            uv = ["uv", "run", "--quiet", "--no-config", "--no-project", "--compile-bytecode", "--python", PYTHON]
            commands = {
                "mempip": [MEMPIP, "run", "--daemon", path, requirement, "--", "-c", program],
                "uv": [*uv, "--default-index", index, "--with", requirement, "python", "-c", program],
                "disk": [PYTHON, "-c", program],
            }
            environments = {
                "mempip": environment,
                "uv": clean_environment(index, UV_CACHE_DIR=str(scratch / "uv")),
                "disk": environment | {"PYTHONPATH": str(disk)},
            }
            for _ in range(LEARNING):
                for contender, command in commands.items():
                    run(command, environments[contender], scratch)
                settle(path, environment)
            samples = {contender: [] for contender in commands}
            for _ in range(rounds):
                for contender, found in samples.items():
                    found.append(run(commands[contender], environments[contender], scratch))
    medians = {contender: middle(found) for contender, found in samples.items()}
    return {contender: (sample.seconds, sample.cpu) for contender, sample in medians.items()}


def main() -> None:
    """Measure what the command line asks for, and print it."""
    arguments = command_line("warm", __doc__, WORKLOADS, rounds=15)
    compile_contenders()
    results = {}
    print(f"{'':13}{'mempip s':>9}{'uv s':>9}{'disk s':>9}{'of uv':>7}{'of disk':>9}   cpu s")
    for name in arguments.workloads:
        with tempfile.TemporaryDirectory(prefix="mempip-warm-") as scratch:
            found = results[name] = measure(name, arguments.rounds, Path(scratch))
        mempip, uv, disk = (found[contender][0] for contender in ("mempip", "uv", "disk"))
        cpu = " ".join(f"{seconds:.3f}" for _, seconds in found.values())
        print(
            f"{name:13}{mempip:>9.3f}{uv:>9.3f}{disk:>9.3f}{mempip / uv:>7.2f}{mempip / disk:>9.2f}   {cpu}", flush=True
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
