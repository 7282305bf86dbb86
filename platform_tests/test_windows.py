"""Packages in memory on Windows: its own CPythons and wheels, under Wine.

``MEMPIP_TEST_WINDOWS`` names the versions of Python, of which the first is asked everything and the others what differs
between versions; ``MEMPIP_TEST_WINE`` a directory to keep them in.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from platform_tests.support import wine
from platform_tests.support.index import serving
from platform_tests.support.watching import Watch
from tests.support import pe
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = os.environ.get("MEMPIP_TEST_WINDOWS", "3.12 3.10 3.11 3.13").split()

#: What the default run fetches, for the first version and for each, and what more there is with ``-m network``.
WHEELS = ["kiwisolver", "pyyaml"]
FOR_EACH = ["numpy", "six"]
MORE = ["scipy", "pandas", "cryptography", "pydantic", "lxml", "pillow", "contourpy"]


@pytest.fixture(scope="module")
def windows(wine_prefix: Path) -> wine.Windows:
    return wine.installed(wine_prefix, VERSIONS[0])


@pytest.fixture(scope="module", params=VERSIONS)
def each(request: pytest.FixtureRequest, wine_prefix: Path) -> wine.Windows:
    """Every version in turn."""
    return wine.installed(wine_prefix, request.param)


@pytest.fixture(scope="module")
def wheels(wine_directory: Path) -> Path:
    for version in VERSIONS:
        wanted = [*FOR_EACH, *(WHEELS if version == VERSIONS[0] else ())]
        wine.fetch(wanted, wine_directory / "packages", version)
    return wine_directory / "packages"


@pytest.fixture(scope="module")
def index(wheels: Path) -> Iterator[str]:
    with serving(wheels) as url:
        yield url


@pytest.fixture(scope="module")
def more(wine_directory: Path) -> Iterator[str]:
    for version in VERSIONS:
        wine.fetch(MORE, wine_directory / "more", version)
    with serving(wine_directory / "more") as url:
        yield url


def output(windows: wine.Windows, index: str, program: str) -> list[str]:
    return windows.run("-c", program, index_url=index).stdout.splitlines()


def files_of_mempip(windows: wine.Windows) -> list[str]:
    return [str(path) for path in (windows.prefix / "drive_c").rglob("mempip*")]


@pytest.fixture(scope="module")
def broken(wine_directory: Path) -> Iterator[str]:
    """An index of a package with extension modules that cannot be loaded."""
    wheels = wine_directory / "broken"
    wheels.mkdir(exist_ok=True)
    whole = pe.dll(imports={"mempip-nowhere.dll": ["function"]}, exports={"PyInit_missing": pe.CODE})
    entry = pe.dll(imports={"KERNEL32.dll": ["MempipNoSuchFunction"]}, exports={"PyInit_entry": pe.CODE})
    files = {
        "broken/__init__.py": b"",
        "broken/missing.pyd": whole,
        "broken/entry.pyd": entry,
        "broken/truncated.pyd": whole[:1500],
        "broken/arm.pyd": pe.dll(machine=0xAA64),
        "broken/number.dll": pe.dll(exports={"number": pe.CODE}),
        "broken/writable.dll": pe.dll(exports={"number": pe.CODE}, code_flags=0xE0000020),
    }
    name, content = build_wheel("broken", "1.0", files)
    (wheels / name).write_bytes(content)
    with serving(wheels) as url:
        yield url


class TestPurePackages:
    def test_import_metadata_and_files(self, windows, index) -> None:
        program = """
import mempip, os, pathlib
with mempip.install("six") as environment:
    import six, importlib.metadata
    print(six.__file__ == os.path.join(environment.root, "six.py"), os.path.isfile(six.__file__))
    print(mempip.freeze() == ["six==" + importlib.metadata.version("six")])
    print(pathlib.Path(six.__file__).read_text(encoding="utf-8") == open(six.__file__, encoding="utf-8").read() != "")
    print([name for name in os.listdir(environment.root) if name.endswith(".py")])
    print(os.path.exists(environment.root + "/nothing"), os.path.isdir(environment.root))
    try:
        open(six.__file__, "w")
    except OSError as error:
        print(error.strerror)
