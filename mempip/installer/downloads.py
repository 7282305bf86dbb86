"""From chosen candidates to verified wheels: each file is streamed into a memory object, hashed, sealed and checked."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from mempip.errors import HashMismatch
from mempip.installer.requirements.hashes import NO_HASHES, STRONG_HASHES
from mempip.installer.wheels import open_wheel
from mempip_native import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from packaging.utils import NormalizedName

    from mempip.installer.index.model import Candidate, ProjectFile
    from mempip.installer.requirements.hashes import Hashes
    from mempip.installer.transport import Transport
    from mempip.installer.wheels import Wheel
    from mempip_native import Adapter

THREADS = 8
READ_SIZE = 1 << 20  # bytes

#: What is checked of a file whose promises carry no strong hash; a match does not vouch for the file.
WEAK_HASHES = ("sha224", "sha1", "md5")


class Downloaded(Protocol):
    """Called as a download goes on: the file's name, bytes so far, and bytes in all if known."""

    def __call__(self, filename: str, done: int, total: int | None) -> object: ...


class Shelf(Protocol):
    """Wheels that others have fetched before, or fetch at this moment."""

    def obtain(self, sha256: str, filename: str, fetch: Callable[[], int]) -> tuple[int, bool]:
        """Return the sealed object of the file with that hash, and whether somebody else had fetched it.

        `fetch` returns it, verified, if it is to be fetched here. Raises what `fetch` raises, here or elsewhere.
        """


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file in a sealed memory object, its bytes those that were promised."""

    descriptor: int
    sha256: str  #: hex digest, or ``""`` if another hash was promised
    vouched: bool  #: whether a strong hash was promised


def download(
    candidates: Sequence[Candidate],
    transport: Transport,
    adapter: Adapter,
    taken: Callable[[Candidate], bytes | None],
    remade: Callable[[ProjectFile], Wheel | None],
    build: Callable[[Candidate], Wheel],
    progress: Downloaded,
    hashes: Mapping[NormalizedName, Hashes] = MappingProxyType({}),
    shelf: Shelf | None = None,
) -> list[Wheel]:
    """Return the verified wheels of `candidates`, in their order.

    `taken` returns the bytes of a wheel that need not be downloaded; `remade`, of which none are, a wheel with the same
    contents; `build` makes the wheel of a source; `hashes` are what the user allows the files of projects to have;
    `shelf` is asked before anything is fetched.

    Raises what the transport, the checks, builds and the adapter raise, for the first candidate that fails.
    """
    stop = threading.Event()

    def obtain(candidate: Candidate) -> Wheel:
        file = candidate.file
        if not file.is_wheel:
            return build(candidate)
        allowed, whole = hashes.get(candidate.name, NO_HASHES), taken(candidate)
        if whole is None and (wheel := remade(file)) is not None:
            return wheel

        def get() -> Fetched:
            return fetch(file, transport, adapter, progress, allowed, whole, stop)

        fetched = shared(file, allowed, shelf, get)
        wheel = open_wheel(file.filename, fetched.descriptor, fetched.sha256)
        if not fetched.vouched:
            wheel.verify_contents()  # nobody vouched for these bytes: RECORD is all there is to hold them against
        return wheel

    with ThreadPoolExecutor(THREADS, thread_name_prefix="mempip-download") as pool:
        futures = [pool.submit(obtain, candidate) for candidate in candidates]
        wait(futures, return_when=FIRST_EXCEPTION)
        for future in futures:
            if future.done() and future.exception() is not None:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                future.result()
        return [future.result() for future in futures]


class _Stopped(Exception):
    """Another download has failed: this one is of no use."""


def shared(file: ProjectFile, allowed: Hashes, shelf: Shelf | None, fetch: Callable[[], Fetched]) -> Fetched:
    """Return `file` from the `shelf` if it has it, or else what `fetch` returns. Raises `HashMismatch`, and so on.

    The shelf has files by their sha256, so that must be the hash which `fetch` compares.
    """
    if shelf is None or checked(file) != "sha256" or "sha256" not in file.hashes:
        return fetch()
    promised = file.hashes["sha256"].lower()
    descriptor, others = shelf.obtain(promised, file.filename, lambda: fetch().descriptor)
    if others:
        allowed.check(file.filename, digests(descriptor, allowed.allowed))
    return Fetched(descriptor, promised, vouched=True)


def checked(file: ProjectFile) -> str:
    """Return the name of the hash that is taken of `file`: the strongest that is promised."""
    return next((name for name in STRONG_HASHES + WEAK_HASHES if name in file.hashes), "sha256")


def digests(descriptor: int, algorithms: Iterable[str]) -> dict[str, str]:
    """Return the hex digest of an object's bytes by each of the algorithms."""
    running = {name: hashlib.new(name, usedforsecurity=name in STRONG_HASHES) for name in algorithms}
    offset = 0
    while running and (piece := objects.read_at(descriptor, READ_SIZE, offset)):
        offset += len(piece)
        for digest in running.values():
            digest.update(piece)
    return {name: digest.hexdigest() for name, digest in running.items()}


def fetch(
    file: ProjectFile,
    transport: Transport,
    adapter: Adapter,
    progress: Downloaded,
    allowed: Hashes = NO_HASHES,
    whole: bytes | None = None,
    stop: threading.Event | None = None,
) -> Fetched:
    """Stream `file`, or the bytes in `whole` that are all of it, into a memory object, and hash and seal it.

    Raises `HashMismatch`, and what the transport and the adapter raise.
    """
    algorithm = checked(file)
    running = {name: hashlib.new(name, usedforsecurity=name in STRONG_HASHES) for name in (algorithm, *allowed.allowed)}
    descriptor = adapter.allocate(file.filename)
    done = 0

    def take(piece: bytes) -> None:
        nonlocal done
        if stop is not None and stop.is_set():
            raise _Stopped
        for digest in running.values():
            digest.update(piece)
        objects.write(descriptor, piece)
        done += len(piece)
        progress(file.filename, done, file.size)

    if whole is not None:
        take(whole)
    else:
        transport.download(file.url, take, expected_size=file.size)
    descriptor = adapter.seal(descriptor)
    digests = {name: digest.hexdigest() for name, digest in running.items()}
    promised = file.hashes.get(algorithm)
    if promised is not None and digests[algorithm] != promised.lower():
        raise HashMismatch(file.filename, algorithm, promised, digests[algorithm])
    allowed.check(file.filename, digests)
    vouched = bool(allowed) or (promised is not None and algorithm in STRONG_HASHES)
    return Fetched(descriptor, digests.get("sha256", ""), vouched)
