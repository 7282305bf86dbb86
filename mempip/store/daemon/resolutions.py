"""Resolutions that machines share through the engine upstream, which decides nothing by that.

Whoever may write to the engine must not choose which versions run. So what is there carries a code (HMAC-SHA256) by a
key that the machines have and the engine has not, over its name, the time at which it was made, and the resolution.
Names are made with the key, too: questions may hold credentials, and the engine cannot try out which.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING

from mempip.installer.sharing import Question, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from mempip.installer.requirements.gather import Wanted
    from mempip.installer.resolution import Resolution
    from mempip.installer.target import Target
    from mempip.store.daemon.upstream import Upstream

PATIENCE = 30.0  # seconds to wait for another machine's resolution


class Seals:
    """What only those can make who have `key`."""

    def __init__(self, key: str) -> None:
        self._key = key.encode(errors="surrogateescape")

    def name(self, question: str) -> str:
        """Return the name of what answers a question: hex digits."""
        return self._code(b"name", question.encode())

    def close(self, name: str, made: int, text: str) -> bytes:
        """Return `text`, made at `made` (seconds since 1970), so that `open` takes it under that name only."""
        content = f"{made}\n{text}".encode()
        return self._code(name.encode(), content).encode() + b"\n" + content

    def open(self, name: str, sealed: bytes, lifetime: float) -> tuple[float, str]:
        """Return the age in seconds and the text of what `close` returned for that name.

        Raises `ValueError` for everything else, and if it is older than `lifetime`.
        """
        code, _, content = sealed.partition(b"\n")
        if not hmac.compare_digest(code, self._code(name.encode(), content).encode()):
            raise ValueError("whoever put it there has not the key, or it is another's")
        made, _, text = content.decode().partition("\n")
        age = time.time() - int(made)
        if abs(age) > lifetime:  # the other machine's clock may be ahead
            raise ValueError(f"it is {age:.0f} s old")
        return age, text

    def _code(self, purpose: bytes, content: bytes) -> str:
        return hmac.new(self._key, purpose + b"\n" + content, hashlib.sha256).hexdigest()


class Resolutions:
    """Those that machines share: the installer's `Pool`.

    One is taken that is at most `lifetime` seconds old, unless `refresh`. Those of a `stranger` are for strangers only:
    the credentials of the daemon's user, which its address may need, are not theirs.
    """

    def __init__(self, upstream: Upstream, key: str, lifetime: float, *, refresh: bool, stranger: bool) -> None:
        self._upstream = upstream
        self._seals = Seals(key)
        self._lifetime = lifetime
        self._refresh = refresh
        self._stranger = stranger
        self._refused = b""
        self.age = 0.0  #: seconds since the one that was taken was made

    def answer(self, wanted: Wanted, target: Target, resolve: Callable[[], Resolution]) -> Resolution:
        """See `mempip.installer.sharing.Pool`."""
        question = Question.of(wanted, target)
        if question is None:
            return resolve()
        name = self._seals.name(json.dumps([self._stranger, question.text]))
        if self._refresh:
            return self._made(name, resolve)
        found = self._find(name, question)
        if found is not None:
            return found
        with self._upstream.leased_text(name, PATIENCE) as waited:
            found = self._find(name, question)
            if found is None and not waited:
                return self._made(name, resolve)
        return found or self._made(name, resolve)  # whoever made it has failed, or must not share it

    def _find(self, name: str, question: Question) -> Resolution | None:
        """Return the resolution upstream, ``None`` if there is none that may be taken."""
        sealed = self._upstream.get_text(name)
        if not sealed or sealed == self._refused:
            return None
        try:
            age, text = self._seals.open(name, sealed, self._lifetime)
            found = question.read(text)
        except ValueError as error:
            self._refused = sealed
            self._upstream.tell("resolution_refused", f"{name}: {error}")
            return None
        self._upstream.tell("resolution_hit", "")
        self.age = max(age, 0.0)
        return found

    def _made(self, name: str, resolve: Callable[[], Resolution]) -> Resolution:
        """Return what `resolve` returns, and share it."""
        self._upstream.tell("resolution_miss", "")
        made = int(time.time())
        resolution = resolve()
        text = write(resolution)
        if text is not None and self._upstream.put_text(name, self._seals.close(name, made, text), self._lifetime):
            self._upstream.tell("resolution_stored", "")
        return resolution