"""
        assert output(windows, index, program) == [
            "True True",
            "True",
            "True",
            "['six.py']",
            "False True",
            "Read-only file system",
        ]

    def test_an_installation_that_fails_leaves_nothing(self, windows, index) -> None:
        program = """
import mempip
try:
    mempip.install("mempip-has-no-such-project")
except mempip.MempipError as error:
    print(type(error).__name__, mempip.list())
"""
        assert output(windows, index, program) == ["ProjectNotFound []"]


class TestExtensionModules:
    def test_numpy(self, each, index) -> None:
        program = """
import mempip
mempip.install("numpy")
import numpy as np, threading
matrix = np.random.default_rng(0).random((64, 64))
print(np.allclose(np.linalg.inv(matrix) @ matrix, np.eye(64)))
found = []
threads = [threading.Thread(target=lambda: found.append(float(np.linalg.svd(matrix)[1].sum()))) for _ in range(4)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
print(len(found), len(set(found)))
def divide():
    with np.errstate(divide="raise"):
        try:
            np.ones(3) / np.zeros(3)
        except FloatingPointError as error:
            print(error)
with np.errstate(divide="ignore"):
    thread = threading.Thread(target=divide)
    thread.start(), thread.join()
    print((np.ones(1) / np.zeros(1))[0])
import sys, importlib
print(importlib.import_module("numpy.random._mt19937") is sys.modules["numpy.random._mt19937"])
"""
        assert output(each, index, program) == [
            "True",
            "4 1",
            "divide by zero encountered in divide",
            "inf",
            "True",
        ]
        assert files_of_mempip(each) == []

    def test_cpp_exceptions_are_caught(self, windows, index) -> None:
        program = """
import mempip
mempip.install("kiwisolver")
import kiwisolver
x, solver = kiwisolver.Variable("x"), kiwisolver.Solver()
solver.addConstraint((x == 1) | "required")
for _ in range(3):
    try:
        solver.addConstraint((x == 2) | "required")
    except kiwisolver.UnsatisfiableConstraint:
        print("unsatisfiable")
solver.updateVariables()
print(x.value())
"""
        assert output(windows, index, program) == ["unsatisfiable"] * 3 + ["1.0"]

    def test_names_and_places_are_those_of_a_disk(self, windows, index) -> None:
        program = """
import mempip
environment = mempip.install("pyyaml")
import yaml, sys
print(yaml.load("a: [1, 2]", yaml.CSafeLoader))
module = sys.modules["yaml._yaml"]
print(module.__name__, module.__spec__.name, module.__file__.startswith(environment.root))
"""
        assert output(windows, index, program) == ["{'a': [1, 2]}", "yaml._yaml yaml._yaml True"]

    @pytest.mark.network
    @pytest.mark.parametrize(
        ("requirement", "program", "expected"),
        [
            ("scipy", "import scipy.optimize as o\nprint(round(o.brentq(lambda x: x * x - 2, 0, 2), 6))", "1.414214"),
            ("pandas", "import pandas\nprint(pandas.Series([1, 1, 2]).value_counts().to_dict())", "{1: 2, 2: 1}"),
            (
                "cryptography",
                (
                    "from cryptography.fernet import Fernet\nf = Fernet(Fernet.generate_key())\n"
                    "print(f.decrypt(f.encrypt(b'x')))"
                ),
                "b'x'",
            ),
            ("pydantic", "import pydantic\nprint(pydantic.TypeAdapter(int).validate_python('3'))", "3"),
            ("lxml", "from lxml import etree\nprint(etree.tostring(etree.XML('<a><b/></a>')[0]))", "b'<b/>'"),
            ("pillow", "from PIL import Image\nprint(Image.new('RGB', (2, 2), 'red').getpixel((0, 0)))", "(255, 0, 0)"),
            (
                "contourpy",
                (
                    "import contourpy, numpy\ng = contourpy.contour_generator(z=numpy.eye(3))\n"
                    "try:\n    g.filled(2.0, 1.0)\nexcept ValueError as error:\n    print(error)"
                ),
                "upper_level must be larger than lower_level",
            ),
        ],
        ids=MORE,
    )
    def test_more(self, each, more, requirement: str, program: str, expected: str) -> None:
        assert output(each, more, f"import mempip\nmempip.install({requirement!r})\n{program}") == [expected]
        assert files_of_mempip(each) == []


CHILDREN = """
import concurrent.futures, os, subprocess, sys, mempip
CHILD = "import six; print(six.__name__)"
def start(*arguments, **options):
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return done.stdout.strip()
"""


class TestChildren:
    def test_each_version(self, each, index, tmp_path) -> None:
        program = f"""{CHILDREN}
if __name__ == "__main__":
    mempip.install("six")
    import six
    print(start(sys.executable, "-c", CHILD))
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        print(pool.submit(six.ensure_str, b"pool").result())
"""
        (tmp_path / "program.py").write_text(program, encoding="utf-8")
        done = each.run(wine.windows_path(tmp_path / "program.py"), index_url=index)
        assert done.stdout.splitlines() == ["six", "pool"]

    def test_ways_to_start(self, windows, index, tmp_path) -> None:
        (tmp_path / "script.py").write_text("import six; print('script', six.__name__)", encoding="utf-8")
        program = f"""{CHILDREN}
if __name__ == "__main__":
    environment = mempip.install("six")
    print(start(sys.executable, "-c", CHILD), start("python", "-c", CHILD), repr(start(sys.executable, "-m", "six")))
    print(start(sys.executable, {wine.windows_path(tmp_path / "script.py")!r}))
    own = {{name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "MEMPIP"))}}
    print(start(sys.executable, "-c", CHILD, env=own), start(sys.executable, "-c", CHILD, close_fds=False))
    print(subprocess.getoutput(f'{{sys.executable}} -c "{{CHILD}}"'))
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {{CHILD!r}}])"
    print(start(sys.executable, "-c", nested))
    print(start(sys.executable, "-I", "-c", CHILD).splitlines()[-1])
    environment.close()
    print(start(sys.executable, "-c", CHILD).splitlines()[-1])
    print([name for name in os.environ if name in ("PYTHONPATH", "MEMPIP_HANDOVER")])
