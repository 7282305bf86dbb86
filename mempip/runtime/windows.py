"""The function that starts programs on Windows, as it is while an environment is active.

`subprocess` and `multiprocessing` start everything through it. It lets children inherit the parent's memory objects,
and completes the variables of those that are given some of their own (`mempip.runtime.handover`).
"""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

from mempip.runtime import children, handover
from mempip.runtime.patches import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

if sys.platform != "win32":
    raise ImportError("for Windows only")

_winapi = __import__("_winapi")  # subprocess and multiprocessing start everything through it

_create_process = _winapi.CreateProcess


def install() -> None:
    """Put the function here in the place of the one that `subprocess` uses."""
    replace({_create_process: create_process})


def remove() -> None:
    """Put back what was there before."""
    replace({create_process: _create_process})


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
            attributes["handle_list"] = [*attributes.get("handle_list", ()), *handover.kept()]
            startup = _with_attributes(startup, attributes)
        if variables is not None and _is_this_python(application or _first_word(command or "")):
            variables = dict(variables)
            handover.complete(variables)
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
