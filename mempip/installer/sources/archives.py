"""Source archives: tar and zip files that nobody has looked into yet.

Links and permissions follow PEP 721 (`tarfile.data_filter`); the limits keep a hostile archive from doing harm.
"""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
from typing import TYPE_CHECKING

from mempip.errors import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


MAX_MEMBERS = 200_000
MAX_TOTAL = 4 << 30  # bytes, unpacked
MAX_PKG_INFO = 16 << 20

_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError)


def unpack(name: str, stream: BinaryIO, directory: str) -> str:
    """Unpack an archive into `directory`, which is empty; return the path of the project's own directory in it.

    That is the only thing at the top of the archive (PEP 625), or `directory` itself if there are several. `name` is
    the archive's file name. Raises `SourceRefused` that names the member and the reason.
    """
    budget = _Budget(name)
    try:
        if name.endswith(".zip"):
            _unpack_zip(name, stream, directory, budget)
        else:
            _unpack_tar(name, stream, directory, budget)
    except _DAMAGED as error:
        raise SourceRefused(name, f"it cannot be unpacked ({error})") from error
    top = [os.path.join(directory, entry) for entry in os.listdir(directory)]
    return top[0] if len(top) == 1 and os.path.isdir(top[0]) else directory


def pkg_info(name: str, stream: BinaryIO) -> bytes | None:
    """Return the ``PKG-INFO`` at the top of an sdist, or ``None`` if it has none. Raises `SourceRefused`."""
    try:
        return next(_pkg_infos(name, stream), None)
    except _DAMAGED as error:
        raise SourceRefused(name, f"it is not a complete archive ({error})") from error


class _Budget:
    """How much an archive may still unpack to."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._members = MAX_MEMBERS
        self._bytes = MAX_TOTAL

    def take(self, member: str, size: int) -> None:
        self._members -= 1
        self._bytes -= size
        if self._members < 0:
            raise SourceRefused(self._name, f"it has more than {MAX_MEMBERS} members", member)
        if self._bytes < 0:
            raise SourceRefused(self._name, f"it unpacks to more than {MAX_TOTAL} bytes", member)


def _unpack_tar(name: str, stream: BinaryIO, directory: str, budget: _Budget) -> None:
    def checked(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
        budget.take(member.name, member.size)
        try:
            return tarfile.data_filter(member, path)
        except tarfile.FilterError as error:
            raise SourceRefused(name, str(error), member.name) from error

    with tarfile.open(fileobj=stream, mode="r:*") as archive:
        archive.errorlevel = 1
        archive.extractall(directory, filter=checked)  # noqa: S202 - this is the checking filter


def _unpack_zip(name: str, stream: BinaryIO, directory: str, budget: _Budget) -> None:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            budget.take(member.filename, member.file_size)
            mode = member.external_attr >> 16
            inside = os.path.normpath(member.filename)
            if os.path.isabs(inside) or inside.startswith("..") or "\\" in inside or stat.S_ISLNK(mode):
                raise SourceRefused(name, "it leads out of the archive, or is a link", member.filename)
            path = archive.extract(member, directory)
            if mode & 0o100 and not member.is_dir():
                os.chmod(path, 0o755)  # noqa: S103 - in a private directory


def _pkg_infos(name: str, stream: BinaryIO) -> Iterator[bytes]:
    if name.endswith(".zip"):
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                if _is_pkg_info(member.filename) and member.file_size <= MAX_PKG_INFO:
                    yield archive.read(member)
        return
    with tarfile.open(fileobj=stream, mode="r:*") as tar:
        for info in tar:
            if _is_pkg_info(info.name) and info.isreg() and info.size <= MAX_PKG_INFO:
                content = tar.extractfile(info)
                if content is not None:
                    yield content.read()


def _is_pkg_info(path: str) -> bool:
    return os.path.normpath(path).count("/") == 1 and path.endswith("/PKG-INFO")
