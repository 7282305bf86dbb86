"""The virtual environment that a build runs in: real files, in the build's own file system in memory.

Compilers, CMake and their like need no trick then. What may live here: making the environment, and unpacking the
wheels of an image into it.
"""

from __future__ import annotations

import os
import stat
import sys
import venv
from configparser import ConfigParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mempip.image.layout import Entry
    from mempip.image.reader import Image

SCRIPT = """\
#!{python}
import sys
from {module} import {start}
sys.exit({attribute}())
"""


class _CaseKept(ConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


class BuildEnvironment:
    """A new virtual environment at `directory`, of the interpreter that runs this code."""

    def __init__(self, directory: str) -> None:
        venv.EnvBuilder(symlinks=True, with_pip=False).create(directory)
        self.scripts = os.path.join(directory, "bin")
        self.python = os.path.join(self.scripts, "python")
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        self._root = directory
        self._packages = os.path.join(directory, "lib", version, "site-packages")

    def install(self, image: Image) -> None:
        """Unpack all distributions of `image`, which replace what is there, and make their console scripts."""
        for path, entry in image.walk():
            self._write(path, entry, image)
        for distribution in image.distributions:
            entry_points = image.find(f"{distribution.dist_info}/entry_points.txt")
            if entry_points is not None:
                self._write_scripts(image.read(entry_points).decode())

    def _write(self, path: str, entry: Entry, image: Image) -> None:
        in_scripts = path.startswith("bin/")
        target = os.path.join(self._root if in_scripts else self._packages, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            pieces = list(image.pieces(entry))
            if in_scripts and pieces and pieces[0].startswith(b"#!python"):
                pieces[0] = f"#!{self.python}".encode() + pieces[0][len(b"#!python") :]
            file.writelines(pieces)
        if in_scripts or entry.mode & stat.S_IXUSR:
            os.chmod(target, 0o755)  # noqa: S103 - an executable in a private directory

    def _write_scripts(self, entry_points: str) -> None:
        """Write what the entry points specification wants for ``console_scripts``."""
        parser = _CaseKept(delimiters=("=",), interpolation=None, strict=False)
        parser.read_string(entry_points)
        if not parser.has_section("console_scripts"):
            return
        for name, value in parser.items("console_scripts"):
            module, _, attribute = value.partition("[")[0].strip().partition(":")
            start = attribute.partition(".")[0]
            target = os.path.join(self.scripts, name)
            with open(target, "w", encoding="utf-8") as file:
                file.write(SCRIPT.format(python=self.python, module=module, start=start, attribute=attribute))
            os.chmod(target, 0o755)  # noqa: S103 - an executable in a private directory
