"""Child interpreters under hard conditions: many packages, few descriptors, changes while they start."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.tools import clean_environment, mempip_command
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANY = 300  # more descriptors than a message carries, and than one page of most tables
CHILD = "import stays; print(stays.__version__)"


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    """The URL of an index of many small packages."""
    names = [f"made{number}" for number in range(MANY)]
    wheels = [build_wheel("stays", "1.0"), *(build_wheel(name, "1.0") for name in names)]
    everything = build_wheel("everything", "1.0", requires=["stays", *names])
    with IndexServer(dict([everything, *wheels])) as server:
        yield server.url


@pytest.fixture(params=["overlay", "mount"])
def run(request: pytest.FixtureRequest, index: str, tmp_path: Path):
    """Runs a program with packages in memory; returns what it printed."""

    def program(source: str, *packages: str, shell: str = "") -> str:
        (tmp_path / "program.py").write_text(source)
        words = [*mempip_command(), "run", f"--files={request.param}", *packages, "--", "program.py"]
        command = ["sh", "-c", f'{shell}; exec "$@"', "sh", *words] if shell else words
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=clean_environment(index))
        assert done.returncode == 0, done.stderr
        return done.stdout

    return program


START = f"""\
import os, subprocess, sys
CHILD = {CHILD!r}

def start(*arguments, **options):
    command = [sys.executable, *(arguments or ("-c", CHILD))]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return done.stdout.strip()
"""


def test_many_packages(run) -> None:
    assert run(f"{START}print(start(), start(env={{}}))", "everything") == "1.0 1.0\n"


def test_few_descriptors(run) -> None:
    assert run(f"{START}print(start())", "stays", shell="ulimit -n 128") == "1.0\n"


def test_ways_to_start(run) -> None:
    source = f"""{START}
reader, writer = os.pipe()
print(start("-c", CHILD + f"; import os; os.write({{writer}}, b'x')", pass_fds=[writer]), os.read(reader, 1))
print(start(start_new_session=True), start(close_fds=False), start("-O", "-X", "dev", "-c", CHILD))
print(subprocess.getoutput(f"setsid {{sys.executable}} -c '{{CHILD}}'"))
nested = "import subprocess, sys; print(subprocess.run([sys.executable, '-c', %r], env={{}}))"
print(start("-c", nested % (nested % CHILD)).splitlines()[0])
"""
    assert run(source, "stays") == "1.0 b'x'\n1.0 1.0 1.0\n1.0\n1.0\n"


def test_descriptors_that_mean_something_else_in_the_child(run) -> None:
    source = f"""{START}
reuse = '''
import os, sys
for number in range(3, 4096):
    try:
        os.dup2(0, number)
    except OSError:
        break
os.execv(sys.executable, [sys.executable, "-c", %r])
''' % CHILD
print(start("-S", "-c", reuse, stdin=subprocess.DEVNULL))
"""
    assert run(source, "stays") == "1.0\n", "found through the parent, by device and inode"


def test_threads_start_children_while_packages_are_uninstalled(run) -> None:
    source = f"""{START}
import threading, mempip
printed = []
going = True

def again():
    while going:
        printed.append(start())

threads = [threading.Thread(target=again) for _ in range(3)]
for thread in threads:
    thread.start()
for number in range(25):
    mempip.uninstall(f"made{{number}}")
going = False
for thread in threads:
    thread.join()
print(set(printed))
"""
    assert run(source, "stays", *(f"made{number}" for number in range(25))) == "{'1.0'}\n"


def test_a_subinterpreter_goes_without(run) -> None:
    if sys.version_info < (3, 12):
        pytest.skip("the module that makes them is another one before Python 3.12")
    source = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
program = "import os\\ntry:\\n import stays\\nexcept ImportError:\\n os.write(1, b'not there\\\\n')"
interpreters.run_string(interpreters.create(), program)
"""
    assert run(source, "stays") == "not there\n"
