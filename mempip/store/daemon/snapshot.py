"""What a daemon keeps, in a file: written whole or not at all, and believed only as far as it can be checked.

In this order:

``HEADER``
    magic, sha256 of *contents*, length of *contents* (bytes).
contents
    JSON: ``objects`` (size in bytes and hex sha256 of each), ``wheels``, ``images`` and ``environments``, which refer
    to objects and wheels by their numbers.
objects
    the bytes of each, one after the other.

Every object is checked against its hash when the file is read. That shows the bytes to be those that were written, and
a wheel's to be those that were verified. Images, code and libraries have no other witness than the file: of a file that
another user could have written, only the wheels are taken.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import stat
import struct
import sys
import time
from typing import TYPE_CHECKING

import mempip_native
from mempip.errors import SnapshotFailed
from mempip.image.code import kind
from mempip.store.daemon.keep import Kept, Named, Wheel
from mempip.store.daemon.objects import PIECE, Held, gather, pieces
from mempip.store.daemon.requests import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, BinaryIO, Final

    from mempip.store.daemon.keep import Companion, Keep
    from mempip_native import Adapter

if sys.platform != "linux":
    raise ImportError("for Linux only")

MAGIC: Final = b"mempips\x01"
HEADER: Final = struct.Struct("<8s32sQ")
MOST_CONTENTS: Final = 64 << 20  # bytes


def describe(keep: Keep) -> tuple[dict[str, Any], list[Held]]:
    """Return what is kept as a JSON-able dictionary, ``wheels`` and the like, and the objects that it refers to."""
    objects: list[Held] = []

    def number(held: Held) -> int:
        objects.append(held)
        return len(objects) - 1

    def companions(of: dict[int, Companion], name: Callable[[int], str]) -> dict[str, int]:
        return {name(key): number(held) for key, held in of.items() if isinstance(held, Held)}

    def image(kept: Kept) -> dict[str, Any]:
        return {
            "index": number(kept.index),
            "wheels": [numbers[wheel.sha256] for wheel in kept.wheels],
            "satisfied": list(kept.satisfied),
            "made": time.time() - (keep.clock() - kept.made),
        }

    wheels = list(keep.wheels.values())
    numbers = {wheel.sha256: place for place, wheel in enumerate(wheels)}
    contents = {
        "wheels": [
            {
                "filename": wheel.filename,
                "owner": wheel.owner,
                "object": number(wheel.held),
                "code": companions(wheel.code, kind),
                "libraries": companions(wheel.libraries, str),
            }
            for wheel in wheels
        ],
        "images": [
            {"key": key, **image(kept)}
            for key, kept in keep.images.items()
            if all(wheel.sha256 in numbers for wheel in kept.wheels)
        ],
        "environments": [
            {"name": name, "version": named.version, "owner": named.owner, **image(named.kept)}
            for name, named in keep.environments.items()
        ],
    }
    return contents, objects


def write(path: str, contents: dict[str, Any], objects: Sequence[int]) -> int:
    """Write a snapshot of `contents` and the memory `objects` to `path`; return its size in bytes.

    A file that is there is replaced at once when the new one is complete and on the disk; until then that is at
    ``PATH.part``. Raises `SnapshotFailed`.
    """
    rows = [(mempip_native.objects.status(one).st_size, _digest(one)) for one in objects]
    body = json.dumps({**contents, "objects": rows}, separators=(",", ":")).encode()
    part = f"{path}.part"
    try:
        with _alone(part) as file:
            file.write(HEADER.pack(MAGIC, hashlib.sha256(body).digest(), len(body)) + body)
            for one in objects:
                for piece in pieces(one):
                    file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            os.replace(part, path)
            _sync_directory(path)
            return file.tell()
    except OSError as error:
        raise SnapshotFailed(path, error.strerror or str(error)) from error


@contextlib.contextmanager
def _alone(part: str) -> Iterator[BinaryIO]:
    """Open a file that nobody else writes at the same time, and remove it if it cannot be completed."""
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:
        if not _lock(descriptor, part):
            raise SnapshotFailed(part, "another process writes it")
        file.truncate(0)
        try:
            yield file
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise


def _lock(descriptor: int, part: str) -> bool:
    """Return whether the open file is this process's alone, and still has its name: it gets another when complete."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), os.stat(part))
    except (BlockingIOError, FileNotFoundError):
        return False


