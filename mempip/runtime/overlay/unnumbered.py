"""Streams over files of an environment on systems where memory objects have no descriptors.

They are `io`'s own buffered and text streams; ``fileno()`` of them raises, as `io.BytesIO`'s does.
"""

from __future__ import annotations

import io
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mempip.runtime.overlay.tree import Location


def open(  # noqa: A001 - it is what the builtin of that name does
    location: Location, mode: str, buffering: int, encoding: str | None, errors: str | None, newline: str | None
) -> Any:
    """Return what the builtin ``open`` returns for the file at `location`. Raises as that does."""
    flags = os.O_RDONLY
    if set(mode) & set("wax+"):
        flags = os.O_RDWR | (os.O_CREAT if set(mode) & set("wax") else 0)
        if "x" in mode:
            flags |= os.O_EXCL
    raw = _Raw(location.read(flags), location.path)
    if "b" in mode:
        return raw if buffering == 0 else io.BufferedReader(raw)
    text = io.TextIOWrapper(io.BufferedReader(raw), encoding, errors, newline, line_buffering=buffering == 1)
    text.mode = mode  # type: ignore[misc]
    return text


class _Raw(io.RawIOBase):
    """The bytes of a file, read only, under the name by which it was opened."""

    mode = "rb"

    def __init__(self, data: bytes, name: Any) -> None:
        self.name = name
        self._bytes = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._bytes.seek(offset, whence)

    def tell(self) -> int:
        return self._bytes.tell()

    def readinto(self, buffer: Any) -> int:
        return self._bytes.readinto(buffer)
