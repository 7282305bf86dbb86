"""Options and arguments: pip's words, pip's spelling."""

from __future__ import annotations

import argparse
import os
from functools import cache

from mempip import __version__
from mempip.cli.separation import SCRIPTS, split
from mempip.configuration import variable_of
from mempip.options import STRATEGIES, add_setting, choose, spell_values
from mempip.runtime.views import NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

#: Commands of pip that mempip does not have, and why: refused with the reason rather than as unknown.
_REFUSED = {
    "download": "it would write wheels to a directory; 'pip download' does that",
    "cache": "mempip keeps no cache on disk",
    "config": "it would write pip's configuration; 'pip config' does that",
    "debug": "'mempip doctor' tells what there is to know of this machine",
    "hash": "'pip hash' tells the hashes of files",
    "index": "'pip index versions' tells what versions an index has",
    "inspect": "'mempip list', 'show' and 'tree' tell what is in memory",
    "wheel": "it would write wheels to a directory; 'pip wheel' does that",
}

#: Options of pip that mempip does not have, and why.
_REFUSED_OPTIONS = {
    ("-t", "--target", "--prefix", "--root", "--src", "--user"): "nothing is installed into a directory",
    ("--check-build-dependencies",): "a build says itself what it is missing",
    ("--log",): "nothing is written; warnings and what builds print are on standard error",
    ("--no-clean",): "builds leave nothing that could be kept",
    ("--python",): "mempip installs into the Python that runs it: PYTHON -m mempip",
    ("--refresh-package",): "no answer of an index is kept; --refresh has a daemon resolve anew",
    ("--resume-retries",): "--retries says how often a download is resumed, too",
    ("--use-deprecated", "--use-feature"): "it names features of pip, and mempip has none of them",
}

#: Options of pip that ask for what mempip does anyway, or that are about a disk: accepted. The others take a value.
_ALREADY_SO = (
    "--break-system-packages", "--compile", "--debug", "--disable-pip-version-check", "--no-color", "--no-compile",
    "--no-input", "--no-warn-conflicts", "--no-warn-script-location", "--require-virtualenv",
)  # fmt: skip
_ALREADY_SO_WITH_VALUE = ("--exists-action", "--root-user-action")


#: Options whose values may hold credentials.
_ADDRESSES = frozenset(
    "index_url extra_index_url find_links project_index proxy requirement constraint build_constraint".split()
)


class _Choices(argparse.Action):
    """``--no-binary``, ``--only-final`` and their opposites: each value may take projects out of the other's list."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None) -> None:
        for name, several in choose(vars(namespace), self.dest, values).items():
            setattr(namespace, name, several)


class _Settings(argparse.Action):
    """``--config-settings KEY=VALUE``: a key that is given again has a list of values, as in pip."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None) -> None:
        try:
            setattr(namespace, self.dest, add_setting(getattr(namespace, self.dest) or {}, values))
        except ValueError as error:
            parser.error(f"{option_string} takes {error}")


