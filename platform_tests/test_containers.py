"""mempip in containers that allow as little as can be; `TestContainers` of test_adapters shows what they allow."""

from __future__ import annotations

import random

import pytest

from platform_tests.support.containers import DOCKER_CAPABILITIES
from platform_tests.support.tools import clean_environment, mempip_command
from tests.support.wheel_factory import build_wheel

NUMPY = """
import numpy
rng = numpy.random.default_rng(1)
a = rng.standard_normal((300, 300))
print(numpy.allclose(a @ numpy.linalg.inv(a), numpy.eye(300)))
"""

SCIPY = """
import numpy
from scipy import integrate, linalg, optimize, stats
print(round(integrate.quad(numpy.sin, 0, numpy.pi)[0], 9))
print(numpy.round(optimize.minimize(optimize.rosen, [1.3, 0.7]).x, 2).tolist())
print(round(float(stats.norm.cdf(1.96)), 6), round(linalg.det(numpy.diag([1.0, 2.0, 3.0])), 6))
"""

MEMORY = 512 * 2**20
DENIED = ["memfd_create"]


def run(container, index: str, requirement: str, program: str, *, variables=(), before="", **options):
    """Run `program` with `requirement`: read-only, no tmpfs that it could use, nobody's rights, 512 MB.

    `before` are shell commands that come first, each with its semicolon.
    """
    environment = {name: value for name, value in clean_environment(index).items() if name.startswith("PIP_")}
    command = [*mempip_command(), "run", requirement, "--", "-c", program]
    command = ["sh", "-ec", f'{before} exec "$@"', "sh", *command]
    return container.run(command, memory=MEMORY, env=environment | dict(variables), **options)


def test_numpy(container, index: str) -> None:
    done = run(container, index, "numpy", NUMPY)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_scipy(container, index: str) -> None:
    done = run(container, index, "scipy", SCIPY)
    assert (done.returncode, done.stdout) == (0, "2.0\n[1.0, 1.0]\n0.975002 6.0\n"), done.stderr


def test_no_executable_memory_objects(container, index: str) -> None:
    done = run(container, index, "numpy", NUMPY, memfd_noexec=2)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_without_memfd_a_detached_tmpfs(container, index: str) -> None:
    done = run(container, index, "numpy", NUMPY, uid=0, capabilities=["CAP_SYS_ADMIN"], deny=DENIED)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_without_memfd_a_named_directory(container, index: str) -> None:
    program = f"{NUMPY}\nimport os; print(os.listdir('/scratch'))"
    options = {"before": "mkdir /scratch;", "variables": {"MEMPIP_TMPDIR": "/scratch"}}
    done = run(container, index, "numpy", program, uid=0, readonly=False, deny=DENIED, **options)
    assert (done.returncode, done.stdout) == (0, "True\n[]\n"), done.stderr


def test_without_any_way_a_clear_error(container, index: str) -> None:
    done = run(container, index, "numpy", NUMPY, deny=DENIED)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "memfd_create is refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_proc_a_clear_error(container, index: str) -> None:
    done = run(container, index, "numpy", NUMPY, proc=False)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "/proc" in done.stderr
    assert "Traceback" not in done.stderr


MOUNTED = """
import ctypes, os, numpy
print(numpy.__file__.startswith("/proc/self/fd/"), os.path.realpath(numpy.__file__) == numpy.__file__)
print(ctypes.CDLL(None).open(os.fsencode(numpy.__file__), os.O_RDONLY) > 0, numpy.linalg.det(numpy.eye(3)))
"""
MOUNT = {"MEMPIP_FILES": "mount"}


@pytest.mark.parametrize(
    "options",
    [
        {"profile": "podman"},
        {"profile": "podman", "uid": 0, "capabilities": DOCKER_CAPABILITIES},
        {"profile": "docker", "uid": 0, "capabilities": ["CAP_SYS_ADMIN"]},
    ],
)
def test_a_directory_in_memory(options, container, index: str) -> None:
    done = run(container, index, "numpy", MOUNTED, variables=MOUNT, **options)
    assert (done.returncode, done.stdout) == (0, "True True\nTrue 1.0\n"), done.stderr


@pytest.mark.parametrize("options", [{}, {"uid": 0}, {"profile": "podman", "deny": ["fsopen"]}])
def test_where_there_can_be_none_a_clear_error(options, container, index: str) -> None:
    done = run(container, index, "numpy", MOUNTED, variables=MOUNT, **options)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "ERROR: The 'mount' view of packages' files cannot be had here: " in done.stderr
    assert "Operation not permitted" in done.stderr
    assert "HINT: Allow user namespaces and mounts" in done.stderr
    assert "Traceback" not in done.stderr
    doctor = container.run([*mempip_command(), "doctor"], **options)
    assert "mount     refused: " in doctor.stdout


def test_more_files_than_memory_is_a_clear_error(container, tmp_path) -> None:
    """The kernel ends the helper that writes the files, and not the program."""
    content = (random.Random(1).randbytes(20_000) + bytes(1_000_000)) * 32
    name, wheel = build_wheel("huge", "1.0", {f"huge/{number}": content for number in range(16)})
    tmp_path.chmod(0o755)
    (tmp_path / name).write_bytes(wheel)
    program = """
import mempip
try:
    mempip.install("huge", files="mount", no_index=True, find_links=[DIRECTORY])
except mempip.MempipError as error:
    print(type(error).__name__, error)
print(mempip.freeze())
""".replace("DIRECTORY", repr(str(tmp_path)))
    done = container.python(program, memory=256 << 20, profile="podman", binds=[tmp_path])
    expected = "NotEnoughMemory The packages' files need 522 MB of memory: the helper process died of signal 9"
    assert done.stdout.startswith(expected), (done.stdout, done.stderr)
    assert done.stdout.endswith("\n[]\n")


CHILDREN = """
import concurrent.futures, multiprocessing, os, subprocess, sys

for method in ("spawn", "fork"):  # a fork server needs a directory for its socket, as ever
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        print(method, list(pool.map(len, [[1], [1, 2]])))
print(subprocess.check_output([sys.executable, "-c", "import numpy; print(numpy.arange(6).sum())"], env={}).decode())
"""


def test_children(container, index: str) -> None:
    done = run(container, index, "numpy", CHILDREN, shm="noexec")
    expected = "".join(f"{method} [1, 2]\n" for method in ("spawn", "fork")) + "15\n\n"
    assert (done.returncode, done.stdout) == (0, expected), done.stderr
