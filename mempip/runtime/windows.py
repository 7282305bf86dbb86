"""Child interpreters on Windows: what `children` hands over there, and how.

Children inherit the parent's memory objects under the numbers that these have here, and one more that names them.
``MEMPIP_HANDOVER`` says which that is, and ``PYTHONPATH`` begins with a directory of mempip's own, whose
``sitecustomize.py`` takes it up. Nothing here writes a file.

`subprocess` and `multiprocessing` start everything through one function, which is another one while environments are
active: it lets children inherit the objects, and completes the variables of those that are given some of their own.
"""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import mempip_native
from mempip.runtime import children
from mempip.runtime.patches import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from mempip.runtime.environment import Environment

if sys.platform != "win32":
    raise ImportError("for Windows only")

_winapi = __import__("_winapi")  # subprocess and multiprocessing start everything through it

VARIABLE = "MEMPIP_HANDOVER"
DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "startup")

_create_process = _winapi.CreateProcess


class _State:
    """What is handed over at present."""

    number = 0  # the handover's handle
    kept: tuple[int, ...] = ()  # the handles that children need
    was_set = False  # whether the user had a PYTHONPATH


_now = _State()


def publish(environments: Sequence[Environment]) -> None:
    """Let children find `environments`, in this order, and no others from now on. Holds `children.unchanged`."""
    before = _now.number
    if environments:
        _hand_over(environments)
    elif before:
        _withdraw()
    if before:
        mempip_native.objects.close(before)


def _hand_over(environments: Sequence[Environment]) -> None:
    import json

    records = [_record(environment) for environment in environments]
    made = environments[0].allocate("mempip-children", json.dumps(records).encode())
    _now.kept = tuple({made, *(number for record in records for number, _ in record[4])})
    for number in _now.kept:
        mempip_native.objects.set_inheritable(number)
    if not _now.number:
        _now.was_set = children.VARIABLE in os.environ
        replace({_create_process: create_process})
    _now.number = made
    _complete(os.environ)


def _withdraw() -> None:
    """Take the handover back; PYTHONPATH is what the user made it."""
    _leave(os.environ, keep=_now.was_set)
    _now.number, _now.kept = 0, ()
    replace({create_process: _create_process})


def _record(environment: Environment) -> tuple[str, str, str, dict[str, Any], list[tuple[int, int]]]:
    """Return root, adapter, view, table of companions, and of each object its handle and what it is known by."""
    companions = environment.companions
    numbers = [*environment.image.descriptors, *companions.descriptors]
    objects = [(number, mempip_native.objects.identity(number)) for number in numbers]
    return environment.root, environment.adapter.name, environment.view.name, companions.table, objects


# --- variables -----------------------------------------------------------------------------------------------


def _complete(variables: Any) -> None:
    """Add the handover to environment variables."""
    name = _spelling(variables, children.VARIABLE)
    words = [DIRECTORY, *_without(variables.get(name, ""))]
    variables[name] = os.pathsep.join(words)
    identity = mempip_native.objects.identity(_now.number)
    variables[VARIABLE] = ";".join(map(str, (_now.number, identity, sys.version, sys.prefix, *children.homes())))


def _leave(variables: Any, *, keep: bool) -> None:
    """Take the handover out of environment variables; an empty ``PYTHONPATH`` stays if it is to be kept."""
    variables.pop(VARIABLE, None)
    words = _without(variables.get(children.VARIABLE, ""))
    if words or keep:
        variables[children.VARIABLE] = os.pathsep.join(words)
    else:
        variables.pop(children.VARIABLE, None)


def _without(path: str) -> list[str]:
    """Return the entries of a ``PYTHONPATH`` without the handover's."""
    return [word for word in path.split(os.pathsep) if word != DIRECTORY] if path else []


def _spelling(variables: Iterable[str], name: str) -> str:
    """Return how `variables` spell a name: Windows does not tell case."""
    return next((found for found in variables if found.upper() == name), name)


# --- starting ------------------------------------------------------------------------------------------------


def create_process(
    application: str | None,
    command: str | None,
    process_attributes: Any,
    thread_attributes: Any,
    inherit: bool,
    flags: int,
    variables: Mapping[str, str] | None,
    directory: str | None,
    startup: Any,
    /,
) -> tuple[int, int, int, int]:
    """Start a program, as `_winapi.CreateProcess` does."""
    with children.unchanged():
        attributes = dict(getattr(startup, "lpAttributeList", None) or {})
        if not inherit or attributes.get("handle_list"):  # else, whatever can be inherited is
            inherit = True
            attributes["handle_list"] = [*attributes.get("handle_list", ()), *_now.kept]
            startup = _with_attributes(startup, attributes)
        if variables is not None and _is_this_python(application or _first_word(command or "")):
            variables = dict(variables)
            _complete(variables)
        started: tuple[int, int, int, int] = _create_process(
            application, command, process_attributes, thread_attributes, inherit, flags, variables, directory, startup
        )
        return started


def _with_attributes(startup: Any, attributes: dict[str, Any]) -> Any:
    names = ("dwFlags", "wShowWindow", "hStdInput", "hStdOutput", "hStdError")
    values = {name: getattr(startup, name, 0) for name in names}
    return SimpleNamespace(**values, lpAttributeList=attributes)


def _first_word(command: str) -> str:
    """Return the program of a command line."""
    return command[1:].partition('"')[0] if command.startswith('"') else command.split(maxsplit=1)[0]


def _is_this_python(program: str) -> bool:
    """Return whether a program is that of this interpreter; its own directory is where Windows looks first."""
    place = program if os.path.dirname(program) else os.path.join(os.path.dirname(sys.executable), program)
    for path in (place, place + ".exe"):
        try:
            return os.path.samefile(path, sys.executable)
        except OSError:
            continue
    return False


# --- in the child --------------------------------------------------------------------------------------------


def enter(number: int, identity: int) -> None:
    """Make the environments of the handover with that handle this process's own, and let its children find them.

    Raises `OSError` if what it names was not inherited.
    """
    import json

    from mempip.runtime.environment import Environment

    _leave(os.environ, keep=False)
    with mempip_native.objects.reader(_inherited(number, identity)) as stream:
        records = json.load(stream)
    mempip_native.objects.close(number)
    for root, adapter, view, table, objects in reversed(records):  # activating one puts it in front of the others
        handles = [_inherited(*known) for known in objects]
        Environment.open(handles, adapter, view, root, table).activate()


def _inherited(number: int, identity: int) -> int:
    if mempip_native.objects.identity(number) != identity:
        raise OSError("the handles that they are in were not inherited")
    return number