def _sync_directory(path: str) -> None:
    descriptor = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(descriptor: int) -> str:
    digest = hashlib.sha256()
    for piece in pieces(descriptor):
        digest.update(piece)
    return digest.hexdigest()


def restore(path: str, keep: Keep, adapter: Adapter) -> bool:
    """Put into `keep` what the snapshot at `path` has; return whether the file was believed in all.

    Raises `SnapshotFailed` if the file is damaged or cannot be read; then nothing was put there.
    """
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_CLOEXEC)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SnapshotFailed(path, "it is no regular file")
            if status.st_size > keep.limits.bytes:
                raise SnapshotFailed(path, f"its {status.st_size} bytes are more than may be kept (--memory)")
            contents = _contents(path, file)
            objects = [_object(path, file, adapter, *row) for row in contents["objects"]]
            if file.read(1):
                raise SnapshotFailed(path, "there is more in it than it says")
        ours = status.st_uid in (os.geteuid(), 0) and not status.st_mode & 0o022
        wheels = [_wheel(row, contents["objects"], objects, whole=ours) for row in contents["wheels"]]
        images = {row["key"]: _image(row, wheels, objects, keep, adapter) for row in contents["images"] if ours}
        environments = {
            row["name"]: Named(_image(row, wheels, objects, keep, adapter), row["version"], row["owner"])
            for row in contents["environments"]
            if ours
        }
    except OSError as error:
        raise SnapshotFailed(path, error.strerror or str(error)) from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise SnapshotFailed(path, f"it makes no sense ({type(error).__name__}: {error})") from error
    keep.wheels.update((wheel.sha256, wheel) for wheel in wheels)
    keep.images.update(images)
    keep.environments.update(environments)
    keep.forget_images()
    keep.make_room()
    return ours


def _contents(path: str, file: BinaryIO) -> dict[str, Any]:
    head = file.read(HEADER.size)
    if len(head) < HEADER.size or not head.startswith(MAGIC):
        raise SnapshotFailed(path, "it is no snapshot, or one of another version of mempip")
    _, digest, length = HEADER.unpack(head)
    if length > MOST_CONTENTS:
        raise SnapshotFailed(path, f"its list of contents, of {length} bytes, is too large")
    body = file.read(length)
    if hashlib.sha256(body).digest() != digest:
        raise SnapshotFailed(path, "its list of contents is damaged")
    contents: dict[str, Any] = json.loads(body)
    return contents


def _object(path: str, file: BinaryIO, adapter: Adapter, size: int, sha256: str) -> Held:
    """Return the object that comes next in the file, in memory."""
    start = file.tell()

    def parts() -> Iterator[bytes]:
        while part := file.read(min(PIECE, start + size - file.tell())):
            yield part

    descriptor = gather(parts(), sha256, adapter, "mempip-restored")
    if descriptor is None:
        cut_off = file.tell() < start + size
        raise SnapshotFailed(path, "it is cut off" if cut_off else "what it holds is damaged")
    return Held(descriptor)


def _wheel(row: dict[str, Any], rows: Sequence[tuple[int, str]], objects: Sequence[Held], *, whole: bool) -> Wheel:
    """Return a wheel with its companions, or, unless `whole`, without: they are as good as whoever wrote the file."""
    wheel = Wheel(rows[row["object"]][1], row["filename"], objects[row["object"]], row["owner"])
    if whole:
        code = row["code"]
        wheel.code.update((level, objects[code[kind(level)]]) for level in LEVELS if kind(level) in code)
        wheel.libraries.update((int(place), objects[number]) for place, number in row["libraries"].items())
    return wheel


def _image(row: dict[str, Any], wheels: Sequence[Wheel], objects: Sequence[Held], keep: Keep, adapter: Adapter) -> Kept:
    age = max(0.0, time.time() - row["made"])
    theirs = [wheels[number] for number in row["wheels"]]
    return Kept(objects[row["index"]], theirs, adapter.name, row["satisfied"], keep.clock() - age)
