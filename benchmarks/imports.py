"""What importing costs once packages are there: from memory, and from disk. ``python -m benchmarks.imports [NAME…]``.

Each run is a new interpreter that times its own import statement; the contenders take turns. ``memory`` and ``mount``
are mempip's two views of files; ``source`` is a disk without ``.pyc`` files, as uv leaves it, and ``bytecode`` one with
them, as pip does. The wheels are fetched once by pip from its configured index.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from platform_tests.support.index import download, serving
from platform_tests.support.tools import clean_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Requirement → what is imported: four of pure Python with many files, two with many libraries.
WORKLOADS = {
    "sympy": "sympy",
    "django": "django.contrib.admin, django.forms, django.db.models, django.test",
    "sqlalchemy": "sqlalchemy.orm, sqlalchemy.dialects.postgresql",
    "botocore": "botocore.session, botocore.client",
    "pandas": "pandas",
    "scikit-learn": "sklearn.ensemble, sklearn.linear_model",
}
VIEWS = {"memory": "overlay"}

PROGRAM = """\
import time
begin = time.perf_counter()
import {modules}
print(time.perf_counter() - begin)
"""


def contenders(requirement: str, index: str, scratch: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return the command and the environment variables of each contender."""
    program = ["-c", PROGRAM.format(modules=WORKLOADS[requirement])]
    mempip = str(Path(sys.executable).with_name("mempip"))
    found = {
        name: ([mempip, "run", requirement, "--", *program], clean_environment(index)) for name, view in VIEWS.items()
    }
    for name in ("source", "bytecode"):
        variables = clean_environment(PYTHONPATH=str(scratch / name), PYTHONDONTWRITEBYTECODE="1")
        found[name] = [sys.executable, *program], variables
    return found


def measure(requirement: str, rounds: int, scratch: Path) -> dict[str, float]:
    """Return each contender's median of the seconds that the import took."""
    wheels = scratch / "wheels"
    wheels.mkdir()
    download([requirement], wheels)
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--find-links", str(wheels), requirement]
    for name, compiled in (("source", "--no-compile"), ("bytecode", "--compile")):
        command = [*install, compiled, "--target", str(scratch / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    with serving(wheels) as index:
        commands = contenders(requirement, index, scratch)
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, (command, variables) in commands.items():
                took = timed(command, variables)
                if number:  # the first round warms the page cache
                    seconds[name].append(took)
    return {name: median(found) for name, found in seconds.items()}


def timed(command: Sequence[str], variables: Mapping[str, str]) -> float:
    """Run a command that prints seconds, and return them."""
    done = subprocess.run(
        command, env=variables, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=os.sep
    )
    return float(done.stdout)


def main() -> None:
    """Measure what the command line asks for, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(WORKLOADS)}; all by default")
    parser.add_argument("--rounds", type=int, default=9, help="timed runs of each contender (default: 9)")
    arguments = parser.parse_args()
    if unknown := set(arguments.workloads) - set(WORKLOADS):
        parser.error(f"there is no workload {', '.join(sorted(unknown))}")
    names = [*VIEWS, "source", "bytecode"]
    print("milliseconds".ljust(16) + "".join(name.rjust(10) for name in names) + "   memory ÷ source, ÷ bytecode")
    for requirement in arguments.workloads or WORKLOADS:
        with tempfile.TemporaryDirectory(prefix="mempip-benchmark-") as scratch:
            took = measure(requirement, arguments.rounds, Path(scratch))
        ratios = "".join(f"{took['memory'] / took[name]:10.2f}" for name in ("source", "bytecode"))
        print(requirement.ljust(16) + "".join(f"{took[name] * 1000:10.1f}" for name in names) + ratios, flush=True)


if __name__ == "__main__":
    main()
