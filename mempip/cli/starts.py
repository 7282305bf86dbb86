"""Reads the command lines that programs are started with, thousands of times: ``mempip run`` with requirements.

Importing argparse and making the parser takes as long as all the rest of a start with a daemon. So what needs no parser
is read here, to the same result; everything else is for `parser`.
"""

from __future__ import annotations

from mempip.cli import separation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from typing import Any
else:
    Namespace = object

_OPTIONS = ("--daemon", "--env")


class Start(Namespace):
    """What `parser.parse` returns for ``mempip run``. An option that is not given is ``None``."""

    command = "run"
    lasting = False
    quiet = verbose = 0

    def __init__(self, options: dict[str, str], requirements: list[str], python: list[str]) -> None:
        self.requirements = requirements
        self.python = python
        self.env = options.pop("--env", None)
        self.keywords = {option[2:]: value for option, value in options.items()}
        self.daemon = self.keywords.get("daemon")

    def __getattr__(self, name: str) -> Any:
        return None


def parse(arguments: Sequence[str]) -> Start | None:
    """Return what `arguments` ask for, if that is ``run [--daemon PATH] [--env NAME] [REQUIREMENT...]`` and a program.

    ``None`` for everything else, bad usage included.
    """
    if arguments[:1] != ["run"]:
        return None
    (_, *words), python = separation.split(arguments, with_value=_OPTIONS)
    if python is None:
        return None
    options = {}
    while words and words[0].startswith("-"):
        option, equals, value = words.pop(0).partition("=")
        if option not in _OPTIONS or not (equals or words):
            return None
        options[option] = value if equals else words.pop(0)
        if not equals and options[option].startswith("-"):
            return None
    if any(word.startswith("-") for word in words):
        return None
    return Start(options, words, python)
