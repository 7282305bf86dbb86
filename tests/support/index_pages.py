"""The files of the loopback index, and the Simple API pages about them (PEP 503, 691, 700, 714)."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import threading
import zipfile
from email.parser import BytesHeaderParser
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.index_server import Behaviour

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPE = "text/html; charset=utf-8"


class ServedFile:
    """A file and what pages say about it."""

    def __init__(self, content: bytes | Path) -> None:
        self.content = content

    @cached_property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    @cached_property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        with self.open() as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()

    @cached_property
    def metadata(self) -> bytes | None:
        try:
            with self.open() as file, zipfile.ZipFile(file) as archive:
                for name in archive.namelist():
                    if re.fullmatch(r"[^/]+\.dist-info/METADATA", name):
                        return archive.read(name)
        except zipfile.BadZipFile:
            pass
        return None

    @cached_property
    def requires_python(self) -> str:
        return str(BytesHeaderParser().parsebytes(self.metadata or b"").get("Requires-Python", ""))

    def open(self) -> BinaryIO:
        return BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")


class Shelf:
    """Files in a directory, which may change, or in memory. Thread-safe."""

    def __init__(self, files: Path | str | Mapping[str, bytes]) -> None:
        self._directory = Path(files) if isinstance(files, (str, Path)) else None
        self._content = {} if isinstance(files, (str, Path)) else dict(files)
        self._files: dict[str, ServedFile] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """Return the names of all files."""
        if self._directory is None:
            return list(self._content)
        return sorted(entry.name for entry in os.scandir(self._directory) if entry.is_file())

    def get(self, name: str) -> ServedFile | None:
        """Return a file, or None if there is none of that name."""
        with self._lock:
            if name not in self._files:
                if name in self._content:
                    self._files[name] = ServedFile(self._content[name])
                elif self._directory is not None and "/" not in name and (self._directory / name).is_file():
                    self._files[name] = ServedFile(self._directory / name)
            return self._files.get(name)

    def of_project(self, name: str) -> list[str]:
        """Return the names of a project's files."""
        wanted = normalise(name)
        return [filename for filename in self.names() if project_of(filename) == wanted]


def normalise(name: str) -> str:
    """Return a project's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def project_of(filename: str) -> str:
    """Return the normalised name of the project that a file belongs to."""
    stem = re.sub(r"\.(tar\.gz|zip|whl)$", "", filename)
    return normalise(stem.partition("-")[0] if filename.endswith(".whl") else stem.rpartition("-")[0])


def root_page(shelf: Shelf, *, as_json: bool) -> tuple[str, bytes]:
    """Return content type and body of the list of projects."""
    projects = sorted({project_of(name) for name in shelf.names()})
    if as_json:
        page = {"meta": {"api-version": "1.1"}, "projects": [{"name": project} for project in projects]}
        return JSON_TYPE, json.dumps(page).encode()
    links = "".join(f'<a href="{project}/">{project}</a><br>\n' for project in projects)
    return HTML_TYPE, f"<!DOCTYPE html><html><body>\n{links}</body></html>\n".encode()


def project_page(shelf: Shelf, name: str, base: str, behaviour: Behaviour, *, as_json: bool) -> tuple[str, bytes]:
    """Return content type and body of a project's page; files are found below `base`."""
    rows = [
        _row(filename, file, base, behaviour)
        for filename in shelf.of_project(name)
        if (file := shelf.get(filename)) is not None
    ]
    if as_json:
        page = {"meta": {"api-version": "1.1"}, "name": normalise(name), "files": rows}
        return JSON_TYPE, json.dumps(page).encode()
    head = '<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.0"></head>'
    return HTML_TYPE, f"{head}<body>\n{''.join(map(_anchor, rows))}</body></html>\n".encode()


def _row(filename: str, file: ServedFile, base: str, behaviour: Behaviour) -> dict[str, object]:
    row: dict[str, object] = {"filename": filename, "url": f"{base}/files/{quote(filename)}"}
    row["hashes"] = {"sha256": file.sha256} if behaviour.hashes else {}
    requires_python = behaviour.requires_python.get(filename, file.requires_python)
    if requires_python:
        row["requires-python"] = requires_python
    if behaviour.sizes:
        row["size"] = file.size
    if filename in behaviour.upload_times:
        row["upload-time"] = behaviour.upload_times[filename]
    if filename in behaviour.yanked:
        row["yanked"] = behaviour.yanked[filename] or True
    if behaviour.core_metadata and file.metadata is not None:
        row["core-metadata"] = {"sha256": hashlib.sha256(file.metadata).hexdigest()} if behaviour.hashes else True
    return row


def _anchor(row: Mapping[str, object]) -> str:
    hashes, attributes = row["hashes"], ""
    fragment = f"#sha256={hashes['sha256']}" if isinstance(hashes, dict) and hashes else ""
    if "requires-python" in row:
        attributes += f' data-requires-python="{html.escape(str(row["requires-python"]))}"'
    if "yanked" in row:
        attributes += f' data-yanked="{"" if row["yanked"] is True else html.escape(str(row["yanked"]))}"'
    if "core-metadata" in row:
        core = row["core-metadata"]
        attributes += f' data-core-metadata="{"sha256=" + core["sha256"] if isinstance(core, dict) else "true"}"'
    return f'<a href="{row["url"]}{fragment}"{attributes}>{row["filename"]}</a><br>\n'
