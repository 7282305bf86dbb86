"""Runs a program as the python command would, in this interpreter: a script, a module, a string, standard input.

So a program with packages in memory costs one interpreter, not two. What can be set only when an interpreter
starts (``-O``, ``-W``, ``-X`` …) starts this one again.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib.machinery import BuiltinImporter, SourceFileLoader

from mempip.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, ModuleType
    from typing import NoReturn

#: Options of the python command that take a value, attached or as the next argument.
_WITH_VALUE = ("W", "X")
_WITHOUT_VALUE = "bBdEiIOPqRsSuvx"
INTERRUPTED = 130
#: The bytes that the kernel reads of a script to find its interpreter.
FIRST_LINE = 256


class Program:
    """What to run: ``kind`` is ``script``, ``module``, ``string``, ``stdin`` or ``interactive``."""

    __slots__ = ("arguments", "interpreter_options", "kind", "name")

    def __init__(self, kind: str, name: str, arguments: Sequence[str], interpreter_options: Sequence[str]) -> None:
        self.kind = kind
        self.name = name  # path, module or source
        self.arguments = list(arguments)
        self.interpreter_options = list(interpreter_options)

    def command(self) -> list[str]:
        """Return the Python command line that describes this program, without the interpreter's options."""
        start = {"string": ["-c", self.name], "module": ["-m", self.name], "script": [self.name], "stdin": ["-"]}
        return [*start.get(self.kind, []), *self.arguments]


def parse(arguments: Sequence[str]) -> Program:
    """Return the program that a Python command line describes. Raises `UsageError`."""
    rest = list(arguments)
    options: list[str] = []
    while rest and rest[0].startswith("-") and rest[0] not in ("-", "-c", "-m"):
        word = rest.pop(0)
        options.append(word)
        if word.startswith("--"):
            raise UsageError("python arguments", f"{word} is no option that a program can be run with")
        flags = word[1:]
        for at, flag in enumerate(flags):
            if flag in _WITH_VALUE:
                if at == len(flags) - 1:
                    options.append(_value(word, rest))
                break
            if flag in "cm":  # as in -Ic PROGRAM, or -mMODULE
                options[-1] = word[: at + 1]
                if not at:
                    options.pop()
                attached = flags[at + 1 :]
                rest = [f"-{flag}", *([attached] if attached else []), *rest]
                break
            if flag not in _WITHOUT_VALUE:
                raise UsageError("python arguments", f"{word} is no option that a program can be run with")
        if rest[:1] in (["-c"], ["-m"]):
            break
    if not rest:
        return Program("interactive" if sys.stdin and sys.stdin.isatty() else "stdin", "", [], options)
    word = rest.pop(0)
    if word == "-c":
        return Program("string", _value(word, rest), rest, options)
    if word == "-m":
        return Program("module", _value(word, rest), rest, options)
    if word == "-":
        return Program("stdin", "", rest, options)
    return Program("script", word, rest, options)


def _value(option: str, rest: list[str]) -> str:
    if not rest:
        raise UsageError("python arguments", f"{option} needs a value")
    return rest.pop(0)


#: Runs the mempip command. It is not looked for in the working directory, where a program may have a mempip.py, and
#: is found whatever ``-I``, ``-E`` and ``-S`` take off the path. The first entry
#: is that of a script, which `_set_first_path` replaces.
_BOOTSTRAP = """\
import os, sys
if sys.path[:1] == [""]:
    sys.path[0] = os.path.dirname(sys.executable)
if {home!r} not in sys.path:
    sys.path.append({home!r})
from mempip.cli.main import main
if status := main():
    sys.exit(status)
"""


