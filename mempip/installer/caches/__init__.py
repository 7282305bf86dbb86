"""What pip and uv downloaded and built before: read-only views of their caches.

Nothing in them is reported, and what cannot be used is as good as not there. What is trusted is in `trust.py`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mempip.installer.caches.pip import PipCache
from mempip.installer.caches.uv import UvCache, uv_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.target import Target

__all__ = ["Caches"]


class Caches:
    """All caches. `directory` is that of pip's: ``None`` for where pip has it, ``""`` for no cache at all."""

    def __init__(self, directory: str | None, environ: Mapping[str, str] = os.environ) -> None:
        self._pip = PipCache(directory, environ)
        self._uv = UvCache("" if directory == "" else uv_directory(environ))

    def read(self, file: ProjectFile) -> bytes | None:
        """Return all of `file` if it is here and has the strongest hash that was promised."""
        return self._pip.read(file)

    def unpacked(self, file: ProjectFile) -> Iterator[bytes] | None:
        """Return the bytes of a wheel with what was in the wheel `file`, which had the strongest promised hash.

        Nobody has promised anything of these bytes. They raise `WheelRefused` if they cannot be had after all.
        """
        return self._uv.unpacked(file)

    def built(self, file: ProjectFile, target: Target) -> tuple[str, bytes] | None:
        """Return name and bytes of the best wheel for `target` that pip, or else uv, built of the source `file`.

        The source had the strongest hash that was promised of `file`; nobody has promised anything of the wheel.
        """
        if file.subdirectory or not target.is_current:
            return None
        return self._pip.built(file, target) or self._uv.built(file, target)
