"""Ended at any instant, by SIGKILL or by Ctrl+C, mempip leaves nothing behind."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from platform_tests.support.leftovers import room
from platform_tests.support.tools import clean_environment, mempip_command

PROGRAM = "print('started', flush=True); import numpy; print(numpy.arange(6).sum())"
KILLS = 50
INTERRUPTS = 20

#: Another number for other instants; what fails under one is repeated by it.
SEED = int(os.environ.get("MEMPIP_TEST_SEED", random.SystemRandom().randrange(10**6)))


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with room(tmp_path_factory.mktemp("room")) as made:
        yield made


@pytest.fixture(scope="module")
def command() -> list[str]:
    return [*mempip_command(), "run", "numpy", "--", "-c", PROGRAM]


@pytest.fixture(scope="module")
def duration(here, command, index) -> float:
    """Seconds that an undisturbed run takes."""
    begin = time.monotonic()
    with here.start(command, clean_environment(index)) as process:
        assert process.communicate() == ("started\n15\n", "")
    assert here.leftovers() == []
    return time.monotonic() - begin


def instants(kind: str, count: int) -> list[float]:
    """Return `count` instants, each a part of the duration of a run; the seed is in the report."""
    chance = random.Random(f"{SEED} {kind}")
    return [chance.uniform(0, 1.05) for _ in range(count)]


@pytest.mark.parametrize("victim", ["parent", "group"])
def test_sigkill(victim: str, here, command, index, duration) -> None:
    print(f"MEMPIP_TEST_SEED={SEED}")
    for instant in instants(victim, KILLS // 2):
        with here.start(command, clean_environment(index)) as process:
            time.sleep(instant * duration)
            if victim == "parent":
                process.kill()
            elif process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        assert here.leftovers() == [], f"killed after {instant:.3f} of a run, seed {SEED}"


def test_ctrl_c(here, command, index, duration) -> None:
    print(f"MEMPIP_TEST_SEED={SEED}")
    for instant in instants("interrupt", INTERRUPTS):
        with here.start(command, clean_environment(index)) as process:
            # Before this, the interpreter itself is starting, and says what it says.
            time.sleep(max(instant * duration, 0.15))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does: everyone in the foreground
            out, err = process.communicate()
        when = f"interrupted after {instant:.3f} of a run, seed {SEED}: {out}{err}"
        if not out.startswith("started"):  # what a program does with Ctrl+C is its own affair
            assert process.returncode in (130, -signal.SIGINT), when
            assert "Traceback" not in err, when
        assert here.leftovers() == [], when
