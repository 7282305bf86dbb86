"""``pip-run-mem``: the command of pip-run (PyPI), with packages in memory.

pip-run reads the command line, the script and the imports, and says what to start; mempip installs, in the place of
pip. docs/pip-run.md has what pip-run would have to change to do the same by itself.
"""

from __future__ import annotations

import os
import sys

from mempip.runtime.launch import command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run what the ``pip-run`` command would run with these arguments, in place of this process."""
    try:
        from pip_run import commands, deps, launch, scripts
    except ImportError as error:
        sys.exit(f"ERROR: pip-run is not here ({error})\nHINT: pip install 'mempip[pip-run]'")
    wanted, arguments = commands.infer_ipython(commands.separate(sys.argv[1:]))
    commands.intercept(wanted)
    wanted.extend(scripts.DepsReader.search(arguments))
    # In an interpreter of its own: what is wanted may be other versions of the libraries that are imported by now.
    program = command([], ["exec", *deps.default_quiet(wanted), "--", *launch.infer_cmd(arguments)])
    os.execv(program[0], program)  # noqa: S606 - the interpreter itself, no shell wanted


if __name__ == "__main__":
    main()
