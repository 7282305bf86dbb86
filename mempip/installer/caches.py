"""What pip downloaded and built before: a read-only view of its HTTP cache and its cache of wheels.

Nothing here is trusted or reported: a file is used if it has a strong hash that was promised, a wheel if this user or
root had pip build it from a source that has one, and anything else is as good as not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.tags import interpreter_name, interpreter_version

from mempip.installer.index.filenames import project_of, wheel_tag
from mempip.installer.requirements.hashes import STRONG_HASHES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.target import Target


class PipCache:
    """pip's cache in a directory: ``None`` for where pip has it, ``""`` for none."""

    def __init__(self, directory: str | None, environ: Mapping[str, str] = os.environ) -> None:
        self._directory = _default(environ) if directory is None else os.path.expanduser(directory)

    def read(self, file: ProjectFile) -> bytes | None:
        """Return all of `file` if it is here and has the strongest hash that was promised."""
        algorithm = self._checked(file)
        if algorithm is None:
            return None
        try:
            with open(self._body(file.url), "rb") as stream:
                if file.size is not None and os.fstat(stream.fileno()).st_size != file.size:
                    return None
                content = stream.read()
        except (OSError, ValueError):
            return None
        return content if hashlib.new(algorithm, content).hexdigest() == file.hashes[algorithm].lower() else None

    def built(self, file: ProjectFile, target: Target) -> tuple[str, bytes] | None:
        """Return name and bytes of the best wheel for `target` that pip built of the source `file`.

        The source had the strongest hash that was promised of `file`; nobody has promised anything of the wheel.
        """
        algorithm = self._checked(file)
        if algorithm is None or file.subdirectory or not target.is_current:
            return None
        directory = self._wheels(file)
        try:
            origin = json.loads(_read_own(directory, "origin.json"))["archive_info"]["hashes"]
            if origin[algorithm] != file.hashes[algorithm].lower():
                return None
            ranks = {name: target.rank(wheel_tag(name) or "") for name in os.listdir(directory)}
            fitting = [
                (rank, name)
                for name, rank in ranks.items()
                if rank is not None and project_of(name) == project_of(file.filename)
            ]
            name = min(fitting)[1]
            return name, _read_own(directory, name)
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def _checked(self, file: ProjectFile) -> str | None:
        """Return the name of the hash to compare, or ``None`` if there is none, or no cache could have the file."""
        if not self._directory or not file.url.lower().startswith(("http:", "https:")):
            return None
        return next((name for name in STRONG_HASHES if name in file.hashes), None)

    def _wheels(self, file: ProjectFile) -> str:
        """Return the directory of the wheels that were built of `file`; pip's layout since 20.0."""
        algorithm, digest = next(iter(file.hashes.items()))
        parts = {
            "url": file.url.partition("#")[0],
            algorithm: digest,
            "interpreter_name": interpreter_name(),
            "interpreter_version": interpreter_version(),
        }
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        name = hashlib.sha224(text.encode()).hexdigest()
        return os.path.join(self._directory, "wheels", name[:2], name[2:4], name[4:6], name[6:])

    def _body(self, url: str) -> str:
        """Return where the body of an answer is; pip's layout since 23.3."""
        parts = urlsplit(url)
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        address = f"{parts.scheme.lower()}://{parts.netloc.lower()}{path}"
        name = hashlib.sha224(address.encode()).hexdigest()
        return os.path.join(self._directory, "http-v2", *name[:5], name + ".body")


def _read_own(directory: str, name: str) -> bytes:
    """Return the contents of a file that nobody but this user and root can have written. Raises `OSError`."""
    with open(os.path.join(directory, name), "rb") as stream:
        for status in (os.stat(directory), os.fstat(stream.fileno())):
            if sys.platform == "win32" or status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
                raise PermissionError(f"others may have written {name}")
        return stream.read()


def _default(environ: Mapping[str, str]) -> str:
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local"), "pip", "Cache")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/pip")
    return os.path.join(os.path.expanduser(environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache"), "pip")
