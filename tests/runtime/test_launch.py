"""Running programs as the python command does: the same arguments, the same answers."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mempip.errors import UsageError
from mempip.runtime import launch


@pytest.mark.parametrize(
    ("arguments", "kind", "name", "rest", "options"),
    [
        (["-c", "pass", "a", "-c"], "string", "pass", ["a", "-c"], []),
        (["-m", "pkg.mod", "-x"], "module", "pkg.mod", ["-x"], []),
        (["script.py", "-m", "x"], "script", "script.py", ["-m", "x"], []),
        (["-", "a"], "stdin", "", ["a"], []),
        (["-O", "-W", "error", "-Xdev", "s.py"], "script", "s.py", [], ["-O", "-W", "error", "-Xdev"]),
        (["-Ic", "pass", "a"], "string", "pass", ["a"], ["-I"]),
        (["-cpass"], "string", "pass", [], []),
        (["-OOm", "pkg"], "module", "pkg", [], ["-OO"]),
        (["-mpkg", "a"], "module", "pkg", ["a"], []),
        (["-uWerror", "s.py"], "script", "s.py", [], ["-uWerror"]),
        ([], "stdin", "", [], []),
    ],
)
def test_arguments_are_pythons(arguments: list[str], kind: str, name: str, rest: list[str], options: list[str]) -> None:
    program = launch.parse(arguments)
    found = (program.kind, program.name, program.arguments, program.interpreter_options)
    assert found == (kind, name, rest, options)


def test_a_terminal_gets_an_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert launch.parse([]).kind == "interactive"


@pytest.mark.parametrize("arguments", [["-c"], ["-m"], ["-W"], ["--help"], ["-Z", "x"], ["-h"]])
def test_bad_arguments_are_named(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=arguments[0]):
        launch.parse(arguments)


PROGRAMS = {
    "plain.py": "import sys; print(__name__, sys.argv, sys.path[0], __file__, __package__, __spec__)",
    "failing.py": "def f():\n    1/0\nf()\n",
    "exits.py": "import sys; sys.exit(7)",
    "says.py": "raise SystemExit('a message')",
    "broken.py": "x = (\n",
    "late.py": "import atexit; atexit.register(print, 'last'); print('first')",
    "pickles.py": "import pickle\nclass Thing: pass\nprint(type(pickle.loads(pickle.dumps(Thing()))).__module__)",
    "interrupted.py": "raise KeyboardInterrupt",
    "threads.py": "import threading, time\nthreading.Thread(target=lambda: (time.sleep(.1), print('done'))).start()",
    "pkg/__main__.py": "import sys; print(sys.argv[1:], __package__, __spec__.name)",
    "pkg/__init__.py": "",
    "pkg/mod.py": "import sys; print(__name__, sys.argv[1:], __package__)",
}

#: Command lines that must do the same under ``python`` and under ``python -m mempip run --``.
COMMANDS = [
    ["plain.py", "a", "-b"],
    ["./plain.py"],
    ["failing.py"],
    ["exits.py"],
    ["says.py"],
    ["broken.py"],
    ["late.py"],
    ["pickles.py"],
    ["interrupted.py"],
    ["threads.py"],
    ["absent.py"],
    ["pkg", "x"],
    ["archive.pyz", "x"],
    ["executable.pyz", "x"],
    ["-m", "pkg", "x"],
    ["-m", "pkg.mod", "x"],
    ["-m", "no_such_module"],
    ["-m", "pkg.absent"],
    ["-m", "absent.absent"],
    ["-c", "import sys; print(sys.argv, repr(sys.path[0]), __name__)", "a"],
    ["-c", "1/0"],
    ["-c", "import sys; sys.exit('bye')"],
    ["-c", "x: int = 1; print(__annotations__, type(__builtins__).__name__, __loader__, __spec__)"],
    ["-c", "def f(): return g()\ndef g(): raise ValueError('deep')\nf()"],
    ["-", "a"],
    ["-W", "error", "-c", "import warnings; warnings.warn('now an error')"],
    ["-O", "-c", "assert False; print(__debug__)"],
    ["-Oc", "assert False; print(__debug__)", "a"],
    ["-Om", "pkg", "x"],
    ["-Ic", "import sys; print(sys.flags.isolated, sys.argv)"],
    ["-S", "-c", "import sys; print(sys.flags.no_site)"],
    ["-ES", "plain.py", "x"],
    ["-X", "utf8", "-c", "import sys; print(sys.flags.utf8_mode)"],
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("programs")
    for name, text in PROGRAMS.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    with zipfile.ZipFile(root / "archive.pyz", "w") as archive:
        archive.writestr("__main__.py", "import sys, os; print(sys.argv[1:], os.path.basename(sys.path[0]))")
    (root / "executable.pyz").write_bytes(b"#!/usr/bin/env python3\n" + (root / "archive.pyz").read_bytes())
    return root


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_same_as_python(command: list[str], directory: Path) -> None:
    def run(*start: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, *start, *command],
            cwd=directory,
            input="import sys; print(sys.argv, __name__)\n1/0\n",
            capture_output=True,
            text=True,
            check=False,
        )
        # Ctrl+C ends python by its signal; a shell reports that as 130.
        return 130 if done.returncode == -2 else done.returncode, done.stdout, done.stderr

    assert run("-m", "mempip", "run", "--") == run()


def test_the_command_is_not_looked_for_in_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "mempip.py").write_text("raise SystemExit('the wrong one')\n")
    command = launch.command([], ["run", "--", "-O", "-c", "import sys; print(sys.flags.optimize, repr(sys.path[0]))"])
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 ''\n", "")


def test_an_interpreter_stays_open_after_a_program() -> None:
    command = launch.command([], ["run", "--", "-i", "-c", "x = 5"])
    done = subprocess.run(command, input="print('later', x)\n", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "later 5\n")
    assert "SystemExit" not in done.stderr
