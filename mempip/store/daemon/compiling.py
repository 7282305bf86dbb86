"""Compiles modules of an image, in the processes that do it for the daemon."""

from __future__ import annotations

import marshal
import sys
from typing import TYPE_CHECKING

from mempip.errors import InvalidImage
from mempip.image.code import kind, write_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mempip.image.layout import Entry
    from mempip.image.reader import Image

if sys.platform != "linux":
    raise ImportError("for Linux only")


def compile_all(image: Image, files: Iterable[tuple[str, Entry]], optimize: int) -> bytes:
    """Return the code segment of the modules in `files`, each a path and its entry.

    Modules that do not compile are left out: whoever imports them meets the error.
    """
    codes = {}
    for path, entry in files:
        try:
            code = compile(image.read(entry), path, "exec", dont_inherit=True, optimize=optimize)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, InvalidImage):
            continue
        codes[entry.offset] = marshal.dumps(code)
    return write_segment(kind(optimize), codes)
