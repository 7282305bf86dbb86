"""The `mempip` command: reads arguments, calls the public functions, prints, and returns an exit status.

Statuses are pip's: 0, 1 for an error, 2 for bad usage; 130 after Ctrl+C.
"""

from __future__ import annotations

import os
import sys

import mempip
from mempip import configuration
from mempip.cli import separation, starts
from mempip.cli.progress import ProgressBar, printable
from mempip.errors import MempipError, NotInstalled, UsageError
from mempip.options import LISTS, NOT_HERE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from typing import Any

INTERRUPTED = 130
#: What shells and env(1) end with, where a program cannot be run, or is not there.
NOT_RUN, NOT_FOUND = 126, 127
#: Options that name what to install, beside the arguments; so do pip's variables of these names.
_SOURCES = ("requirement", "editable", "group", "requirements_from_script")


def main(arguments: Sequence[str] | None = None, *, lasting: bool = False) -> int:
    """Run the command that `arguments` (default: the process's own) ask for and return its exit status.

    `lasting`: whether this process goes on afterwards, with what was installed.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        parsed = starts.parse(arguments) or _parse(arguments)
        parsed.lasting = lasting
        return _COMMANDS[parsed.command](parsed)
    except MempipError as error:
        print(f"ERROR: {printable(str(error), keep=chr(10))}", file=sys.stderr)
        if error.hint:
            print(f"HINT: {error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("ERROR: Operation cancelled by user", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read standard output has gone; say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    from mempip.cli import parser

    return parser.parse(arguments)


def _run(parsed: argparse.Namespace) -> int:
    from mempip.runtime import launch

    program = launch.parse(parsed.python)
    if program.kind == "script" and program.name.endswith(separation.NOTEBOOK):
        raise UsageError(program.name, "a notebook is run by Jupyter's modules: mempip run nbconvert ipykernel -- "
                         f"-m nbconvert --execute --to notebook --stdout {program.name}")  # fmt: skip
    if program.interpreter_options:
        from mempip.cli import parser

        ours, _ = parser.own_arguments(sys.argv[1:])
        launch.restart(program.interpreter_options, [*ours, "--", *program.command()])
    _enter(parsed)
    _install(parsed, separation.stating_requirements(program))
    return launch.run(program)


def _enter(parsed: argparse.Namespace) -> None:
    """Make the named environment that a command is about this process's."""
    if parsed.env:
        mempip.environment(parsed.env, daemon=parsed.daemon, files=getattr(parsed, "files", None))


def _asks(parsed: argparse.Namespace) -> bool:
    """Whether arguments or pip's configuration name anything to install."""
    if any(getattr(parsed, name) for name in ("requirements", "lock", *_SOURCES)):
        return True
    configured = configuration.defaults(os.environ, isolated=bool(parsed.isolated))
    return any(configured.get(LISTS[name]) for name in _SOURCES)


def _install(parsed: argparse.Namespace, program: str = "") -> Any:
    if not (program or _asks(parsed)):
        return None
    with _progress(parsed) as progress:
        return mempip.install(*parsed.requirements, progress=progress, program=program, **parsed.keywords)


def _progress(parsed: argparse.Namespace) -> ProgressBar:
    if sys.stderr is None:  # closed by whoever started this process
        return ProgressBar(enabled=False, warnings=False)
    enabled = sys.stderr.isatty() if parsed.progress_bar in (None, "auto") else parsed.progress_bar == "on"
    return ProgressBar(enabled and not parsed.quiet, warnings=parsed.quiet < 2)


def _install_command(parsed: argparse.Namespace) -> int:
    if not _asks(parsed):
        print("ERROR: You must give at least one requirement to install (see 'mempip install --help')", file=sys.stderr)
        return 1
    if parsed.dry_run or parsed.report:
        return _report(parsed)
    if any((parsed.python_version, parsed.platform, parsed.implementation, parsed.abi)):
        raise UsageError("--python-version, --platform, --implementation, --abi", NOT_HERE)
    if parsed.env:
        return _install_into(parsed)
    environment = _install(parsed)
    if not parsed.quiet:
        names = " ".join(f"{row.name}-{row.version}" for row in environment.distributions)
        print(f"Successfully installed {names}" if names else "Everything is installed already")
    if not (parsed.quiet or parsed.lasting):
        print("They were in this process's memory only; 'mempip run' runs a program with them.", file=sys.stderr)
    return 0


def _install_into(parsed: argparse.Namespace) -> int:
    from mempip.cli import environments

    before = environments.projects(parsed.env, parsed.daemon)
    with _progress(parsed) as progress:
        environment = mempip.install(*parsed.requirements, progress=progress, env=parsed.env, **parsed.keywords)
    if not parsed.quiet:
        new = [row for row in environment.distributions if f"{row.name}=={row.version}" not in before]
        names = " ".join(f"{row.name}-{row.version}" for row in new)
        print(f"Successfully installed {names}" if names else "Everything is installed already")
    return 0


def _x(parsed: argparse.Namespace) -> int:
    from mempip.runtime import commands

    source = parsed.source or parsed.tool
    project, name = (_project(text) for text in (source, parsed.tool))
    parsed.requirements = [source, *parsed.requirements]
    _enter(parsed)
    environment = _install(parsed)
    path = commands.find(environment, name, project, only=parsed.source is None)
    try:
        return commands.run(path, parsed.arguments)
    except OSError as error:
        print(f"ERROR: {name} could not be run: {error.strerror}", file=sys.stderr)
        return 1


