"""Local files that say what to install: how they are read, and what they are called in messages."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from mempip.errors import InvalidFile


def shown(path: str) -> str:
    """Return a path as a person wants to read it: relative to the working directory if it is below it."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def read(path: str, error: type[InvalidFile]) -> bytes:
    """Return the contents of a file. Raises `error`, which names it."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as fault:
        raise error(shown(path), fault.strerror or str(fault)) from fault


def read_toml(path: str, error: type[InvalidFile]) -> dict[str, Any]:
    """Return the TOML document in a file. Raises `error`, which names file and line."""
    return parse_toml(read(path, error).decode("utf-8", "replace"), shown(path), error)


def parse_toml(text: str, file: str, error: type[InvalidFile], first_line: int = 1) -> dict[str, Any]:
    """Return the TOML document that begins in line `first_line` of `file`. Raises `error`, which names the line."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        reason, _, place = str(fault).partition(" (at ")
        match = re.match(r"line (\d+)", place)
        last = text.count("\n") + (not text.endswith("\n"))
        line = int(match[1]) if match else last
        raise error(file, f"it is not TOML: {reason[:1].lower()}{reason[1:]}", first_line + line - 1) from fault
