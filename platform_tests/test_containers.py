"""mempip in containers that allow as little as can be; `TestContainers` of test_adapters shows what they allow."""

from __future__ import annotations

from platform_tests.support.tools import clean_environment, mempip_command

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