class _Refusal(argparse.Action):
    """An option that there is not; ``const`` says why."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None) -> None:
        parser.error(f"there is no option {option_string}: {self.const}")


class _Formatter(argparse.HelpFormatter):
    """One that knows how wide a terminal is without shutil, which costs as much as all of a parser."""

    def __init__(self, prog: str) -> None:
        try:
            columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
        except (OSError, ValueError):
            columns = 80
        super().__init__(prog, width=columns - 2)


class Parser(argparse.ArgumentParser):
    """An argument parser that ends with pip's status for bad usage and says where help is."""

    def __init__(self, **details: Any) -> None:
        super().__init__(formatter_class=_Formatter, **details)

    def error(self, message: str) -> Any:
        self.exit(2, f"ERROR: {message}\nSee '{self.prog} --help'.\n")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what `arguments` ask for; ``command`` says which command, and ``keywords`` are those of `mempip.install`.

    ``keywords`` has what is given, and also what names another Python, which `mempip.resolve` and its like take.

    Ends the process with status 2 for bad usage, and with 0 after ``--help`` and ``--version``.
    """
    arguments = _command_first(arguments)
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:2], "--help"]
    # What follows a tool belongs to the tool, "--" included.
    ours, python = (arguments, None) if arguments[:1] == ["x"] else own_arguments(arguments)
    if ours and ours[0] in _REFUSED:
        _parser().error(f"there is no command {ours[0]!r}: {_REFUSED[ours[0]]}")
    parsed = _parser(ours[0] if ours and ours[0] in _COMMANDS else "").parse_args(ours)
    if python is not None and parsed.command not in ("exec", "run"):
        _parser().error(f"'--' separates Python's arguments, and {parsed.command!r} does not run Python")
    if parsed.command == "exec" and not python:
        _parser().error("'exec' runs a program: put it behind '--'")
    if parsed.command == "run" and python is None:
        for text in parsed.requirements:
            if text.endswith(SCRIPTS):
                _parser().error(f"there is no script {text!r}; a project of that name is asked for by '{text} --'")
    parsed.python = python or []
    names = [action.dest for options in (_install_options(), _target_options()) for action in options._actions]
    parsed.keywords = {name: value for name in names if (value := getattr(parsed, name, None)) is not None}
    return parsed


def own_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """Return mempip's own arguments and the Python command line behind them; see `separation.split`."""
    arguments = _command_first(arguments)
    if arguments[:1] != ["run"]:
        return split(arguments, scripts=False)
    actions = [*_install_options()._actions, *_output_options()._actions]
    valued = {"--env", *(word for action in actions if action.nargs is None for word in action.option_strings)}
    return split(arguments, with_value=valued)


def _command_first(arguments: Sequence[str]) -> list[str]:
    """Return `arguments` with what stands in front of the command behind it: pip takes general options there."""
    arguments = list(arguments)
    at = next((at for at, word in enumerate(arguments) if word in _COMMANDS or word == "--"), 0)
    if arguments[:1] in (["-V"], ["--version"]) or not (at and arguments[0].startswith("-")) or arguments[at] == "--":
        return arguments
    return [arguments[at], *arguments[:at], *arguments[at + 1 :]]


