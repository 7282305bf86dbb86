"""``%mempip`` in IPython and Jupyter: the mempip command, in the interpreter that the cells run in."""

from __future__ import annotations

import shlex
import sys

from mempip.cli import main

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "mempip"
#: These put a program, or a server, in the place of what runs.
_IN_A_SHELL = ("daemon", "exec", "run", "x")


def register(shell: Any) -> None:
    """Give an IPython `shell` the magic."""
    shell.register_magic_function(mempip, "line", NAME)


def mempip(line: str) -> None:
    """Install packages into this interpreter's memory, list them, or take them out.

    Usage, as of the mempip command::

        %mempip install numpy "pandas>=2"
        %mempip list
        %mempip uninstall numpy
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return
    if words[:1] and words[0] in _IN_A_SHELL:
        print(f"ERROR: 'mempip {words[0]}' needs a process of its own: !mempip {line}", file=sys.stderr)
        return
    try:
        main.main(words, lasting=True)
    except SystemExit:  # of the parser, which has said why
        pass
