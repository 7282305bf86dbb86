"""mempip in containers that allow as little as can be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from platform_tests.support.bundle import Container
from platform_tests.support.tools import clean_environment, mempip_command, require, require_root, require_tool

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

CONFINEMENT = """
import os
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
print(os.getuid(), status["CapEff"].strip(), status["NoNewPrivs"].strip(), status["Seccomp"].strip())
for directory in ("/", "/tmp", "/dev/shm", "/var/tmp", "/run", os.path.expanduser("~")):
    try:
        open(os.path.join(directory, "x"), "w")
    except OSError:
        continue
    print("could write into", directory)
mounts = [line.split()[1:3] for line in open("/proc/mounts")]
print([place for place, kind in mounts if kind == "tmpfs" and not place.startswith("/dev/")])
"""

MEMORY = frozenset({"memfd_create"})


def environment(index: str, **more: str) -> dict[str, str]:
    """Return what a container's process knows: nothing of this machine's user."""
    kept = {
        name: value for name, value in clean_environment(index, **more).items() if name.startswith(("PIP_", "MEMPIP_"))
    }
    return {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **kept}


def run(requirement: str, program: str) -> list[str]:
    return [*mempip_command(), "run", requirement, "--", "-c", program]


def test_the_container_is_as_confined_as_it_says() -> None:
    done = Container().run([sys.executable, "-B", "-c", CONFINEMENT], environment(""))
    assert done.stdout == "65534 0000000000000000 1 2\n[]\n", done.stderr


def test_a_container_without_memory_is_ended() -> None:
    done = Container().run([sys.executable, "-B", "-c", "x = b'x' * 2**30; print(len(x))"], environment(""))
    assert done.returncode == 137, done.stdout


def test_numpy(index: str) -> None:
    done = Container().run(run("numpy", NUMPY), environment(index))
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_scipy(index: str) -> None:
    done = Container().run(run("scipy", SCIPY), environment(index))
    assert (done.returncode, done.stdout) == (0, "2.0\n[1.0, 1.0]\n0.975002 6.0\n"), done.stderr


def test_without_memfd_a_detached_tmpfs(index: str) -> None:
    container = Container(uid=0, capabilities=["CAP_SYS_ADMIN"], denied=MEMORY)
    done = container.run(run("numpy", NUMPY), environment(index))
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_without_memfd_a_named_directory(index: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    container = Container(denied=MEMORY, writable=[tmp_path])
    done = container.run(run("numpy", NUMPY), environment(index, MEMPIP_TMPDIR=str(tmp_path)))
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_any_way_a_clear_error(index: str) -> None:
    done = Container(denied=MEMORY).run(run("numpy", NUMPY), environment(index))
    assert done.returncode not in (0, 137)
    assert done.stdout == ""
    assert "memfd" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_proc_a_clear_error(index: str) -> None:
    done = Container(proc=False).run(run("numpy", NUMPY), environment(index))
    assert done.returncode not in (0, 137)
    assert done.stdout == ""
    assert "/proc" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_executable_memory_objects(index: str) -> None:
    require_root()
    require_tool("unshare", "util-linux")
    setting = Path("/proc/sys/vm/memfd_noexec")
    require(setting.exists(), "this kernel has no vm.memfd_noexec (Linux 6.3)")
    script = f'echo 2 > {setting}; exec "$@"'
    # The setting is the pid namespace's own: the machine keeps what it has.
    inside = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-ec", script, "sh"]
    done = subprocess.run([*inside, *run("numpy", NUMPY)], capture_output=True, text=True, env=clean_environment(index))
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
