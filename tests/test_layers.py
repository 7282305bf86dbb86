"""What is light stays light: the standard library only, and little of that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mempip
import mempip_native

#: Each costs milliseconds that every start of every program would pay.
COSTLY = {"asyncio", "dataclasses", "importlib.metadata", "inspect", "subprocess", "tempfile", "typing", "zipfile"}

LIGHT = [
    "mempip",
    "mempip.errors",
    "mempip.image.reader",
    "mempip.image.writer",
    "mempip.options",
    "mempip.runtime.environment",
    "mempip.runtime.finder",
    "mempip.store.client",
    "mempip.connection",
    "mempip_native",
    "mempip_native.libraries",
]
#: Loaded only where a process is about to be started anyway.
STARTS_PROCESSES = {"mempip.store.client": {"subprocess"}}


def modules_after(statement: str) -> set[str]:
    """Return the names of the modules of a fresh interpreter, without site-packages, after `statement`."""
    path = [str(Path(package.__file__).parents[1]) for package in (mempip, mempip_native)]
    program = (
        f"import sys; before = set(sys.modules); sys.path += {path}; {statement}; print(*set(sys.modules) - before)"
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("module", LIGHT)
def test_the_light_half_is_the_standard_library(module: str) -> None:
    loaded = modules_after(f"import {module}")
    tops = {name.partition(".")[0] for name in loaded}
    assert tops - sys.stdlib_module_names == {"mempip", "mempip_native"} & tops
    assert loaded & COSTLY - STARTS_PROCESSES.get(module, set()) == set()


def test_importing_mempip_loads_nothing_else_of_it() -> None:
    assert {name for name in modules_after("import mempip") if name.startswith("mempip")} == {"mempip"}
