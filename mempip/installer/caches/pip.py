"""pip's HTTP cache and its cache of wheels that it built."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.tags import interpreter_name, interpreter_version

from mempip.installer.caches.trust import best_wheel, names_in_own, promise, read_own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.target import Target


class PipCache:
    """pip's cache in a directory: ``None`` for where pip has it, ``""`` for none."""

    def __init__(self, directory: str | None, environ: Mapping[str, str]) -> None:
        self._directory = _default(environ) if directory is None else os.path.expanduser(directory)

    def read(self, file: ProjectFile) -> bytes | None:
        """Return all of `file` if it is here and has the strongest hash that was promised."""
        promised = promise(file)
        if not self._directory or promised is None:
            return None
        algorithm, digest = promised
        try:
            with open(self._body(file.url), "rb") as stream:
                if file.size is not None and os.fstat(stream.fileno()).st_size != file.size:
                    return None
                content = stream.read()
        except (OSError, ValueError):
            return None
        return content if hashlib.new(algorithm, content).hexdigest() == digest else None

    def built(self, file: ProjectFile, target: Target) -> tuple[str, bytes] | None:
        """Return name and bytes of the best wheel for `target` that pip built of the source `file`."""
        promised = promise(file)
        if not self._directory or promised is None:
            return None
        algorithm, digest = promised
        try:
            directory = os.path.realpath(self._wheels(file))
            names = names_in_own(directory)
            origin = json.loads(read_own(os.path.join(directory, "origin.json")))["archive_info"]["hashes"]
            if origin[algorithm] != digest:
                return None
            name = best_wheel(names, file, target)
            return name, read_own(os.path.join(directory, name))
        except (OSError, ValueError, LookupError, TypeError):
            return None

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


def _default(environ: Mapping[str, str]) -> str:
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local"), "pip", "Cache")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/pip")
    return os.path.join(os.path.expanduser(environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache"), "pip")
