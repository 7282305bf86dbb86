"""Makes the index of an image. Pure: files and distributions in, bytes out."""

from __future__ import annotations

import json
import zlib

from mempip.errors import InvalidImage
from mempip.image.layout import (
    DIRECTORY,
    DIRECTORY_KIND,
    HEADER,
    INDEX_OBJECT,
    MAGIC,
    Entry,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mempip.image.layout import Distribution


def write_index(
    files: Mapping[str, Entry | bytes],
    distributions: Iterable[Distribution],
) -> bytes:
    """Return the index over `files`.

    `files` maps paths, relative to the environment's root with ``/`` between components, to the entry that says
    where the bytes are in another memory object, or to the bytes themselves, which then become part of the index.

    Raises `InvalidImage` if a path is both a file and a directory, or is no relative path.
    """
    directories: dict[str, dict[str, Entry]] = {"": {}}
    data = bytearray()
    for path, content in files.items():
        parent, _, name = path.rpartition("/")
        if not name or "\0" in path or path.startswith("/"):
            raise InvalidImage(f"{path!r} is no relative path of a file")
        if isinstance(content, bytes):
            mode = 0o555 if content.startswith(b"#!") else 0o444
            entry = Entry(len(data), len(content), len(content), zlib.crc32(content), object=INDEX_OBJECT, mode=mode)
            data += content
        else:
            entry = content
        if path in directories:
            raise InvalidImage(f"{path!r} is used both as a file and as a directory", path)
        _directory(directories, parent)[name] = entry

    order = sorted(directories)
    numbers = {path: number for number, path in enumerate(order)}
    records, entries, names = bytearray(), bytearray(), bytearray()
    count = 0
    for path in order:
        children = directories[path]
        start = len(names)
        names += "\0".join(sorted(children)).encode()
        records += DIRECTORY.pack(count, len(children), start, len(names) - start)
        for name in sorted(children):
            entry = children[name]
            if entry.kind == DIRECTORY_KIND:
                entry.offset = numbers[f"{path}/{name}" if path else name]
            entries += entry.pack()
        count += len(children)

    paths = "\0".join(order).encode()
    summary = json.dumps({"distributions": [row.to_wire() for row in distributions]}).encode()
    header = HEADER.pack(MAGIC, len(order), count, len(paths), len(names), len(summary), len(data))
    return b"".join((header, records, entries, paths, names, summary, data))


def _directory(directories: dict[str, dict[str, Entry]], path: str) -> dict[str, Entry]:
    """Return the children of the directory at `path`, made together with its parents when new."""
    children = directories.get(path)
    if children is None:
        parent, _, name = path.rpartition("/")
        siblings = _directory(directories, parent)
        if name in ("", ".", "..") or name in siblings:
            raise InvalidImage(f"{path!r} is used both as a file and as a directory, or is no relative path", path)
        siblings[name] = Entry(0, 0, 0, mode=0o555, kind=DIRECTORY_KIND)
        children = directories[path] = {}
    return children