"""
        (tmp_path / "program.py").write_text(program, encoding="utf-8")
        done = windows.run(wine.windows_path(tmp_path / "program.py"), index_url=index)
        missing = "ModuleNotFoundError: No module named 'six'"
        expected = ["six six ''", "script six", "six six", "six", "six", missing, missing, "[]"]
        assert done.stdout.splitlines() == expected

    def test_native_code_and_several_environments(self, windows, index) -> None:
        program = f"""{CHILDREN}
mempip.install("six")
mempip.install("kiwisolver")
print(start(sys.executable, "-c", "import six, kiwisolver, mempip; print(len(mempip.list()), kiwisolver.__name__)"))
mempip.uninstall("six")
print(start(sys.executable, "-c", "import kiwisolver, six").splitlines()[-1])
"""
        assert output(windows, index, program) == ["2 kiwisolver", "ModuleNotFoundError: No module named 'six'"]

    def test_the_users_own_path_and_customisation(self, windows, index, tmp_path) -> None:
        (tmp_path / "sitecustomize.py").write_text("import sys; print('customised', __name__, 'six' in sys.modules)")
        (tmp_path / "beside.py").write_text("import six")
        program = f"""{CHILDREN}
mempip.install("six")
print(start(sys.executable, "-c", "import beside, sitecustomize, sys; print('startup' in str(sys.path))"))
print(os.environ["PYTHONPATH"].endswith(r"{wine.windows_path(tmp_path)}"))
"""
        done = windows.run("-c", program, index_url=index, PYTHONPATH=wine.windows_path(tmp_path))
        assert done.stdout.splitlines() == ["customised sitecustomize False"] * 2 + ["False", "True"]

    def test_another_python_goes_on_as_if_nothing_were_there(self, windows, wine_prefix, index) -> None:
        other = wine.windows_path(wine.installed(wine_prefix, VERSIONS[-1]).directory / "python.exe")
        program = f"""{CHILDREN}
mempip.install("six")
program = "print('startup' in str(sys.path), 'mempip' in sys.modules, flush=True); import six"
print(start({other!r}, "-c", "import sys; " + program))
"""
        printed = output(windows, index, program)
        assert printed[0] == "False False"
        assert printed[-1] == "ModuleNotFoundError: No module named 'six'"

    def test_a_child_that_inherits_nothing_says_so(self, windows, index) -> None:
        program = f"""{CHILDREN}
