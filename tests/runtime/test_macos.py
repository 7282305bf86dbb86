"""All of mempip as it is on macOS, from the installer to the import, in processes that take this system for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import macho as made
from tests.support.wheel_factory import build_wheel

if sys.platform == "win32":
    pytest.skip("shared memory of POSIX", allow_module_level=True)

REPOSITORY = Path(__file__).parents[2]
LEAF = made.macho(architecture="x86_64" if os.uname().machine == "x86_64" else "arm64", undefined=["PyModuleDef_Init"])


def run(wheels: Path, program: str, **variables: str) -> str:
    """Return what `program` prints; the wheels of `wheels` are what it can install."""
    start = f"from tests.support import darwin\nimport mempip\nwheels = {str(wheels)!r}\n"
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MEMPIP_"))}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", start + program],
        env=environ | {"PIP_CONFIG_FILE": os.devnull, "PYTHONPATH": str(REPOSITORY)} | variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    directory = tmp_path / "wheels"
    directory.mkdir()
    suffix = "cpython-darwin.so"
    made_files: dict[str, str | bytes] = {
        "pure/__init__.py": "from pure.sub import x",
        "pure/sub.py": "x = open(__file__.replace('sub.py', 'data.txt')).read()",
        "pure/data.txt": "data",
        f"native/x.{suffix}": LEAF,
    }
    name, content = build_wheel("made", "1", made_files)
    (directory / name).write_bytes(content)
    return directory


INSTALL = "environment = mempip.install('made', find_links=[wheels], no_index=True)\n"


def test_pure_packages(wheels: Path) -> None:
    program = "import pure, importlib.metadata\nprint(pure.x, pure.__file__, importlib.metadata.version('made'))"
    value, file, version = run(wheels, INSTALL + program).split()
    assert (value, version) == ("data", "1")
    assert file.startswith("/mempip/")
    assert file.endswith("/site-packages/pure/__init__.py")


def test_its_objects_are_shared_memory(wheels: Path) -> None:
    """And without a name: what the kernel calls them is what they had."""
    program = """
import os
print(environment.adapter.name)
for number in environment.image.descriptors:
    print(os.readlink(f"/proc/self/fd/{number}"))
"""
    name, *objects = run(wheels, INSTALL + program).splitlines()
    assert name == "shm"
    assert len(objects) == 2
    assert all(path.startswith("/dev/shm/mempip-") and path.endswith(" (deleted)") for path in objects)


def test_uninstalling(wheels: Path) -> None:
    assert run(wheels, INSTALL + "mempip.uninstall('made')\nprint(mempip.freeze())") == "[]\n"


LOAD = INSTALL + (
    "try:\n"
    "    anchor = environment.library(environment.path('native/x.cpython-darwin.so'))\n"
    "except mempip.MempipError as error:\n"
    "    print(type(error).__name__, error, error.hint)\n"
    "else:\n"
    "    print('linked' if anchor.handle else 'staged')\n"
)


def test_native_code_is_refused_unless_a_directory_is_named(wheels: Path, tmp_path: Path) -> None:
    refused = run(wheels, LOAD)
    assert refused.startswith("LibraryNotLoadable")
    assert "MEMPIP_TMPDIR=DIRECTORY lets libraries be in files there" in refused
    named = tmp_path / "named"
    named.mkdir()
    assert run(wheels, LOAD, MEMPIP_TMPDIR=str(named)) == "linked\n"
    assert list(named.iterdir()) == []


#: What children run before anything else: they must take this system for macOS as well, and theirs, too.
PRETENDING = """
from tests.support import darwin
from mempip.runtime import handover
handover.DIRECTORY = {directory!r}
"""

CHILDREN = """
import os, subprocess, sys
from mempip.runtime import handover
handover.DIRECTORY = os.path.join(wheels, "pretending")
environment = mempip.install("made", find_links=[wheels], no_index=True)

