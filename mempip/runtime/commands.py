"""Console scripts and programs of an environment: which there are, and running one, or another program with them.

They are the files in ``bin/``, which an installation makes of entry points as well.
"""

from __future__ import annotations

import os
import sys

import mempip_native
from mempip.errors import CommandNotFound, UsageError
from mempip.image.layout import normalize
from mempip.image.projects import recorded
from mempip.runtime import launch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from mempip.image.layout import Distribution
    from mempip.runtime.environment import Environment

DIRECTORY = "bin/"


def find(environment: Environment, name: str, project: str, *, only: bool) -> str:
    """Return the path of the command `name`, of `project` if that has it and of any other project otherwise.

    With `only`, a project that has a single command means that one, whatever it is called. Raises `CommandNotFound`.
    """
    rows = sorted(environment.distributions, key=lambda row: row.key != normalize(project))
    own = names(environment, rows[0])
    for row in rows:
        for known in names(environment, row):
            if known == name or (row is rows[0] and normalize(known) == normalize(name)):
                return environment.path(DIRECTORY + known)
    if only and len(own) == 1:
        return environment.path(DIRECTORY + own[0])
    raise CommandNotFound(name, rows[0].name, own)


def names(environment: Environment, row: Distribution) -> list[str]:
    """Return the names of a distribution's commands."""
    paths = recorded(environment.image, row)
    return sorted(path[len(DIRECTORY) :] for path in paths if path.startswith(DIRECTORY))


def run(path: str, arguments: Sequence[str]) -> int:
    """Run the command at `path` and return its exit status: a Python script here, a program in place of this process.

    `SystemExit` passes through. Raises `OSError` if the machine does not let the program run.
    """
    with open(path, "rb") as file:
        start = file.read(launch.FIRST_LINE)
    if launch.is_python_script(start):
        return launch.run(launch.Program("script", path, arguments, ()))
    sys.stdout.flush()
    return os.execv(path, [path, *arguments])  # noqa: S606 - no shell wanted


def become(environment: Environment | None, command: Sequence[str]) -> NoReturn:
    """Run `command` in place of this process; the Pythons that it starts find the packages.

    A name without a directory is looked for among the commands of `environment` first, then on ``PATH``. Raises
    `OSError` if there is no such program, or the machine does not let it run.
    """
    if not mempip_native.objects.HAVE_PATHS:
        raise UsageError("exec", "on this system, programs that are started do not find packages in memory")
    if environment is not None:
        directories = [environment.path(DIRECTORY.rstrip("/")), os.environ.get("PATH", os.defpath)]
        os.environ["PATH"] = os.pathsep.join(directories)
    sys.stdout.flush()
    os.execvp(command[0], [*command])  # noqa: S606 - no shell wanted
