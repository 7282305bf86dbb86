"""The functions that start programs, as they are while an environment is active.

They see to it that a child of this Python gets the handover (`children`), whatever environment variables and
descriptors its starter gives it, and that a program in an environment can be started although the kernel does not know
its path. Everything else goes on to the functions that were there before.
"""

from __future__ import annotations

import errno
import os
import sys

from mempip.runtime import children
from mempip.runtime.overlay.tree import MARK, locate
from mempip.runtime.patches import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from mempip.runtime.overlay.tree import Location

if sys.platform == "win32":
    raise ImportError("for POSIX only")

_posixsubprocess = __import__("_posixsubprocess")  # subprocess and multiprocessing start everything through it

_fork_exec = _posixsubprocess.fork_exec
_execv, _execve = os.execv, os.execve
_posix_spawn, _posix_spawnp = os.posix_spawn, os.posix_spawnp
_CLOSE_FROM = getattr(os, "POSIX_SPAWN_CLOSEFROM", None)  # new in 3.13
_VARIABLE = children.VARIABLE.encode()

#: node follows the links in its scripts' paths, which those in a directory in memory have, unless it is told not to.
_NODE = ("/proc/self/fd/", "/node")
_KEEP_LINKS = {b"NODE_PRESERVE_SYMLINKS": b"1", b"NODE_PRESERVE_SYMLINKS_MAIN": b"1"}


def install() -> None:
    """Put the functions here in the place of those of `os`, and of the one that `subprocess` uses."""
    replace(_REPLACED)


def remove() -> None:
    """Put back what was there before."""
    replace({new: old for old, new in _REPLACED.items()})


class _Program:
    """A program to start, as the kernel knows it. A context manager: it holds descriptors as long as that takes.

    ``path`` and ``arguments`` may differ from what was asked for: a program of an environment becomes a file that the
    kernel knows, and so does a script that another Python is to run; this one runs it under its own name.
    ``descriptors`` are those that the program needs.
    """

    def __init__(self, path: Any, arguments: Any) -> None:
        self.path = path
        self.arguments = arguments
        self.descriptors: list[int] = []
        self._ours: list[int] = []
        if isinstance(path, int):
            return
        found = locate(os.fsdecode(path))
        if found is not None:
            self._find(found)
        elif any(MARK in os.fsdecode(word) for word in arguments) and _is_a_python(path):
            self._find_script()

    def __enter__(self) -> _Program:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._ours:
            os.close(descriptor)

    def _find(self, location: Location) -> None:
        """Become the program at `location`. Raises `OSError` as the kernel would."""
        from mempip.runtime import launch

        if location.entry is None:
            raise location.error(errno.EACCES) if location.is_directory else location.missing()
        if not location.access(os.X_OK):
            raise location.error(errno.EACCES)
        environment = location.environment
        assert environment is not None  # a file is in an environment  # noqa: S101
        start = next(iter(environment.image.pieces(location.entry)), b"")
        if launch.is_python_script(start[: launch.FIRST_LINE]):
            self._run_script(environment.path(location.relative), (), self.arguments[1:])
            return
        directory = environment.programs.directory(location.relative)
        if directory is None:
            self._hold(environment.programs.memory_object(location.relative, location.entry))
            self.path = f"/proc/self/fd/{self.descriptors[0]}"
            return
        self.descriptors.append(directory.number)
        self.path = f"{directory.root}/{location.relative}"
        self.arguments = [_inside(directory.root, word) for word in self.arguments]

    def start_in(self, location: Location) -> bytes:
        """Return the directory at `location` as the kernel knows it. Raises `OSError` if that cannot be."""
        environment = location.environment
        directory = None if environment is None else environment.programs.around(location.relative)
        if directory is None:
            raise location.error(errno.EOPNOTSUPP, "A directory in memory cannot be the current directory here")
        self.descriptors.append(directory.number)
        return os.fsencode(f"{directory.root}/{location.relative}")

    def _hold(self, descriptor: int) -> None:
        """Keep `descriptor`, which is this object's own, until the program was started."""
        os.set_inheritable(descriptor, True)  # the interpreter of a script opens it again
        self.descriptors.append(descriptor)
        self._ours.append(descriptor)

    def _find_script(self) -> None:
        """Become a command that can run the script of an environment, if this is a Python that is to run one."""
        from mempip.errors import UsageError
        from mempip.runtime import launch

        try:
            program = launch.parse([os.fsdecode(word) for word in self.arguments[1:]])
        except UsageError:
            return
        found = locate(program.name) if program.kind == "script" else None
        if found is None:
            return
        if self._has_this_prefix():
            self._run_script(program.name, program.interpreter_options, program.arguments)
        elif found.entry is not None:
            self._hold(found.open(os.O_RDONLY))
            script = f"/proc/self/fd/{self.descriptors[0]}"
            self.arguments = [self.arguments[0], *program.interpreter_options, script, *program.arguments]

    def _has_this_prefix(self) -> bool:
        """Return whether it is this Python, and not that of another virtual environment, or the one below this one."""
        directory = os.path.dirname(os.path.abspath(os.fsdecode(self.path)))
        return is_this_python([self.path]) and os.path.samefile(directory, os.path.dirname(sys.executable))

    def _run_script(self, path: str, options: Sequence[str], arguments: Sequence[Any]) -> None:
        from mempip.runtime import launch

        self.path = sys.executable
        self.arguments = launch.script_command(options, path, [os.fsdecode(word) for word in arguments])


