"""A server's answers, and what they say: statuses, bodies, ranges, redirects. Nothing here touches the network."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from mempip.errors import IndexUnavailable, RedirectRefused
from mempip.installer.transport.addresses import origin_of, redact, split_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mempip.installer.transport.addresses import Login

MAX_REDIRECTS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose body is still on its way."""

    status: int
    reason: str  #: the words behind the status, which may be missing
    headers: Mapping[str, str]  #: names in lower case
    raw: Iterator[bytes]  #: the body as it is sent

    @classmethod
    def of(cls, status: int, reason: bytes, headers: Iterable[tuple[bytes, bytes]], raw: Iterator[bytes]) -> Answer:
        """Return the answer that HTTP's bytes are; a header that is there several times is one list (RFC 9110, 5.3)."""
        found: dict[str, str] = {}
        for name, value in headers:
            key, text = name.decode("latin-1").lower(), _text(value)
            found[key] = f"{found[key]}, {text}" if key in found else text
        return cls(status, reason.decode("latin-1"), found, raw)

    def body(self) -> Iterator[bytes]:
        """Yield the pieces of the body, decompressed. Raises `DamagedBody`."""
        codings = [coding.strip().lower() for coding in self.headers.get("content-encoding", "").split(",")]
        pieces = self.raw
        for coding in reversed(codings):
            if start := _DECODERS.get(coding):
                pieces = _decompressed(pieces, start)
        return (piece for piece in pieces if piece)


class DamagedBody(Exception):
    """A body cannot be decompressed; the argument says why."""


def _gzip(_: bytes) -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


def _deflate(beginning: bytes) -> zlib._Decompress:
    """Return what reads RFC 1950, as the name means, or RFC 1951, which some servers send: no stream begins as both."""
    return zlib.decompressobj(zlib.MAX_WBITS if beginning[0] & 0x0F == 8 else -zlib.MAX_WBITS)


_DECODERS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}


def _decompressed(pieces: Iterator[bytes], start: Callable[[bytes], zlib._Decompress]) -> Iterator[bytes]:
    decoder = None
    try:
        for piece in filter(None, pieces):
            decoder = decoder or start(piece)
            yield decoder.decompress(piece)
        if decoder is not None:
            yield decoder.flush()
    except zlib.error as fault:
        raise DamagedBody(str(fault)) from fault


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


class Range(NamedTuple):
    """A part of a file as the server describes it; `stop` is not part of it."""

    start: int
    stop: int
    total: int


def served_range(answer: Answer) -> Range | None:
    """Read ``Content-Range`` (RFC 9110, 14.4); None if the answer is no usable range."""
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.headers.get("content-range", "").strip())
    if answer.status != 206 or match is None or "content-encoding" in answer.headers:
        return None
    start, last, total = map(int, match.groups())
    return Range(start, last + 1, total)


def read_all(pieces: Iterator[bytes], limit: int) -> bytes | None:
    """Return all of `pieces`, or None as soon as they are longer than `limit`."""
    body = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            return None
        body.append(piece)
    return b"".join(body)


def accept(url: str, answer: Answer, *statuses: int) -> None:
    """Raise `IndexUnavailable` unless the answer has one of `statuses`."""
    if answer.status in statuses:
        return
    reason = describe(answer)
    if answer.status == 401:
        reason += (
            "; give credentials in the address (https://user:password@host/…) or in a netrc file, "
            "or name a keyring (--keyring-provider)"
        )
    raise IndexUnavailable(redact(url), reason)


def describe(answer: Answer) -> str:
    """Return an answer's status as part of a sentence."""
    return f"the server answered {answer.status} {answer.reason}".rstrip()


def redirected(visited: list[str], location: str) -> tuple[str, Login | None]:
    """Return where a redirect leads, and the credentials in it. Raises `RedirectRefused`."""
    first, current = visited[0], visited[-1]
    try:
        target, login = split_credentials(urljoin(current, location))
        scheme = origin_of(target).scheme
    except ValueError as fault:
        raise RedirectRefused(redact(first), redact(location), f"it is not a URL ({fault})") from fault
    reason = ""
    if scheme not in ("http", "https"):
        reason = "only http and https addresses are followed"
    elif origin_of(current).scheme == "https" and scheme != "https":
        reason = "it would leave HTTPS"
    elif target in visited:
        reason = "the redirects go round in circles"
    elif len(visited) > MAX_REDIRECTS:
        reason = f"there are more than {MAX_REDIRECTS} redirects"
    if reason:
        raise RedirectRefused(redact(first), redact(target), reason)
    return target, login


def validator(answer: Answer) -> str:
    """Return what ``If-Range`` may hold to go on with this very file (RFC 9110, 13.1.5); empty if nothing."""
    etag: str = answer.headers.get("etag", "")
    changed: str = answer.headers.get("last-modified", "")
    return changed if not etag or etag.startswith("W/") else etag
