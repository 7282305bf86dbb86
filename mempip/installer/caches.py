"""Files that pip downloaded before: a read-only view of its HTTP cache.

Nothing here is trusted or reported: what is in a cache is used if it has a strong hash that was promised, and is
otherwise as good as not there. uv's cache is of no use: its archives are unpacked, so no promised hash can be checked.
"""

from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mempip.installer.downloads import STRONG_HASHES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mempip.installer.index.model import ProjectFile


class PipCache:
    """pip's cache in a directory: ``None`` for where pip has it, ``""`` for none."""

    def __init__(self, directory: str | None, environ: Mapping[str, str] = os.environ) -> None:
        self._directory = _default(environ) if directory is None else os.path.expanduser(directory)

    def read(self, file: ProjectFile) -> bytes | None:
        """Return all of `file` if it is here and has the strongest hash that was promised."""
        algorithm = next((name for name in STRONG_HASHES if name in file.hashes), None)
        if algorithm is None or not self._directory or not file.url.lower().startswith(("http:", "https:")):
            return None
        try:
            with open(self._body(file.url), "rb") as stream:
                if file.size is not None and os.fstat(stream.fileno()).st_size != file.size:
                    return None
                content = stream.read()
        except (OSError, ValueError):
            return None
        return content if hashlib.new(algorithm, content).hexdigest() == file.hashes[algorithm].lower() else None

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