def _inside(root: str, word: Any) -> Any:
    """Return `word`, an argument, as a path below `root` if it is one of an environment that is there, too."""
    found = locate(os.fsdecode(word))
    path = "" if found is None else f"{root}/{found.relative}"
    return path if path and os.path.lexists(path) else word


def _is_a_python(path: Any) -> bool:
    return os.path.basename(os.fsdecode(path)).rstrip("0123456789.t") in ("python", "pypy") or is_this_python([path])


def is_this_python(candidates: Iterable[Any]) -> bool:
    """Return whether the first of `candidates` that exists is the program of this interpreter."""
    for candidate in candidates:
        try:
            return os.path.samestat(os.stat(candidate), os.stat(sys.executable))
        except (OSError, ValueError):
            continue
    return False


def _completed(variables: Mapping[Any, Any] | None, candidates: Sequence[Any]) -> dict[bytes, bytes] | None:
    """Return `variables` with those that the first existing program of `candidates` needs; ``None`` if it has them.

    No variables at all stand for those of this process.
    """
    if is_this_python(candidates):
        return _with_handover(_encoded(variables))
    if any(path.startswith(_NODE[0]) and path.endswith(_NODE[1]) for path in map(os.fsdecode, candidates)):
        return {**_encoded(variables), **_KEEP_LINKS}
    return None


def _encoded(variables: Mapping[Any, Any] | None) -> dict[bytes, bytes]:
    variables = os.environ if variables is None else variables
    return {os.fsencode(name): os.fsencode(value) for name, value in variables.items()}


def _with_handover(variables: dict[bytes, bytes]) -> dict[bytes, bytes] | None:
    """Return `variables` with the handover in front of PYTHONPATH; ``None`` if it is there already."""
    if sys.platform != "linux":
        from mempip.runtime import handover

        found = {os.fsdecode(name): os.fsdecode(value) for name, value in variables.items()}
        handover.complete(found)
        completed = _encoded(found)
        return None if completed == variables else completed
    value = os.fsdecode(variables.get(_VARIABLE, b""))
    if children.has_entries(value):
        return None
    return {**variables, _VARIABLE: os.fsencode(children.with_entries(children.without_entries(value)))}


def _kept() -> tuple[int, ...]:
    """Return the descriptors that a child needs."""
    if sys.platform != "linux":
        from mempip.runtime import handover

        return handover.kept()
    return children.kept()


def fork_exec(args: Any, executables: Any, close_fds: Any, fds_to_keep: Any, cwd: Any, env: Any, *rest: Any) -> int:
    """Start a program: everything that `subprocess` and `multiprocessing` start comes through here."""
    path = executables[0] if len(executables) == 1 else b""
    with children.unchanged(), _Program(path, args) as program:
        args = program.arguments
        if cwd is not None and (found := locate(os.fsdecode(cwd))) is not None and found.is_directory:
            cwd = program.start_in(found)
        if program.path is not path:
            executables = [os.fsencode(program.path)]
        if close_fds:
            fds_to_keep = tuple(sorted({*fds_to_keep, *_kept(), *program.descriptors}))
        completed = _completed(None if env is None else dict(item.split(b"=", 1) for item in env), executables)
        if completed is not None:
            env = [name + b"=" + value for name, value in completed.items()]
        started: int = _fork_exec(args, executables, close_fds, fds_to_keep, cwd, env, *rest)
        return started


def execv(path: Any, argv: Any, /) -> None:
    """Execute an executable path with arguments, replacing current process."""
    execve(path, argv, os.environ)


def execve(path: Any, argv: Any, env: Any) -> None:
    """Execute an executable path with arguments and environment, replacing current process."""
    with _Program(path, argv) as program:
        if not isinstance(program.path, int):
            env = _completed(env, [program.path]) or env
        _execve(program.path, program.arguments, env)


def posix_spawn(path: Any, argv: Any, env: Any, /, *, file_actions: Any = (), **options: Any) -> int:
    """Execute the program specified by path in a new process."""
    with children.unchanged(), _Program(path, argv) as program:
        env = _completed(env, [program.path]) or env
        actions = _without_closing_ours(file_actions or (), program.descriptors)
        return _posix_spawn(program.path, program.arguments, env, file_actions=actions, **options)


def posix_spawnp(path: Any, argv: Any, env: Any, /, *, file_actions: Any = (), **options: Any) -> int:
    """Execute the program specified by path in a new process."""
    if os.path.dirname(path):
        return posix_spawn(path, argv, env, file_actions=file_actions, **options)
    return _posix_spawnp(path, argv, env, file_actions=_without_closing_ours(file_actions or (), ()), **options)


def _without_closing_ours(actions: Iterable[Any], more: Iterable[int]) -> list[Any]:
    """Return file actions that close what ``POSIX_SPAWN_CLOSEFROM`` would, one by one, but for what children need."""
    kept = {*_kept(), *more}
    found: list[Any] = []
    for action in actions:
        if action[0] != _CLOSE_FROM:
            found.append(action)
            continue
        for name in os.listdir("/proc/self/fd"):
            descriptor = int(name)
            if descriptor >= action[1] and descriptor not in kept and _is_inheritable(descriptor):
                found.append((os.POSIX_SPAWN_CLOSE, descriptor))
    return found


def _is_inheritable(descriptor: int) -> bool:
    try:
        return os.get_inheritable(descriptor)
    except OSError:  # that of the listing itself
        return False


_REPLACED: dict[Any, Any] = {
    _posixsubprocess.fork_exec: fork_exec,
    os.execv: execv,
    os.execve: execve,
    os.posix_spawn: posix_spawn,
    os.posix_spawnp: posix_spawnp,
}
