"""What a server's answers say: statuses, ranges, redirects. Pure functions over httpx's responses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from mempip.errors import IndexUnavailable, RedirectRefused
from mempip.installer.transport.addresses import origin_of, redact, split_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from mempip.installer.transport.addresses import Login

MAX_REDIRECTS = 10


class Range(NamedTuple):
    """A part of a file as the server describes it; `stop` is not part of it."""

    start: int
    stop: int
    total: int


def served_range(response: httpx.Response) -> Range | None:
    """Read ``Content-Range`` (RFC 9110, 14.4); None if the answer is no usable range."""
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("content-range", "").strip())
    if response.status_code != 206 or match is None or "content-encoding" in response.headers:
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


def accept(url: str, response: httpx.Response, *statuses: int) -> None:
    """Raise `IndexUnavailable` unless the answer has one of `statuses`."""
    if response.status_code in statuses:
        return
    reason = describe(response)
    if response.status_code == 401:
        reason += (
            "; give credentials in the address (https://user:password@host/…) or in a netrc file, "
            "or name a keyring (--keyring-provider)"
        )
    raise IndexUnavailable(redact(url), reason)


def describe(response: httpx.Response) -> str:
    """Return an answer's status as part of a sentence."""
    return f"the server answered {response.status_code} {response.reason_phrase}".rstrip()


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


def validator(response: httpx.Response) -> str:
    """Return what ``If-Range`` may hold to go on with this very file (RFC 9110, 13.1.5); empty if nothing."""
    etag: str = response.headers.get("etag", "")
    changed: str = response.headers.get("last-modified", "")
    return changed if not etag or etag.startswith("W/") else etag
