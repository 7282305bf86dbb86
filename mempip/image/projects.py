"""Projects in images: what an installer must know of them, images without some of them, and several images as one."""

from __future__ import annotations

from mempip.image.layout import INDEX_OBJECT
from mempip.image.writer import write_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from mempip.image.layout import Distribution, Entry
    from mempip.image.reader import Image


def describe(image: Image, row: Distribution) -> dict[str, Any]:
    """Return what an installer must know of a distribution in `image`: name, version, requirements (PEP 508)."""
    metadata = _read(image, f"{row.dist_info}/METADATA").decode("utf-8", "replace")
    headers = metadata.replace("\r\n", "\n").partition("\n\n")[0].split("\n")
    requires = [line.partition(":")[2].strip() for line in headers if line.lower().startswith("requires-dist:")]
    return {"name": row.name, "version": row.version, "requires": requires}


def files_without(image: Image, gone: Collection[Distribution]) -> dict[str, Entry | bytes]:
    """Return the files of `image` but for those of some distributions, as `write_index` takes them."""
    objects = {row.object for row in gone}
    written = {path for row in gone for path in recorded(image, row)}
    files: dict[str, Entry | bytes] = {}
    for path, entry in image.walk():
        if entry.object == INDEX_OBJECT:
            if path not in written:
                files[path] = image.read(entry)
        elif entry.object not in objects:
            files[path] = entry
    return files


def merge(images: Sequence[Image], without: Collection[str] = ()) -> tuple[bytes, list[tuple[int, int]]]:
    """Return the index over all projects of `images`, those of a later one in the place of those of the same name.

    Projects whose normalised names are in `without` are left out. Beside the index: where the memory objects that it
    points into are now, each the number of the image and the object's number in that. Raises `InvalidImage` if a path
    is a file in one and a directory in another.
    """
    last = {row.key: number for number, image in enumerate(images) for row in image.distributions}
    files: dict[str, Entry | bytes] = {}
    rows: list[Distribution] = []
    sources: list[tuple[int, int]] = []
    for number, image in enumerate(images):
        kept = [row for row in image.distributions if last[row.key] == number and row.key not in without]
        numbers = {}
        for row in kept:
            sources.append((number, row.object))
            numbers[row.object] = len(sources)  # the index is object 0
            rows.append(row.within(len(sources)))
        for path, found in files_without(image, [row for row in image.distributions if row not in kept]).items():
            files[path] = found if isinstance(found, bytes) else found.within(numbers[found.object])
    return write_index(files, rows), sources


def recorded(image: Image, row: Distribution) -> set[str]:
    """Return the paths in a distribution's RECORD (PEP 376)."""
    import csv

    text = _read(image, f"{row.dist_info}/RECORD").decode("utf-8", "replace")
    return {fields[0] for fields in csv.reader(text.splitlines(keepends=True)) if fields}


def _read(image: Image, path: str) -> bytes:
    entry = image.find(path)
    return b"" if entry is None else image.read(entry)
