"""What `Transport` does with ``file:`` URLs: the same questions, asked of the file system. Reads only."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from mempip.errors import IndexUnavailable
from mempip.installer.transport.addresses import path_of
from mempip_native import objects

if TYPE_CHECKING:
    from collections.abc import Callable

READ_SIZE = 1024 * 1024


def page(url: str, limit: int) -> tuple[int, str, bytes]:
    """Return status, content type and body of a page: a file, a directory's index.html, or a list of its files."""
    path = path_of(url)
    if os.path.isdir(path):
        index = os.path.join(path, "index.html")
        if not os.path.isfile(index):
            return 200, "text/html", _listing(path)
        path = index
    try:
        with _opened(path) as file:
            body = file.read(limit + 1)
    except FileNotFoundError:
        return 404, "", b""
    except (OSError, ValueError) as fault:
        raise _unreadable(url, fault) from fault
    if len(body) > limit:
        raise IndexUnavailable(url, f"the page is larger than {limit} bytes")
    return 200, "application/json" if path.endswith(".json") else "text/html", body


def part(url: str, start: int, end: int | None, suffix: int | None) -> tuple[bytes, int]:
    """Return some bytes of a file and the size of all of it."""
    try:
        with _opened(path_of(url)) as file:
            size = file.seek(0, os.SEEK_END)
            if suffix is not None:
                start, end = max(size - suffix, 0), size
            file.seek(start)
            return file.read(-1 if end is None else end - start), size
    except (OSError, ValueError) as fault:
        raise _unreadable(url, fault) from fault


def copy(url: str, take: Callable[[bytes], object]) -> None:
    """Pass a file's bytes to `take`, piece by piece."""
    try:
        with _opened(path_of(url)) as file:
            while piece := file.read(READ_SIZE):
                take(piece)
    except (OSError, ValueError) as fault:
        raise _unreadable(url, fault) from fault


def _opened(path: str) -> BinaryIO:
    """Open a file for reading; not what only looks like one and may block for ever, such as a pipe."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return open(path, "rb")


def _unreadable(url: str, fault: OSError | ValueError) -> Exception:
    """Put into words why a file cannot be read; `ValueError` is for paths that cannot be, with a NUL inside.

    That this process has no descriptor left is not the file's fault, and stays an `OSError`.
    """
    if objects.exhausted(fault):
        return fault
    return IndexUnavailable(url, getattr(fault, "strerror", None) or str(fault))


def _listing(path: str) -> bytes:
    import html

    names = sorted(entry.name + "/" * entry.is_dir() for entry in os.scandir(path))
    rows = (f'<a href="{html.escape(quote(name))}">{html.escape(name)}</a>\n' for name in names)
    return ("<!DOCTYPE html>\n" + "".join(rows)).encode()