def command(options: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Return the command line of this interpreter, with `options`, that runs the mempip command with `arguments`."""
    home = os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))
    return [sys.executable, *options, "-c", _BOOTSTRAP.format(home=home), *arguments]


#: Runs a script that only the overlay can open.
_SCRIPT = """\
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
from mempip.runtime.launch import Program, run
sys.path.insert(0, "")
if status := run(Program("script", sys.argv[1], sys.argv[2:], ())):
    sys.exit(status)
"""


def script_command(options: Sequence[str], path: str, arguments: Sequence[str]) -> list[str]:
    """Return the command line of this interpreter, with `options`, that runs the script of an environment at `path`."""
    return [sys.executable, *options, "-c", _SCRIPT, path, *arguments]


def is_python_script(start: bytes) -> bool:
    """Return whether a file's first line names a Python as its interpreter, whichever: it is run by this one."""
    if not start.startswith(b"#!"):
        return False
    words = start[2:].partition(b"\n")[0].split()
    if words and words[0].endswith(b"/env"):
        words = [word for word in words[1:] if not word.startswith(b"-")]
    if words == [b"/bin/sh"] and b"exec' '" in start:  # what installers write for long paths
        words = start.partition(b"exec' '")[2].split(b"'")
    return bool(words) and words[0].rpartition(b"/")[2].startswith(b"python")


def restart(options: Sequence[str], arguments: Sequence[str]) -> NoReturn:
    """Start this interpreter anew with `options`, to run the mempip command with `arguments`."""
    sys.stdout.flush()
    os.execv(sys.executable, command(options, arguments))  # noqa: S606 - the interpreter itself, no shell wanted


def run(program: Program) -> int:
    """Run `program` as ``__main__`` and return its exit status. `SystemExit` passes through."""
    gc.freeze()  # what is here stays to the end: no collection of the program's needs to look at it
    return {"script": _script, "module": _module, "string": _string, "stdin": _stdin, "interactive": _interactive}[
        program.kind
    ](program)


def _script(program: Program) -> int:
    import runpy

    path = program.name
    if not os.path.exists(path):
        return _refuse(f"can't open file {os.path.abspath(path)!r}: [Errno 2] No such file or directory", 2)
    sys.argv[:] = [path, *program.arguments]
    if os.path.isdir(path) or not _is_source(path):
        _set_first_path(None)
        return _guarded(lambda: runpy.run_path(path, run_name="__main__"))
    _set_first_path(os.path.dirname(os.path.realpath(path)))
    file = os.path.join(os.getcwd(), path)
    with open(path, "rb") as stream:
        source = stream.read()
    return _execute(source, file, SourceFileLoader("__main__", file))


def _is_source(path: str) -> bool:
    """Return whether a script is text; otherwise it is a zip application or bytecode, which runpy knows."""
    from importlib.util import MAGIC_NUMBER
    from zipimport import ZipImportError, zipimporter

    try:
        zipimporter(path)
    except ZipImportError:
        with open(path, "rb") as stream:
            return stream.read(4) != MAGIC_NUMBER
    return False


def _module(program: Program) -> int:
    import importlib.util
    import runpy

    sys.argv[:] = ["-m", *program.arguments]
    _set_first_path(os.getcwd())
    try:
        found = importlib.util.find_spec(program.name)
    except ImportError as error:
        reason = f"{type(error).__name__}: {error}"
        return _refuse(f"Error while finding module specification for {program.name!r} ({reason})", 1)
    if found is None:
        return _refuse(f"No module named {program.name}", 1)
    return _guarded(lambda: runpy.run_module(program.name, run_name="__main__", alter_sys=True))


def _refuse(reason: str, status: int) -> int:
    """Say, in the python command's words, why nothing was run."""
    sys.stderr.write(f"{sys.executable}: {reason}\n")
    return status


def _string(program: Program) -> int:
    sys.argv[:] = ["-c", *program.arguments]
    _set_first_path("")
    if sys.version_info >= (3, 13):  # tracebacks show the lines of a program given by -c
        import linecache

        lines = program.name.splitlines(keepends=True)
        linecache.cache["<string>"] = (len(program.name), None, lines, "<string>")
    return _execute(program.name, "<string>")


def _stdin(program: Program) -> int:
    sys.argv[:] = ["-", *program.arguments] if program.arguments else ["-"]
    _set_first_path("")
    return _execute(sys.stdin.read(), "<stdin>")


def _interactive(_: Program) -> int:
    import code

    sys.argv[:] = [""]
    _set_first_path("")
    main = _new_main()
    try:
        import readline  # noqa: F401 - line editing and history of this session
        import rlcompleter  # noqa: F401
    except ImportError:
        pass
    code.interact(local=vars(main), exitmsg="")
    return 0


def _execute(source: str | bytes, name: str, loader: SourceFileLoader | None = None) -> int:
    main = _new_main()
    if loader is not None:
        vars(main).update(__file__=name, __loader__=loader, __cached__=None)

    def program() -> None:
        compiled: CodeType = compile(source, name, "exec", dont_inherit=True)
        exec(compiled, vars(main))  # noqa: S102 - running the user's program is what this module is for

    return _guarded(program)


def _new_main() -> ModuleType:
    """Return a new ``__main__`` in place of the command's own, as an interpreter has it at its start."""
    main = type(sys)("__main__")
    main.__loader__ = BuiltinImporter
    vars(main)["__builtins__"] = sys.modules["builtins"]
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    sys.modules["__main__"] = main
    return main


def _set_first_path(path: str | None) -> None:
    """Put what the python command would put first on ``sys.path`` in place of this command's own entry."""
    if getattr(sys.flags, "safe_path", False) or sys.flags.isolated:
        return
    if path is None:
        del sys.path[0]
    else:
        sys.path[0] = path


def _guarded(program: Callable[[], object]) -> int:
    """Run `program`; show an error of it as the interpreter would, without the frames of this package."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - shown as the interpreter would
        traceback = error.__traceback__
        while traceback is not None and _ours(traceback.tb_frame.f_code.co_filename):
            traceback = traceback.tb_next
        sys.excepthook(type(error), error.with_traceback(traceback), traceback)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _ours(filename: str) -> bool:
    return filename == __file__ or os.path.basename(filename) in ("runpy.py", "<frozen runpy>")