def _exec(parsed: argparse.Namespace) -> int:
    from mempip.runtime import commands

    environment = _install(parsed)
    try:
        return commands.become(environment, parsed.python)
    except OSError as error:
        print(f"ERROR: {printable(parsed.python[0])} could not be run: {error.strerror}", file=sys.stderr)
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_RUN


def _project(requirement: str) -> str:
    """Return the name that a requirement starts with."""
    import re

    match = re.match(r"[\w.-]+", requirement)
    return match[0] if match else requirement


def _report(parsed: argparse.Namespace) -> int:
    import json

    with _progress(parsed) as progress:
        found = mempip.resolve(*parsed.requirements, progress=progress, env=parsed.env, **parsed.keywords)
    if parsed.report == "-":
        json.dump(found, sys.stdout, indent=2)
        print()
        return 0
    if parsed.report:
        with open(parsed.report, "w", encoding="utf-8") as stream:
            json.dump(found, stream, indent=2)
    if not parsed.quiet:
        rows = [item["metadata"] for item in found["install"]]
        print("Would install " + " ".join(f"{row['name']}-{row['version']}" for row in rows))
    return 0


def _lock(parsed: argparse.Namespace) -> int:
    if not _asks(parsed):
        print("ERROR: You must give at least one requirement to lock (see 'mempip lock --help')", file=sys.stderr)
        return 1
    directory = os.path.dirname(parsed.output or "")
    with _progress(parsed) as progress:
        text = mempip.make_lock(*parsed.requirements, directory=directory, progress=progress, **parsed.keywords)
    if parsed.output in (None, "-"):
        sys.stdout.write(text)
    else:
        with open(parsed.output, "w", encoding="utf-8") as stream:
            stream.write(text)
    return 0


def _list(parsed: argparse.Namespace) -> int:
    _enter(parsed)
    rows = mempip.list()
    if parsed.format == "json":
        import json

        print(json.dumps([{"name": row.name, "version": row.version} for row in rows]))
    elif parsed.format == "freeze":
        for row in rows:
            print(f"{row.name}=={row.version}")
    elif rows:
        table = [("Package", "Version"), *((row.name, row.version) for row in rows)]
        widths = [max(len(line[column]) for line in table) for column in (0, 1)]
        table.insert(1, ("-" * widths[0], "-" * widths[1]))
        for name, version in table:
            print(f"{name:{widths[0]}} {version}")
    return 0


def _freeze(parsed: argparse.Namespace) -> int:
    _enter(parsed)
    for line in mempip.freeze():
        print(line)
    return 0


def _show(parsed: argparse.Namespace) -> int:
    _enter(parsed)
    found = []
    for project in parsed.projects:
        try:
            found.append(mempip.show(project))
        except NotInstalled as error:
            print(f"WARNING: {error}", file=sys.stderr)
    for number, fields in enumerate(found):
        if number:
            print("---")
        for name, value in fields.items():
            print(f"{name}: {', '.join(value) if not isinstance(value, str) else value}")
    return 0 if found else 1


def _check(parsed: argparse.Namespace) -> int:
    from mempip.cli import tree

    broken = tree.problems(_rows(parsed))
    for line in broken or ["No broken requirements found."]:
        if broken or not parsed.quiet:
            print(printable(line))
    return 1 if broken else 0


def _tree(parsed: argparse.Namespace) -> int:
    from mempip.cli import tree

    rows = _rows(parsed)
    for line in tree.draw(rows, packages=parsed.packages, depth=parsed.depth, invert=parsed.invert):
        print(line)
    if parsed.quiet < 2:
        for line in tree.problems(rows):
            print(f"WARNING: {printable(line)}", file=sys.stderr)
    return 0


def _rows(parsed: argparse.Namespace) -> Sequence[Mapping[str, Any]]:
    _enter(parsed)
    with _progress(parsed) as progress:
        return mempip.tree(*parsed.requirements, progress=progress, **parsed.keywords)


def _uninstall(parsed: argparse.Namespace) -> int:
    if parsed.env:
        from mempip.cli import environments

        environments.uninstall(parsed.env, parsed.projects, parsed.daemon)
    for project in parsed.projects:
        if not parsed.env:
            mempip.uninstall(project)
        if not parsed.quiet:
            print(f"Successfully uninstalled {project}")
    return 0


def _doctor(parsed: argparse.Namespace) -> int:
    from mempip.cli import doctor, macos

    status = doctor.machine()
    requirements, parsed.requirements = parsed.requirements, []
    for requirement in requirements:
        if macos.is_wheel(requirement):
            status = max(status, macos.wheel(requirement))
        else:
            parsed.requirements.append(requirement)
    if _asks(parsed):
        _install(parsed)
        status = max(status, doctor.libraries())
    return status


def _daemon(parsed: argparse.Namespace) -> int:
    from mempip.cli import daemon

    return daemon.ACTIONS[parsed.action](parsed)


def _env(parsed: argparse.Namespace) -> int:
    from mempip.cli import environments

    return environments.ACTIONS[parsed.action](parsed)


_COMMANDS = {
    "check": _check,
    "daemon": _daemon,
    "doctor": _doctor,
    "env": _env,
    "exec": _exec,
    "freeze": _freeze,
    "install": _install_command,
    "list": _list,
    "lock": _lock,
    "run": _run,
    "show": _show,
    "tree": _tree,
    "uninstall": _uninstall,
    "x": _x,
}
