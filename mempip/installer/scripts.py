"""Console scripts: the files that stand for entry points (entry points specification), as pip writes them."""

from __future__ import annotations

import sys
from configparser import ConfigParser, Error
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPS = ("console_scripts", "gui_scripts")

_SCRIPT = """\
import sys
from {module} import {start}
if __name__ == "__main__":
    sys.exit({attribute}())
"""


class _CaseKept(ConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def shebang(python: str = sys.executable) -> bytes:
    """Return the first line of a script that `python` runs. The kernel takes neither blanks in it nor 128 bytes."""
    if " " in python or len(python) > 125:
        return f"#!/bin/sh\n'''exec' '{python}' \"$0\" \"$@\"\n' '''\n".encode()
    return f"#!{python}\n".encode()


def console_scripts(entry_points: str, python: str = sys.executable) -> Iterator[tuple[str, bytes]]:
    """Yield name and contents of each script that the text of an ``entry_points.txt`` asks for, to be run by `python`.

    What does not follow the specification is passed over, as in pip.
    """
    parser = _CaseKept(delimiters=("=",), interpolation=None, strict=False)
    try:
        parser.read_string(entry_points)
    except Error:
        return
    for group in GROUPS:
        for name, value in parser.items(group) if parser.has_section(group) else ():
            module, _, attribute = value.partition("[")[0].strip().partition(":")
            words = [*module.split("."), *attribute.split(".")]
            if name and not set(name) & set("/\\\0") and name not in (".", "..") and all(map(str.isidentifier, words)):
                start = attribute.partition(".")[0]
                body = _SCRIPT.format(module=module, start=start, attribute=attribute)
                yield name, shebang(python) + body.encode()