mempip.install("six")
own = dict(os.environ)
handle, _, rest = own["MEMPIP_HANDOVER"].partition(";")
own["MEMPIP_HANDOVER"] = f"{{int(handle) + 4000}};{{rest}}"
import _winapi
from mempip.runtime import windows
sys.stdout.flush()
made = windows._create_process(None, sys.executable + " -c print(1)", None, None, False, 0, own, None, None)
_winapi.WaitForSingleObject(made[0], _winapi.INFINITE)
print(_winapi.GetExitCodeProcess(made[0]))
"""
        done = windows.run("-c", program, index_url=index)
        assert done.stdout.splitlines() == ["1", "0"]
        assert "mempip: the packages of the parent process are not here" in done.stderr


class TestDaemon:
    NONE = "there is no daemon for this operating system"

    def test_there_is_none_and_an_installer_of_one_call_works(self, windows, index) -> None:
        program = """
import mempip
try:
    mempip.install("six")
except mempip.MempipError as error:
    print(error, mempip.list())
mempip.install("six", daemon="")
import six
print(six.__name__)
"""
        done = windows.run("-c", program, index_url=index, MEMPIP_DAEMON="C:/daemon")
        assert done.stdout.splitlines() == [f"daemon: {self.NONE} []", "six"]

    @pytest.mark.parametrize(
        "command", [["daemon", "start", "--socket", "C:/daemon"], ["daemon", "status"], ["list", "--env", "ci"]]
    )
    def test_its_commands_say_so(self, windows, command: list[str]) -> None:
        done = windows.run("-m", "mempip", *command, check=False, MEMPIP_DAEMON="C:/daemon")
        assert (done.returncode, done.stderr) == (1, f"ERROR: daemon: {self.NONE}\n")


class TestDisk:
    """Every file that appears below drive C: and Python's own directory, while a program runs and afterwards."""

    def run(self, windows: wine.Windows, index: str, program: str) -> tuple[Watch, list[str]]:
        with Watch([windows.prefix / "drive_c", windows.directory]) as watch:
            done = windows.run("-B", "-c", program, index_url=index)
            watch.wait_until_gone()
        return watch, done.stdout.splitlines()

    def test_pure_packages_and_children_make_no_file(self, windows, index) -> None:
        program = f"{CHILDREN}mempip.install('six')\nprint(start(sys.executable, '-B', '-c', CHILD))"
        watch, printed = self.run(windows, index, program)
        assert (printed, watch.created, watch.changed, watch.removed) == (["six"], [], [], [])

    def test_the_only_files_are_tls_donors_and_they_are_gone(self, windows, index) -> None:
        program = """
import os, sys, mempip
sys.addaudithook(lambda event, arguments: print(arguments[0]) if event == "mempip.tls_donor" else None)
mempip.install("numpy")
print(os.environ["TEMP"])
import numpy.random, numpy.linalg
"""
        watch, (temporary, *donors) = self.run(windows, index, program)
        assert donors
        assert all(donor.startswith(temporary) for donor in donors)
        names = sorted(donor.rpartition("\\")[2] for donor in donors)
        assert sorted(path.name for path in watch.created) == names

    def test_donors_of_a_program_that_is_killed_are_gone(self, windows, index) -> None:
        program = "import mempip, os\nmempip.install('numpy')\nimport numpy, _winapi\n"
        program += "_winapi.TerminateProcess(_winapi.GetCurrentProcess(), 0)"
        watch, _ = self.run(windows, index, program)
        assert watch.created
        assert {path.suffix for path in watch.created} == {".dll"}


