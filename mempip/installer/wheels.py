"""Wheels: bytes that have been verified. There is no unverified `Wheel`.

The binary distribution format specification (PEP 427), RECORD (PEP 376, PEP 627) and the limits that keep a
hostile archive from doing harm live here.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import stat
import struct
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

import mempip_native
from mempip.errors import InvalidImage, WheelRefused
from mempip.image import contents
from mempip.image.layout import DEFLATED, STORED, Entry
from mempip.installer.headers import header_value
from mempip_native import objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mempip_native import Adapter

MAX_MEMBERS = 500_000
MAX_MEMBER = 8 << 30  # bytes of one member, inflated
#: An archive may inflate to this many times its own size, and a bit: real wheels stay below 20.
MAX_RATIO, RATIO_ALLOWANCE = 100, 256 << 20

_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED = 0x1
_UTF8 = 0x800
_MAX_NAME = 4096  # bytes, a path's limit on disk
#: What RECORD may use (PEP 627: sha256 or better) → bytes of a digest.
_DIGEST_SIZES = {name: hashlib.new(name).digest_size for name in ("sha256", "sha384", "sha512", "blake2b", "blake2s")}
_UNRECORDED = {"RECORD", "RECORD.jws", "RECORD.p7s"}


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a wheel: where its bytes are in the archive, and what RECORD says of them."""

    name: str
    entry: Entry
    algorithm: str = ""
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip archive whose members' names, places and sizes have been checked; what RECORD says is not known yet."""

    filename: str
    descriptor: int
    members: Mapping[str, Member]

    def read(self, name: str) -> bytes:
        """Return the contents of a member. Raises `WheelRefused` if they are not as the archive promises."""
        return b"".join(self.pieces(self.members[name]))

    def pieces(self, member: Member) -> Iterator[bytes]:
        """Yield the contents of `member` piece by piece. Raises like `read`."""
        try:
            yield from contents.pieces(self.descriptor, member.entry)
        except InvalidImage as error:
            raise WheelRefused(self.filename, error.reason, member.name) from error


@dataclass(frozen=True, slots=True)
class Wheel(Archive):
    """A wheel whose archive, names, sizes and RECORD have been checked.

    ``descriptor``: the sealed memory object that holds the file, verbatim. ``members`` leaves directories out.
    """

    name: str  #: as METADATA spells it
    version: str
    dist_info: str
    sha256: str  #: hex digest of the file, or ``""`` if the index promised another kind

    def verify_contents(self) -> None:
        """Inflate every member and compare it with its CRC and with RECORD's hash.

        Raises `WheelRefused` that names the first member which differs.
        """
        for member in self.members.values():
            digest = hashlib.new(member.algorithm or "sha256")
            for piece in self.pieces(member):
                digest.update(piece)
            if member.algorithm and digest.digest() != member.digest:
                raise WheelRefused(self.filename, f"its contents do not have RECORD's {member.algorithm}", member.name)


def open_wheel(filename: str, descriptor: int, sha256: str = "") -> Wheel:
    """Check the archive in `descriptor` and return it as a `Wheel`.

    Its hash has been compared with the index's before. Raises `WheelRefused` that names the member and the reason.
    """
    size = objects.status(descriptor).st_size
    with objects.reader(descriptor) as stream:
        try:
            infos = zipfile.ZipFile(stream).infolist()
        except (zipfile.BadZipFile, EOFError, struct.error, ValueError, NotImplementedError, OSError) as error:
            if objects.exhausted(error):
                raise
            raise WheelRefused(filename, f"it is not a complete zip archive ({error})") from error
    if len(infos) > MAX_MEMBERS:
        raise WheelRefused(filename, f"it has {len(infos)} members, more than {MAX_MEMBERS}")
    total = sum(info.file_size for info in infos)
    if total > most_inflated(size):
        largest = max(infos, key=lambda info: info.file_size)
        raise WheelRefused(filename, f"{size} bytes would inflate to {total}: a zip bomb", largest.filename)

    members: dict[str, Member] = {}
    for info, entry in _entries(filename, descriptor, size, infos):
        if info.filename in members:
            raise WheelRefused(filename, "the archive has it twice", info.filename)
        members[info.filename] = Member(info.filename, entry)
    archive = Archive(filename, descriptor, members)
    dist_info = _dist_info(archive)
    _check_wheel_version(archive, dist_info)
    name, version = _identity(archive, dist_info)
    return Wheel(filename, descriptor, _recorded(archive, dist_info), name, version, dist_info, sha256)


