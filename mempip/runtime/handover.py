"""Child interpreters on Windows and macOS, whose objects have no paths: what `children` hands over there, and how.

Children inherit the parent's memory objects under the numbers that these have here, and one more that names them.
``MEMPIP_HANDOVER`` says which that is, and ``PYTHONPATH`` begins with a directory of mempip's own, whose
``sitecustomize.py`` takes it up. Nothing here writes a file.

The functions that start programs are other ones while environments are active (`windows`, `processes`): they let
children inherit the objects, and complete the variables of those that are given some of their own.
"""

from __future__ import annotations

import os
import sys

import mempip_native
from mempip.runtime import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from mempip.runtime.environment import Environment

if sys.platform == "linux":
    raise ImportError("for systems whose objects have no paths")

VARIABLE = "MEMPIP_HANDOVER"
DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "startup")


class _State:
    """What is handed over at present."""

    number = -1  # the handover's
    kept: tuple[int, ...] = ()  # the numbers of what children need
    was_set = False  # whether the user had a PYTHONPATH


_now = _State()


def publish(environments: Sequence[Environment]) -> None:
    """Let children find `environments`, in this order, and no others from now on. Holds `children.unchanged`."""
    before = _now.number
    if environments:
        _hand_over(environments)
    elif before >= 0:
        _withdraw()
    if before >= 0:
        mempip_native.objects.close(before)


def _hand_over(environments: Sequence[Environment]) -> None:
    import json

    records = [_record(environment) for environment in environments]
    made = environments[0].allocate("mempip-children", json.dumps(records).encode())
    _now.kept = tuple({made, *(number for record in records for number, _ in record[4])})
    for number in _now.kept:
        mempip_native.objects.set_inheritable(number)
    if _now.number < 0:
        _now.was_set = children.VARIABLE in os.environ
        _starting().install()
    _now.number = made
    complete(os.environ)


def _withdraw() -> None:
    """Take the handover back; PYTHONPATH is what the user made it."""
    _leave(os.environ, keep=_now.was_set)
    _now.number, _now.kept = -1, ()
    _starting().remove()


def _starting() -> Any:
    """Return the module with the functions that start programs on this system."""
    if sys.platform == "win32":
        from mempip.runtime import windows

        return windows
    from mempip.runtime import processes

    return processes


def kept() -> tuple[int, ...]:
    """Return the numbers of what a child must inherit."""
    return _now.kept


def _record(environment: Environment) -> tuple[str, str, str, dict[str, Any], list[tuple[int, int]]]:
    """Return root, adapter, view, table of companions, and of each object its number and what it is known by."""
    companions = environment.companions
    numbers = [*environment.image.descriptors, *companions.descriptors]
    objects = [(number, mempip_native.objects.identity(number)) for number in numbers]
    return environment.root, environment.adapter.name, environment.view.name, companions.table, objects


# --- variables -----------------------------------------------------------------------------------------------


def complete(variables: Any) -> None:
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
    if os.name != "nt":
        return name
    return next((found for found in variables if found.upper() == name), name)


# --- in the child --------------------------------------------------------------------------------------------


def enter(number: int, identity: int) -> None:
    """Make the environments of the handover with that number this process's own, and let its children find them.

    Raises `OSError` if what it names was not inherited.
    """
    import json

    from mempip.runtime.environment import Environment

    _leave(os.environ, keep=False)
    with mempip_native.objects.reader(_inherited(number, identity)) as stream:
        records = json.load(stream)
    mempip_native.objects.close(number)
    for root, adapter, view, table, objects in reversed(records):  # activating one puts it in front of the others
        numbers = [_inherited(*known) for known in objects]
        Environment.open(numbers, adapter, view, root, table).activate()


def _inherited(number: int, identity: int) -> int:
    if mempip_native.objects.identity(number) != identity:
        raise OSError("the objects that they are in were not inherited")
    return number