def output(*words, **options):
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, **options)
    return (done.stdout + done.stderr.strip()[-150:]).strip()
"""


class TestChildren:
    @pytest.fixture(autouse=True)
    def pretending(self, wheels: Path) -> None:
        directory = wheels / "pretending"
        directory.mkdir()
        real = REPOSITORY / "mempip" / "runtime" / "startup" / "sitecustomize.py"
        content = PRETENDING.format(directory=str(directory)) + real.read_text()
        (directory / "sitecustomize.py").write_text(content)

    def test_they_find_the_packages(self, wheels: Path) -> None:
        program = """
print(output("-c", "import pure; print(pure.x)"))
print(output("-c", "import pure; print(pure.x)", close_fds=False))
import multiprocessing, pkgutil
with multiprocessing.get_context("spawn").Pool(1) as pool:
    print(pool.apply(pkgutil.resolve_name, ("pure:x",)))
"""
        assert run(wheels, CHILDREN + program).splitlines() == ["data", "data", "data"]

    def test_so_do_theirs(self, wheels: Path) -> None:
        program = """
child = "import subprocess, sys; "
child += "subprocess.run([sys.executable, '-c', 'import pure; print(pure.x)'])"
print(output("-c", child))
"""
        assert run(wheels, CHILDREN + program).splitlines() == ["data"]

    def test_variables_of_their_own_are_completed(self, wheels: Path) -> None:
        program = f"""
print(output("-c", "import pure; print(pure.x)", env={{"PYTHONPATH": {str(REPOSITORY)!r}}}), flush=True)
words = [sys.executable, "-c", "import pure; print(pure.x)"]
pid = os.posix_spawn(sys.executable, words, {{"PYTHONPATH": {str(REPOSITORY)!r}}})
os.waitpid(pid, 0)
"""
        assert run(wheels, CHILDREN + program).splitlines() == ["data", "data"]

    def test_nothing_is_left_for_them_when_the_environment_is_closed(self, wheels: Path) -> None:
        program = """
environment.close()
print("MEMPIP_HANDOVER" in os.environ, "pretending" in os.environ["PYTHONPATH"])
print(output("-c", "import pure").rpartition("Error: ")[2])
"""
        assert run(wheels, CHILDREN + program).splitlines() == ["False False", "No module named 'pure'"]

    def test_those_that_inherit_nothing_say_so(self, wheels: Path) -> None:
        program = r"""
shell = "exec 2>&1; MEMPIP_HANDOVER=\"250;${MEMPIP_HANDOVER#*;}\" exec \"$0\" -c 'print(1)'"
subprocess.run(["/bin/sh", "-c", shell, sys.executable])
"""
        first, second = run(wheels, CHILDREN + program).splitlines()
        assert first.startswith("mempip: the packages of the parent process are not here")
        assert second == "1"


def test_programs_of_packages_cannot_be_started(wheels: Path) -> None:
    name, content = build_wheel("tool", "1", {"tool-1.data/scripts/tool": b"\x7fELF"})
    (wheels / name).write_bytes(content)
    program = """
import subprocess
environment = mempip.install("tool", find_links=[wheels], no_index=True)
try:
    subprocess.run([environment.path("bin/tool")])
except PermissionError as error:
    print(error)
"""
    assert "macOS starts programs from files only" in run(wheels, program)


def test_the_doctor(wheels: Path) -> None:
    out = run(wheels, "from mempip.cli import doctor\nprint(doctor.machine())")
    assert "shm       works   <- used" in out
    assert "libraries refused: macOS loads code from files only" in out
    assert out.endswith("0\n")


def test_there_is_no_daemon(wheels: Path) -> None:
    program = (
        "try:\n    mempip.install('made', daemon='/socket')\nexcept mempip.MempipError as error:\n    print(error)\n"
    )
    assert "there is no daemon for this operating system" in run(wheels, program)