def verified_wheel(filename: str, pieces: Iterable[bytes], adapter: Adapter) -> Wheel:
    """Return `pieces`, for which nobody vouches, as a wheel whose contents are those that RECORD promises.

    Raises `WheelRefused`, and what `pieces` and the adapter raise; no object is left then.
    """
    descriptor = mempip_native.sealed(adapter, filename, pieces)
    try:
        wheel = open_wheel(filename, descriptor)
        wheel.verify_contents()
    except BaseException:
        objects.close(descriptor)
        raise
    return wheel


def most_inflated(size: int) -> int:
    """Return how many bytes there may be in a wheel of `size` bytes."""
    return MAX_RATIO * size + RATIO_ALLOWANCE


# --- the archive ---------------------------------------------------------------------------------


def _entries(
    filename: str, descriptor: int, size: int, infos: list[zipfile.ZipInfo]
) -> Iterator[tuple[zipfile.ZipInfo, Entry]]:
    """Yield every file of the archive with its checked place in it."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        _check_name(filename, info)
        if info.header_offset < end:
            raise WheelRefused(filename, "it overlaps the member before it", info.filename)
        name = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
        header = objects.read_at(descriptor, _LOCAL_HEADER.size + len(name), info.header_offset)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            raise WheelRefused(filename, "its local header is missing", info.filename)
        *_, name_length, extra_length = _LOCAL_HEADER.unpack_from(header)
        if name_length != len(name) or header[_LOCAL_HEADER.size :] != name:
            raise WheelRefused(filename, "its local header gives it another name", info.filename)
        start = info.header_offset + _LOCAL_HEADER.size + name_length + extra_length
        end = start + info.compress_size
        if end > size:
            raise WheelRefused(filename, "the archive ends before it does", info.filename)
        if info.is_dir():
            continue
        if info.compress_type == STORED and info.compress_size != info.file_size:
            raise WheelRefused(filename, "it is stored with two different sizes", info.filename)
        mode = (info.external_attr >> 16) & 0o777 or 0o644
        yield (
            info,
            Entry(
                offset=start,
                stored=info.compress_size,
                size=info.file_size,
                crc=info.CRC,
                mtime=_timestamp(info.date_time),
                mode=mode,
                method=info.compress_type,
            ),
        )


def _check_name(filename: str, info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = name.removesuffix("/").split("/")
    reason = ""
    if name.startswith(("/", "\\")) or ".." in parts or "\\" in name or ":" in parts[0]:
        reason = "its path leads out of the wheel"
    elif not name or len(name) > _MAX_NAME or "\0" in name or "" in parts or "." in parts:
        reason = "its name is no clean relative path"
    elif stat.S_ISLNK(info.external_attr >> 16):
        reason = "it is a symbolic link"
    elif info.flag_bits & _ENCRYPTED:
        reason = "it is encrypted"
    elif info.compress_type not in (STORED, DEFLATED):
        reason = f"it is compressed by method {info.compress_type}; wheels use stored or deflate"
    elif info.file_size > MAX_MEMBER:
        reason = f"it would inflate to {info.file_size} bytes, more than {MAX_MEMBER}"
    if reason:
        raise WheelRefused(filename, reason, name)


def _timestamp(date_time: tuple[int, int, int, int, int, int]) -> int:
    try:
        return max(0, int(time.mktime((*date_time, 0, 0, -1))))
    except (ValueError, OverflowError):
        return 0


# --- dist-info -----------------------------------------------------------------------------------


def _dist_info(archive: Archive) -> str:
    tops = {name.split("/", 1)[0] for name in archive.members}
    found = [top for top in tops if top.endswith(".dist-info")]
    if len(found) != 1:
        raise WheelRefused(archive.filename, f"it has {len(found)} .dist-info directories where a wheel has one")
    for required in ("METADATA", "RECORD", "WHEEL"):
        if f"{found[0]}/{required}" not in archive.members:
            raise WheelRefused(archive.filename, "the wheel lacks it", f"{found[0]}/{required}")
    return found[0]


def _check_wheel_version(archive: Archive, dist_info: str) -> None:
    member = f"{dist_info}/WHEEL"
    version = header_value(archive.read(member), "wheel-version")
    if version.split(".")[0] != "1":
        reason = f"Wheel-Version is {version or 'missing'}; this installer knows version 1"
        raise WheelRefused(archive.filename, reason, member)


def _identity(archive: Archive, dist_info: str) -> tuple[str, str]:
    """Return METADATA's name and version after comparing them with the file name's."""
    member = f"{dist_info}/METADATA"
    metadata = archive.read(member)
    name, version = header_value(metadata, "name"), header_value(metadata, "version")
    expected_name, expected_version, _, _ = parse_wheel_filename(archive.filename)
    directory_name, _, directory_version = dist_info.removesuffix(".dist-info").rpartition("-")
    if not _same(directory_name, directory_version, expected_name, expected_version):
        raise WheelRefused(archive.filename, "its .dist-info directory is another project's or version's", dist_info)
    if not _same(name, version, expected_name, expected_version):
        raise WheelRefused(archive.filename, f"METADATA says it is {name or '?'} {version or '?'}", member)
    return name, version


def _same(name: str, version: str, expected_name: str, expected_version: Version) -> bool:
    try:
        return canonicalize_name(name) == expected_name and Version(version) == expected_version
    except InvalidVersion:
        return False


# --- RECORD ----------------------------------------------------------------------------------------


def _recorded(archive: Archive, dist_info: str) -> dict[str, Member]:
    """Return the members together with what RECORD says of each, after comparing the two lists."""
    record = f"{dist_info}/RECORD"
    try:
        rows = list(csv.reader(io.StringIO(archive.read(record).decode("utf-8"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise WheelRefused(archive.filename, f"it cannot be read ({error})", record) from error
    unrecorded = {f"{dist_info}/{name}" for name in _UNRECORDED}
    members: dict[str, Member] = {}
    for row in filter(None, rows):
        if len(row) != 3:
            raise WheelRefused(archive.filename, f"the row {row!r} does not have three columns", record)
        path, hash_column, size_column = row
        member = archive.members.get(path)
        if member is None:
            if path.endswith("/"):
                continue
            raise WheelRefused(archive.filename, "RECORD lists it and the archive does not have it", path)
        if path in unrecorded:
            continue
        if size_column and size_column != str(member.entry.size):
            reason = f"RECORD says {size_column} bytes, the archive {member.entry.size}"
            raise WheelRefused(archive.filename, reason, path)
        members[path] = Member(path, member.entry, *_parse_hash(archive.filename, path, hash_column))
    for path, member in archive.members.items():
        if path in unrecorded:
            members[path] = member
        elif path not in members:
            raise WheelRefused(archive.filename, "the archive has it and RECORD does not list it", path)
    return members


def _parse_hash(filename: str, path: str, column: str) -> tuple[str, bytes]:
    algorithm, _, encoded = column.partition("=")
    if algorithm not in _DIGEST_SIZES:
        raise WheelRefused(filename, f"RECORD's hash {column!r} is missing or weaker than sha256", path)
    try:
        digest = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        digest = b""
    if len(digest) != _DIGEST_SIZES[algorithm]:
        raise WheelRefused(filename, f"RECORD's hash {column!r} is malformed", path)
    return algorithm, digest
