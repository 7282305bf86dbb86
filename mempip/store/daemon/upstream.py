"""What machines share in Redis or Valkey: wheels by their sha256, checked against it again on arrival, and texts.

The only module that knows redis. Under the hash of a wheel, or the name of a text, and in one slot of a cluster, are

``mempip:1:{SHA256}``
    the wheel, a list of pieces. It is made under another name and renamed, so it is there whole or not at all.
``mempip:1:text:{NAME}``
    the text, until it expires. What it is worth is for whoever reads it (`mempip.store.daemon.resolutions`).
``mempip:1:{SHA256}:lease``, ``mempip:1:text:{NAME}:lease``
    who fetches the wheel, or makes the text; it expires, should its owner end.

What is kept for how long, who may connect, and what of it survives are the engine's own settings. When it does not
answer, or has something else, work goes on without it.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from typing import TYPE_CHECKING

import redis
from redis.cluster import RedisCluster
from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from mempip.errors import UsageError
from mempip.store.daemon.objects import gather, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    from mempip_native import Adapter

MOST = 8 << 30  # bytes of one wheel
MOST_TEXT = 32 << 20  # bytes of one text
TIMEOUT = 5.0  # seconds, for one answer
LONGEST = 365 * 86400.0  # seconds that a text is there
LEASE = 15.0  # seconds after which a lease is another's, unless it is renewed
PATIENCE = 600.0  # seconds to wait for another machine's download
UNFINISHED = 600  # seconds after which what was not put there whole is forgotten


def connect(url: str) -> Any:
    """Return a client of the engine at `url`. Raises `UsageError`, and `RedisError` if a cluster does not answer."""
    scheme, _, rest = url.partition("://")
    options: dict[str, Any] = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    try:
        if scheme.endswith("+cluster"):
            return RedisCluster.from_url(f"{scheme.removesuffix('+cluster')}://{rest}", **options)
        return redis.Redis.from_url(url, **options)
    except ValueError as error:
        raise UsageError("--upstream", str(error)) from error


class Upstream:
    """The engine at `url`. `tell` is called with one of `engine.OUTCOMES` and, for some of them, a reason.

    Once it is lost it is not asked again.
    """

    def __init__(self, url: str, adapter: Adapter, tell: Callable[[str, str], object]) -> None:
        self._adapter = adapter
        self.tell = tell
        self._lost = False
        self._engine: Any = None
        with self._asking():
            self._engine = connect(url)

    def obtain(self, sha256: str, filename: str, fetch: Callable[[], int]) -> tuple[int, bool]:
        """Return the sealed object of the wheel with that hash, and whether another machine had fetched it.

        `fetch` returns it, verified, if it is to be fetched here. While one machine does, others wait. Raises what
        `fetch` raises.
        """
        found = self._get(sha256, filename)
        if found is not None:
            return found, True
        with self._leased(_name(sha256), PATIENCE) as waited:
            found = self._get(sha256, filename) if waited else None
            if found is not None:
                return found, True
            self.tell("miss", "")
            descriptor = fetch()
            self._put(sha256, descriptor)
            return descriptor, False

    def get_text(self, name: str) -> bytes:
        """Return what is there as a text of that name; empty if there is nothing, or too much."""
        found = b""
        if not self._lost:
            with self._asking():
                found = self._engine.getrange(_text(name), 0, MOST_TEXT) or b""
        return found if len(found) <= MOST_TEXT else b""

    def put_text(self, name: str, text: bytes, lifetime: float) -> bool:
        """Put a text there for `lifetime` seconds; return whether it is."""
        stored = False
        if not self._lost and len(text) <= MOST_TEXT:
            with self._asking():
                self._engine.set(_text(name), text, px=round(min(lifetime, LONGEST) * 1000))
                stored = True
        return stored

    def leased_text(self, name: str, patience: float) -> AbstractContextManager[bool]:
        """Be the machine that makes a text, unless another does for all of `patience`; yield whether it waited."""
        return self._leased(_text(name), patience)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Go on without the engine if it fails."""
        try:
            yield
        except (RedisError, OSError) as error:
            if not self._lost:
                self._lost = True
                self.tell("lost", f"{type(error).__name__}: {error}")

    def _get(self, sha256: str, filename: str) -> int | None:
        """Return a sealed object with the wheel, or ``None`` if it is not there, not whole, or something else."""
        found = None
        if not self._lost:
            with self._asking():
                found = self._read(_name(sha256), sha256, filename)
        if found is not None:
            self.tell("hit", "")
        return found

    def _read(self, name: str, sha256: str, filename: str) -> int | None:
        count = self._engine.llen(name)
        if not count:
            return None
        descriptor = gather(self._pieces(name, count), sha256, self._adapter, filename)
        if descriptor is None:
            self.tell("damaged", name)
        return descriptor

    def _pieces(self, name: str, count: int) -> Iterator[bytes]:
        """Yield the pieces of a list, as far as a wheel may go."""
        size = 0
        for number in range(count):
            piece = self._engine.lindex(name, number) or b""
            size += len(piece)
            if size > MOST:
                return
            yield piece

    def _put(self, sha256: str, descriptor: int) -> None:
        if self._lost:
            return
        name = _name(sha256)
        part = f"{name}:{uuid.uuid4().hex}"
        with self._asking():
            for piece in pieces(descriptor):
                self._engine.rpush(part, piece)
                self._engine.expire(part, UNFINISHED)
            self._engine.persist(part)
            self._engine.rename(part, name)
            self.tell("stored", "")

    @contextlib.contextmanager
    def _leased(self, name: str, patience: float) -> Iterator[bool]:
        """Be the machine that makes something, one of several if the engine cannot tell; yield whether it waited."""
        lease = Lock(self._engine, f"{name}:lease", timeout=LEASE, sleep=0.1, thread_local=False)
        held = waited = False
        if not self._lost:
            with self._asking():
                held = bool(lease.acquire(blocking=False))
                if not held:
                    waited = True
                    held = bool(lease.acquire(blocking_timeout=patience))
        if not held:
            yield waited
            return
        done = threading.Event()
        renewal = threading.Thread(target=self._renew, args=(lease, done), daemon=True)
        renewal.start()
        try:
            yield waited
        finally:
            done.set()
            with self._asking(), contextlib.suppress(LockError):
                lease.release()

    def _renew(self, lease: Lock, done: threading.Event) -> None:
        while not done.wait(LEASE / 3):
            try:
                lease.reacquire()
            except (RedisError, OSError):
                return  # another may make it, too; what comes of both is the same


def _name(sha256: str) -> str:
    return f"mempip:1:{{{sha256}}}"


def _text(name: str) -> str:
    return f"mempip:1:text:{{{name}}}"
