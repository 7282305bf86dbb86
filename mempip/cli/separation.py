"""Where mempip's own arguments end and those of the program begin."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mempip.runtime.launch import Program

#: Files that are run, or read by what is run, whatever their first line says.
SCRIPTS = (".py", ".pyw", ".ipynb")
NOTEBOOK = ".ipynb"


def split(
    arguments: Sequence[str], *, scripts: bool = True, with_value: Collection[str] = ()
) -> tuple[list[str], list[str] | None]:
    """Return mempip's own arguments and the Python command line behind them, ``None`` if there is none.

    The second begins behind the first ``--``, or, with `scripts`, with an earlier argument that is a script. What
    follows an option in `with_value` is that option's value.
    """
    arguments = list(arguments)
    for at, word in enumerate(arguments):
        if word == "--":
            return arguments[:at], arguments[at + 1 :]
        if scripts and at and arguments[at - 1] not in with_value and _is_script(word):
            return arguments[:at], arguments[at:]
    return arguments, None


def _is_script(path: str) -> bool:
    """Whether `path` is a script: a file that is called like one or whose first line names an interpreter."""
    if path.startswith("-") or not os.path.isfile(path):
        return False
    if path.endswith(SCRIPTS):
        return True
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def stating_requirements(program: Program) -> str:
    """Return the script or notebook that may state what `program` needs, or ``""``.

    That is the script that is run, or a notebook that is given to a module, such as Jupyter's. Files without any of
    the words that this takes are not worth an installer.
    """
    candidates = [program.name] if program.kind == "script" else program.arguments if program.kind == "module" else []
    for path in candidates:
        if (program.kind == "script" or path.endswith(NOTEBOOK)) and os.path.isfile(path):
            with open(path, "rb") as file:
                source = file.read()
            return path if b"# /// script" in source or b"__requires__" in source else ""
    return ""
