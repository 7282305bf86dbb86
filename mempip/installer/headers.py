"""METADATA and WHEEL, which are headers and perhaps a body (RFC 822), read by hand. Pure functions.

`email` takes 40 times as long for a header, reads bodies of any length before it, and takes long to be imported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_EMPTY_LINE = re.compile(rb"\n\r?\n")


def scan_header(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield the fields of the header, names in lower case, up to the first empty line."""
    field, value = "", ""
    for line in _text(_split(raw)[0]).split("\n"):
        if line[:1] in (" ", "\t"):
            value += "\n" + line
            continue
        if field:
            yield field, value.strip()
        field, colon, value = line.partition(":")
        field = field.lower() if colon else ""
    if field:
        yield field, value.strip()


def header_value(raw: bytes, field: str) -> str:
    """Return the value of the first `field`, a name in lower case; empty if there is none."""
    return next((value for name, value in scan_header(raw) if name == field), "")


def body(raw: bytes) -> str:
    """Return what follows the first empty line."""
    return _text(_split(raw)[1])


def _split(raw: bytes) -> tuple[bytes, bytes]:
    raw = b"\n" + raw  # the first line may be empty
    end = _EMPTY_LINE.search(raw)
    return (raw[1:], b"") if end is None else (raw[1 : end.start()], raw[end.end() :])


def _text(raw: bytes) -> str:
    return raw.replace(b"\r\n", b"\n").decode("utf-8", errors="replace")