def spell(options: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Return keywords of `mempip.install` as options of the command line, and as variables what must not be seen.

    Addresses may hold credentials, and every user of a machine can read command lines. Raises `TypeError` for an
    unknown keyword.
    """
    spellings = {(action.dest, action.const): action.option_strings[-1] for action in _install_options()._actions}
    spellings["env", None] = "--env"  # an option of `mempip run`, not of every installation
    words: list[str] = []
    variables: dict[str, str] = {}
    for name, value in options.items():
        if all(name != known for known, _ in spellings):
            raise TypeError(f"mempip.run() got an unexpected keyword argument {name!r}")
        if value is None:
            continue
        if isinstance(value, bool):
            words += filter(None, [spellings.get((name, value))])
            continue
        values = spell_values(value)
        if name in _ADDRESSES and any("@" in str(item) for item in values):
            variables[variable_of(name)] = " ".join(map(str, values))
        else:
            words += (f"{spellings[name, None]}={item}" for item in values)
    return words, variables


class _Command:
    """A command: what it is for, options that it shares with others (`parents`), and what adds its own (`fill`)."""

    def __init__(
        self,
        text: str,
        parents: Sequence[Callable[[], argparse.ArgumentParser]],
        fill: Callable[[argparse.ArgumentParser], object],
        **texts: str,
    ) -> None:
        self._text = text
        self._parents = parents
        self._fill = fill
        self._texts = texts

    def add(self, name: str, commands: argparse._SubParsersAction[Parser]) -> None:
        """Make the command's parser one of `commands`."""
        parents = [parent() for parent in self._parents]
        self._fill(
            commands.add_parser(name, help=self._text, description=self._text, parents=parents, **self._texts)  # type: ignore[arg-type]
        )


def _parser(only: str = "") -> Parser:
    """Return the parser of all commands, or, since each takes a millisecond or two to make, of one."""
    parser = Parser(prog="mempip", description="pip, in memory: packages for this Python, without writing to any disk.")
    parser.add_argument("-V", "--version", action="version", version=f"mempip {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name, command in _COMMANDS.items():
        if only in ("", name):
            command.add(name, commands)
    return parser


def _run(run: argparse.ArgumentParser) -> None:
    run.add_argument("requirements", nargs="*", metavar="REQUIREMENT")
    _take_environment(run, "run in this environment of the daemon's; requirements are added for this run", daemon=False)


def _exec(program: argparse.ArgumentParser) -> None:
    program.add_argument("requirements", nargs="*", metavar="REQUIREMENT")


def _x(tool: argparse.ArgumentParser) -> None:
    tool.add_argument("--from", dest="source", metavar="REQUIREMENT", help="the package, where TOOL is not its name")
    tool.add_argument("--with", dest="requirements", action="append", default=[], metavar="REQUIREMENT",
                      help="a further package; may be given several times")  # fmt: skip
    tool.add_argument("tool", metavar="TOOL")
    tool.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENTS")
    _take_environment(tool, "run the tool in this environment of the daemon's", daemon=False)


def _install(install: argparse.ArgumentParser) -> None:
    install.add_argument("requirements", nargs="*", metavar="REQUIREMENT")
    install.add_argument("--dry-run", action="store_true", default=None, help="resolve, and download no packages")
    install.add_argument(
        "--report", metavar="FILE", help="write pip's installation report to FILE; - is standard output"
    )
    _take_environment(install, "install into this environment, which the daemon keeps", daemon=False)


def _lock(lock: argparse.ArgumentParser) -> None:
    lock.add_argument("requirements", nargs="*", metavar="REQUIREMENT")
    lock.add_argument("--script", dest="requirements_from_script", action="append", metavar="FILE",
                      help="lock what a script says that it needs")  # fmt: skip
    lock.add_argument("-o", "--output", metavar="FILE", help="write the lock to FILE, instead of standard output")


def _list(listing: argparse.ArgumentParser) -> None:
    listing.add_argument("--format", choices=("columns", "freeze", "json"), default="columns")
    _take_environment(listing, "list this environment of the daemon's")


def _freeze(freeze: argparse.ArgumentParser) -> None:
    _take_environment(freeze, "list this environment of the daemon's")


def _show(show: argparse.ArgumentParser) -> None:
    show.add_argument("projects", nargs="+", metavar="PACKAGE")
    _take_environment(show, "look into this environment of the daemon's")


def _uninstall(uninstall: argparse.ArgumentParser) -> None:
    uninstall.add_argument("projects", nargs="+", metavar="PACKAGE")
    uninstall.add_argument("-y", "--yes", action="store_true", help="accepted for pip's sake; nothing is asked")
    _take_environment(uninstall, "take them out of this environment of the daemon's")


def _check(check: argparse.ArgumentParser) -> None:
    check.add_argument("requirements", nargs="*", metavar="REQUIREMENT", help="as if these were installed, too")
    _take_environment(check, "verify this environment of the daemon's", daemon=False)


def _tree(tree: argparse.ArgumentParser) -> None:
    tree.add_argument("requirements", nargs="*", metavar="REQUIREMENT",
                      help="show these, as they would be installed; their packages are not downloaded")  # fmt: skip
    tree.add_argument("-d", "--depth", type=_levels, metavar="N", help="show so many levels below the first")
    tree.add_argument("--invert", action="store_true", help="show below a package what requires it")
    tree.add_argument("--package", dest="packages", action="append", default=[], metavar="PACKAGE",
                      help="begin with this package; may be given several times")  # fmt: skip
    _take_environment(tree, "show this environment of the daemon's", daemon=False)


def _doctor(doctor: argparse.ArgumentParser) -> None:
    text = "also examine these packages' libraries, or those in the file of a wheel for macOS"
    doctor.add_argument("requirements", nargs="*", metavar="REQUIREMENT", help=text)


def _take_environment(command: argparse.ArgumentParser, text: str, *, daemon: bool = True) -> None:
    """Let a command be about a named environment."""
    command.add_argument("--env", metavar="NAME", help=text)
    if daemon:
        command.add_argument("--daemon", metavar="PATH", help="the socket of its daemon (default: MEMPIP_DAEMON)")


def _environment_commands(environments: argparse.ArgumentParser) -> None:
    actions = environments.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    for name, text in (("list", "List the environments."), ("remove", "Forget an environment.")):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("--daemon", metavar="PATH", help="the socket of their daemon (default: MEMPIP_DAEMON)")
        if name == "remove":
            action.add_argument("names", nargs="+", metavar="NAME")


def _daemon_commands(daemon: argparse.ArgumentParser) -> None:
    actions = daemon.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        parser = actions.add_parser(name, help=text, description=text)
        parser.add_argument("--socket", metavar="PATH", default="", help="default: MEMPIP_DAEMON, or one for each user")
        return parser

    start = action("start", "Serve in the foreground until told to stop. Takes systemd's socket if it is given one.")
    start.add_argument("--lifetime", type=float, metavar="SECONDS", help="hand resolutions out for so long (600)")
    start.add_argument("--workers", type=int, metavar="N", help="installations at the same time (default: processors)")
    start.add_argument("--connections", type=int, metavar="N", help="clients at the same time (4096)")
    start.add_argument(
        "--memory", type=_size, metavar="SIZE", help="keep at most so much, such as 4G (half of what is there)"
    )
    start.add_argument("--quota", type=_size, metavar="SIZE", help="keep at most so much for one other user")
    start.add_argument(
        "--allow", action="append", metavar="RIGHT=USER,@GROUP", help="let others read, install or administer"
    )
    start.add_argument("--socket-mode", type=_mode, metavar="MODE", help="permissions of the socket (600)")
    start.add_argument(
        "--upstream",
        metavar="URL",
        help="share wheels through this Redis or Valkey (default: MEMPIP_UPSTREAM), and with MEMPIP_UPSTREAM_KEY, a "
        "secret of the machines', resolutions",
    )
    start.add_argument(
        "--snapshot", metavar="FILE", help="begin with what this file has, if it is there, and save to it at the end"
    )
    start.add_argument("--save-every", type=float, metavar="SECONDS", help="save to the snapshot that often, too")
    start.add_argument(
        "--log", choices=("text", "json"), default="text", help="how the log on standard error is written"
    )
    start.add_argument("-v", "--verbose", action="count", default=0, help="say more")
    status = action("status", "Show what the daemon holds and does.")
    status.add_argument("--json", action="store_true", help="as JSON, with every wheel")
    dump = action("dump", "Write a snapshot of what the daemon keeps, to start another one with.")
    dump.add_argument("file", metavar="FILE")
    action("stop", "Stop the daemon. Programs that run keep what they have.")


def _size(text: str) -> int:
    """Return the bytes that a size such as ``512M`` stands for."""
    units = {"K": 10, "M": 20, "G": 30, "T": 40}
    number, unit = (text[:-1], units[text[-1].upper()]) if text[-1:].upper() in units else (text, 0)
    if not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it as 512M or 4G")
    return int(number) << unit


def _levels(text: str) -> int:
    """Return a number of levels."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 0")
    return int(text)


def _mode(text: str) -> int:
    """Return the permissions that octal digits stand for."""
    if not text or set(text) - set("01234567") or int(text, 8) > 0o777:
        raise argparse.ArgumentTypeError(f"{text!r} are no permissions; write them as 600 or 666")
    return int(text, 8)


@cache  # making it costs milliseconds, and it is asked for several times
def _install_options() -> argparse.ArgumentParser:
    """The options of an installation; destinations are the keywords of `mempip.install`."""
    options = Parser(add_help=False)
    add = options.add_argument_group("requirement options").add_argument
    add("-r", "--requirement", action="append", metavar="FILE", help="take the requirements in a file or at a URL too")
    add("-c", "--constraint", action="append", metavar="FILE", help="limit versions to those that a file allows")
    add("--build-constraint", action="append", metavar="FILE", help="limit versions of what builds require")
    add("-e", "--editable", action="append", metavar="DIRECTORY", help="import a project from where it lies")
    add("--group", action="append", metavar="[PATH:]NAME", help="take a dependency group of a pyproject.toml (PEP 735)")
    add("--requirements-from-script", action="append", metavar="FILE", help="take what a script says that it needs")
    add("--lock", metavar="FILE", help="install what a lock file, pylock.toml, has (PEP 751)")
    add("--no-require-hashes", dest="require_hashes", action="store_false", default=None, help=argparse.SUPPRESS)
    add("--require-hashes", action="store_true", default=None, help="install nothing that has no --hash in a file")
    add = options.add_argument_group("package index options").add_argument
    add("-i", "--pypi-url", "--index-url", dest="index_url", metavar="URL", help="base of a Simple API (PEP 503)")
    add("--extra-index-url", action="append", metavar="URL", help="a further index; may be given several times")
    add("--no-index", action="store_true", default=None, help="look at --find-links only")
    add("--project-index", action="append", metavar="NAME=INDEX",
        help="take this project, or those like acme-*, from this index alone; may be given several times")  # fmt: skip
    add("-f", "--find-links", action="append", metavar="URL", help="a directory or page of wheels")
    add("--isolated", action="store_true", default=None, help="ignore PIP_* variables and the user's pip.conf")
    add = options.add_argument_group("resolution options").add_argument
    add("--pre", action="store_true", default=None, help="take pre-releases and development versions too")
    add("--all-releases", action=_Choices, metavar="NAMES", help="take those of these projects, or of :all:, too")
    add("--only-final", action=_Choices, metavar="NAMES", help="take none of these projects, or of :all:")
    add("--no-dependencies", "--no-deps", dest="no_deps", action="store_true", default=None,
        help="leave dependencies out")  # fmt: skip
    add("--only-dependencies", "--only-deps", dest="only_deps", action="store_true", default=None,
        help="leave out what is named here; take what that needs")  # fmt: skip
    add("--ignore-requires-python", action="store_true", default=None, help="take what is for other versions of Python")
    add("-I", "--force-reinstall", "--ignore-installed", dest="ignore_installed", action="store_true", default=None,
        help="install what is in memory already anew")  # fmt: skip
    add("-U", "--upgrade", action="store_true", default=None, help="take the newest versions even if others satisfy")
    add("--upgrade-strategy", choices=STRATEGIES, help="with --upgrade: take the newest dependencies, too (eager)?")
    add("--exclude-newer", metavar="DATE", help="leave out files that were uploaded after a date, time or duration")
    add("--uploaded-prior-to", metavar="DATE", help="the same, and a date is where it begins")
    add("--no-binary", action=_Choices, metavar="NAMES", help="use no wheels of these projects, or of :all:")
    add("--only-binary", action=_Choices, metavar="NAMES", help="use wheels only of these projects, or of :all:")
    add("--prefer-binary", action="store_true", default=None, help="take an older wheel before a newer source archive")
    add = options.add_argument_group("build options").add_argument
    add("-C", "--config-settings", "--config-setting", dest="config_settings", action=_Settings, metavar="KEY=VALUE",
        help="a setting for build backends; may be given several times")  # fmt: skip
    add("--no-build-isolation", dest="build_isolation", action="store_false", default=None,
        help="build with what this Python has installed")  # fmt: skip
    add("--build-dir", metavar="DIRECTORY", help="let builds write below this directory, not to memory only")
    add = options.add_argument_group("network options").add_argument
    add("--cache-dir", metavar="DIRECTORY", help="read what pip downloaded from its cache here; nothing is written")
    add("--no-cache-dir", dest="cache_dir", action="store_const", const="", help="read neither pip's cache nor uv's")
    add("--cert", metavar="PATH", help="a bundle of CA certificates (PEM)")
    add("--client-cert", metavar="PATH", help="a client certificate with its private key (PEM)")
    add("--keyring-provider", choices=("auto", "disabled", "import", "subprocess"),
        help="where to look for passwords that a server asks for (default disabled)")  # fmt: skip
    add("--proxy", metavar="URL", help="scheme://[user:password@]proxy:port")
    add("--no-proxy-env", action="store_true", default=None, help="do not take proxies from the environment")
    add("--trusted-host", action="append", metavar="HOST", help="do not verify this host's certificate")
    add(
        "--default-timeout",
        "--timeout",
        dest="timeout",
        type=float,
        metavar="SECONDS",
        help="of one connection (default 15)",
    )
    add("--retries", type=int, metavar="N", help="tries after the first one (default 5)")
    add = options.add_argument_group("memory options").add_argument
    add("--daemon", metavar="PATH", help="ask the daemon at this socket (default: MEMPIP_DAEMON; empty for none)")
    add("--refresh", action="store_true", default=None, help="have the daemon resolve anew")
    add("--adapter", metavar="NAME", help="use this memory adapter of 'mempip doctor'")
    add(
        "--files",
        choices=NAMES,
        help="how packages' files are found by path: by Python (overlay, the default), or also by code in C (mount)",
    )
    return options


@cache
def _target_options() -> argparse.ArgumentParser:
    """The options that name another Python, for what is resolved and not installed."""
    options = Parser(add_help=False)
    title = "options for another Python (of locks, trees and dry runs; wheels only)"
    add = options.add_argument_group(title).add_argument
    add("--python-version", metavar="VERSION", help="its version, such as 3.12 or 3.12.1")
    add(
        "--platform", action="append", metavar="TAG", help="its platform, such as win_amd64; may be given several times"
    )
    add("--implementation", metavar="TAG", help="cp, pp, or py for what any implementation takes")
    add("--abi", action="append", metavar="TAG", help="its ABI, such as cp312; may be given several times")
    return options


@cache
def _output_options() -> argparse.ArgumentParser:
    output = Parser(add_help=False)
    add = output.add_argument_group("general options").add_argument
    add("-q", "--quiet", action="count", default=0, help="say less")
    add("-v", "--verbose", action="count", default=0, help="say more")
    for option in _ALREADY_SO:
        add(option, action="store_true", help=argparse.SUPPRESS)
    for option in _ALREADY_SO_WITH_VALUE:
        add(option, help=argparse.SUPPRESS)
    for names, reason in _REFUSED_OPTIONS.items():
        add(*names, dest="refused", action=_Refusal, nargs="?", const=reason, help=argparse.SUPPRESS)
    add("--progress-bar", choices=("auto", "on", "off"), help="auto, the default: if standard error is a terminal")
    return output


_RUNS = (_install_options, _output_options)
_RESOLVES = (_install_options, _target_options, _output_options)
_COMMANDS = {
    "run": _Command(
        "Run Python with packages in memory.",
        _RUNS,
        _run,
        usage="mempip run [OPTIONS] [REQUIREMENT...] SCRIPT [ARGUMENTS]\n"
        "       mempip run [OPTIONS] [REQUIREMENT...] -- [PYTHON-ARGUMENTS]",
        epilog="PYTHON-ARGUMENTS are those of the python command: a script, -m MODULE, -c PROGRAM, - for standard "
        "input, or nothing for an interactive interpreter. What a script states that it needs (PEP 723, __requires__) "
        "is installed, too.",
    ),
    "exec": _Command(
        "Run any program with packages in memory, for the Pythons that it starts.",
        _RUNS,
        _exec,
        usage="mempip exec [OPTIONS] [REQUIREMENT...] -- PROGRAM [ARGUMENTS]",
        epilog="PROGRAM is looked for among the commands of the packages first, then on PATH.",
    ),
    "x": _Command(
        "Run a command that a package has, such as a linter, with its packages in memory.",
        _RUNS,
        _x,
        usage="mempip x [OPTIONS] TOOL[==VERSION] [ARGUMENTS]",
        epilog="ARGUMENTS, and options behind TOOL, are the tool's own.",
    ),
    "install": _Command(
        "Resolve, download and verify packages, in memory.",
        _RESOLVES,
        _install,
    ),
    "lock": _Command(
        "Print a lock file of what would be installed (PEP 751).",
        _RESOLVES,
        _lock,
    ),
    "list": _Command("List the packages that this interpreter has in memory.", (_output_options,), _list),
    "freeze": _Command("List the packages in memory as requirements.", (_output_options,), _freeze),
    "show": _Command("Show what is known of packages in memory.", (_output_options,), _show),
    "uninstall": _Command("Take packages out of this interpreter's memory.", (_output_options,), _uninstall),
    "check": _Command(
        "Verify that packages in memory have what they require.",
        _RESOLVES,
        _check,
    ),
    "tree": _Command(
        "Show what the packages in memory require, as a tree.",
        _RESOLVES,
        _tree,
    ),
    "doctor": _Command(
        "Show what this machine allows, and whether packages would load here.",
        _RUNS,
        _doctor,
    ),
    "env": _Command("List, or remove, the named environments that a daemon keeps.", (), _environment_commands),
    "daemon": _Command(
        "Run, or ask, the daemon that keeps packages in memory for all processes.", (), _daemon_commands
    ),
}
