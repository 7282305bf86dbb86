"""The virtual environment that a build runs in: real files, in the build's own file system in memory.

Compilers, CMake and their like need no trick then. What may live here: making the environment, and unpacking the
wheels of an image into it.
"""

from __future__ import annotations

import os
import stat
import sys
import venv
from typing import TYPE_CHECKING

from mempip.installer.scripts import shebang

if TYPE_CHECKING:
    from mempip.image.layout import Entry
    from mempip.image.reader import Image


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
        """Unpack all distributions of `image`, which replace what is there; their scripts run in the environment."""
        for path, entry in image.walk():
            self._write(path, entry, image)

    def _write(self, path: str, entry: Entry, image: Image) -> None:
        in_scripts = path.startswith("bin/")
        target = os.path.join(self._root if in_scripts else self._packages, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            pieces = list(image.pieces(entry))
            if in_scripts and pieces:
                for theirs in (shebang(), b"#!python\n"):
                    if pieces[0].startswith(theirs):
                        pieces[0] = shebang(self.python) + pieces[0][len(theirs) :]
            file.writelines(pieces)
        if in_scripts or entry.mode & stat.S_IXUSR:
            os.chmod(target, 0o755)  # noqa: S103 - an executable in a private directory