class TestFilesWhereMappingWillNotDo:
    """``MEMPIP_TMPDIR`` names a directory for DLLs that Windows itself has to load."""

    @pytest.fixture
    def scratch(self, windows) -> Iterator[Path]:
        place = windows.prefix / "drive_c/scratch with a space"
        place.mkdir()
        yield place
        shutil.rmtree(place)

    def run(self, windows: wine.Windows, program: str, index: str, **variables: str) -> list[str]:
        variables = {"MEMPIP_TMPDIR": "C:\\scratch with a space", **variables}
        return windows.run("-c", program, index_url=index, **variables).stdout.splitlines()

    def wait_until_no_file_is_in(self, directory: Path) -> None:
        deadline = time.monotonic() + 60
        while left := [path for path in directory.rglob("*") if path.is_file()]:
            assert time.monotonic() < deadline, left
            time.sleep(0.02)

    def test_all_of_numpy(self, windows, index, scratch) -> None:
        program = """
import ctypes, mempip, os, sys
written = []
sys.addaudithook(lambda event, arguments: written.append(arguments[0]) if event == "mempip.write_library" else None)
environment = mempip.install("numpy", adapter="tempfile")
import numpy as np, numpy.random
matrix = np.random.default_rng(0).random((64, 64))
print(np.allclose(np.linalg.inv(matrix) @ matrix, np.eye(64)))
from numpy._core import _multiarray_umath as module
print(module.__file__.startswith(environment.root), all(path.startswith("C:\\\\scratch") for path in written))
print(len(written) == len(set(written)) > 2, all(os.path.exists(path) for path in written))
"""
        assert self.run(windows, program, index) == ["True", "True True", "True True"]
        self.wait_until_no_file_is_in(scratch)

    def test_one_dll_of_a_package(self, windows, broken, scratch) -> None:
        program = """
import ctypes, mempip, os
environment = mempip.install("broken")
try:
    print(ctypes.CDLL(os.path.join(environment.root, "broken", "writable.dll")).number())
except OSError as error:
    print(error)
print(ctypes.CDLL(os.path.join(environment.root, "broken", "number.dll")).number())
print(os.listdir("C:\\\\scratch with a space"))
"""
        answer, number, names = self.run(windows, program, broken)
        assert (answer, number) == ("42", "42")
        assert "mempip-" in names
        self.wait_until_no_file_is_in(scratch)
        answer, number, _ = self.run(windows, program, broken, MEMPIP_TMPDIR="")
        assert "its section .text is writable and executable at once" in answer
        assert "MEMPIP_TMPDIR" in answer
        assert number == "42"

    def test_what_a_killed_process_leaves_goes_with_the_next(self, windows, broken, scratch) -> None:
        load = """
import ctypes, mempip, os, _winapi
environment = mempip.install("broken")
ctypes.CDLL(os.path.join(environment.root, "broken", "writable.dll"))
"""
        self.run(windows, load + "_winapi.TerminateProcess(_winapi.GetCurrentProcess(), 0)", broken)
        self.wait_until_no_file_is_in(scratch)
        (left,) = scratch.iterdir()
        (scratch / "mempip-2024-of-the-user").touch()
        assert self.run(windows, load + f"print({left.name!r} in os.listdir(os.environ['MEMPIP_TMPDIR']))", broken) == [
            "False"
        ]
        assert (scratch / "mempip-2024-of-the-user").exists()

    def test_a_directory_that_is_not_there(self, windows, broken) -> None:
        program = """
import mempip
try:
    mempip.install("broken", adapter="tempfile")
except mempip.MempipError as error:
    print(error)
"""
        answer = "\n".join(self.run(windows, program, broken, MEMPIP_TMPDIR="C:\\nowhere"))
        assert "no DLL can be loaded from C:\\nowhere" in answer


class TestFailures:
    def test_the_process_stays_healthy(self, each, broken) -> None:
        program = """
import mempip, ctypes, os
environment = mempip.install("broken")
for name in ("missing", "entry", "truncated", "arm", "missing"):
    try:
        __import__(f"broken.{name}")
    except ImportError as error:
        print(str(error).splitlines()[0].removeprefix("Cannot load broken/"))
library = ctypes.CDLL(os.path.join(environment.root, "broken", "number.dll"))
print(library.number(), hasattr(library, "other"))
"""
        nowhere = "neither bundled in its wheel nor installed on this system"
        missing = f"missing.pyd from memory: it needs mempip-nowhere.dll, which is {nowhere}"
        assert output(each, broken, program) == [
            missing,
            "entry.pyd from memory: KERNEL32.dll does not export MempipNoSuchFunction",
            "truncated.pyd from memory: a section is outside of the file: it is truncated or damaged",
            "arm.pyd from memory: it is built for ARM64, and this process is x86-64",
            missing,
            "42 False",
        ]
