"""What a server's answers say: statuses, ranges, redirects, encodings. Pure: what is read comes from an iterator."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from mempip.errors import IndexUnavailable, RedirectRefused
from mempip.installer.transport.addresses import origin_of, redact, split_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mempip.installer.transport.addresses import Login

MAX_REDIRECTS = 10
#: Bytes that are inflated at once, however well they were compressed.
PIECE = 1024 * 1024


class Answer(NamedTuple):
    """An answer whose body has not been read. Header names are lower case, values of several lines joined."""

    status: int
    reason: str
    headers: Mapping[str, str]
    raw: Iterator[bytes]  #: the body as it is sent

    @classmethod
    def of(cls, status: int, reason: str, headers: Iterable[tuple[bytes, bytes]], raw: Iterator[bytes]) -> Answer:
        """Make one of what came over the wire."""
        joined: dict[str, str] = {}
        for key, content in headers:
            name, value = key.decode("ascii", "replace").lower(), content.decode("utf-8", "surrogateescape")
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return cls(status, reason, joined, raw)

    def decoded(self) -> Iterator[bytes]:
        """Return the body without its content encoding. Iterating raises `zlib.error`."""
        if self.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip", "deflate"):
            return _inflated(self.raw)
        return self.raw


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip's header or zlib's
    for piece in pieces:
        rest = piece
        while rest:
            yield inflate.decompress(rest, PIECE)
            rest = inflate.unconsumed_tail
    yield inflate.flush()
    if not inflate.eof:
        raise zlib.error("its end is missing")


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
    etag = answer.headers.get("etag", "")
    changed = answer.headers.get("last-modified", "")
    return changed if not etag or etag.startswith("W/") else etag
