"""Bytes from addresses: pages, ranges and downloads, with retries, redirects, credentials and deadlines.

The one door to the network. This module is the policy; `wire` holds httpx and is imported with the first http
address, so that an installation from local files does not pay for it.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mempip.errors import IndexUnavailable
from mempip.installer.transport import local
from mempip.installer.transport.addresses import (
    Origin,
    file_url,
    hide_credentials,
    is_file_url,
    origin_of,
    path_of,
    redact,
    split_credentials,
)  # fmt: skip
from mempip.installer.transport.answers import accept, describe, read_all, redirected, served_range, validator
from mempip.installer.transport.credentials import Credentials
from mempip.installer.transport.page_cache import Page, PageCache
from mempip.installer.transport.patience import (
    RETRIED_STATUSES,
    Deadline,
    TransientFault,
    delay_before,
    parse_retry_after,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    import httpx

    from mempip.installer.transport.wire import Wire
    from mempip.options import InstallOptions

__all__ = [
    "Response",
    "Transport",
    "file_url",
    "hide_credentials",
    "is_file_url",
    "path_of",
    "redact",
    "split_credentials",
]

PAGE_LIMIT = 64 * 1024 * 1024
#: A download has to bring this many bytes within each `4 * timeout` seconds.
MINIMUM_PROGRESS = 64 * 1024

T = TypeVar("T")


class Response(NamedTuple):
    """A page: where it was found in the end, and what was there. Header names are lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Received:
    """What is there of a download, and by what its server knows the file."""

    def __init__(self) -> None:
        self.size = 0
        self.validator = ""


class Transport:
    """Fetches from http, https and ``file:`` addresses. Thread-safe; a context manager.

    Credentials may stand in a URL (``https://user:password@host/``), in the options' index addresses, which
    lend theirs to other URLs of the same origin, in a netrc file, or in a keyring. They are never sent to another
    origin and never appear in messages. Pages are asked for once more only if they have changed, as far as their
    servers can tell; `pages` may outlive the transport. `sleep` and `clock` are replaced by tests.
    """

    def __init__(
        self,
        options: InstallOptions,
        *,
        pages: PageCache | None = None,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self._clock = clock
        bound = (entry.partition("=")[2] for entry in options.project_index)
        addresses = (options.index_url, *options.extra_index_urls, *options.find_links, *bound)
        self._credentials = Credentials(addresses, options.keyring_provider)
        self._pages = PageCache() if pages is None else pages
        self._without_ranges: set[Origin] = set()
        self._wire: Wire | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections. Whoever waits for an answer in another thread gets `IndexUnavailable` at once."""
        self._closed.set()
        with self._lock:
            if self._wire is not None:
                self._wire.close()

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limit: int = PAGE_LIMIT) -> Response:
        """Fetch a page of at most `limit` bytes, decompressed.

        A ``file:`` directory answers with its ``index.html`` or, without one, with a page of links to its files.
        The statuses 404 and 410 are returned for the caller to judge, others raise.

        Raises `IndexUnavailable`; `RedirectRefused` for a redirect that leaves HTTPS or goes in circles.
        """
        if is_file_url(url):
            status, kind, body = local.page(url, limit)
            return Response(url, status, {"content-type": kind}, body)

        deadline = self._page_deadline()
        key = self._page_key(url, headers or {})
        known = self._pages.get(key)
        sent = {**(headers or {}), **(known.conditions if known else {})}

        def attempt() -> Response:
            with self._exchange(url, sent, deadline) as (final, response):
                if response.status_code in (404, 410):
                    return Response(final, response.status_code, dict(response.headers.items()), b"")
                if known is not None and response.status_code == 304 and len(known.body) <= limit:
                    return Response(known.url, 200, known.headers, known.body)
                accept(final, response, 200)
                body = read_all(response.iter_bytes(), limit)
                if body is None:
                    raise IndexUnavailable(redact(final), f"the page is larger than {limit} bytes")
                page = Page(final, dict(response.headers.items()), body)
                self._pages.put(key, page)
                return Response(final, 200, page.headers, body)

        return self._persist(url, attempt)

    def get_range(
        self, url: str, *, start: int = 0, end: int | None = None, suffix: int | None = None
    ) -> tuple[bytes, int] | None:
        """Fetch a part of a file: the bytes from `start` up to, without, `end`; or the last `suffix` bytes.

        Returns the bytes and the size of the whole file, or None if the server does not serve ranges (which is
        remembered for its origin). A file that is shorter than asked for yields what there is.

        Raises `IndexUnavailable`, `RedirectRefused`.
        """
        if is_file_url(url):
            return local.part(url, start, end, suffix)
        origin = origin_of(url)
        if origin in self._without_ranges:
            return None
        wanted = f"bytes=-{suffix}" if suffix is not None else f"bytes={start}-{'' if end is None else end - 1}"
        headers = {"Range": wanted, "Accept-Encoding": "identity"}
        deadline = self._page_deadline()

        def attempt() -> tuple[bytes, int] | None:
            with self._exchange(url, headers, deadline) as (final, response):
                accept(final, response, 200, 206, 416, 501)
                served = served_range(response)
                if served is None:
                    # Some servers that do ranges send all of a small file instead.
                    if response.headers.get("accept-ranges") != "bytes":
                        self._without_ranges.add(origin)
                    return None
                first = start if suffix is None else max(served.total - suffix, 0)
                body = read_all(response.iter_raw(), served.stop - served.start)
                if served.start != first or body is None or len(body) != served.stop - served.start:
                    raise IndexUnavailable(redact(final), f"the answer to a request for {wanted} is another range")
                return body, served.total

        return self._persist(url, attempt)

    def download(
        self,
        url: str,
        write: Callable[[bytes], object],
        *,
        expected_size: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> int:
        """Stream a file into `write`, in order and without gaps, and return its size in bytes.

        A broken download goes on where it stopped. `progress` is called with the length of each piece. Lengths
        are checked against the server's word and `expected_size`; the content is for the caller to check.

        Raises `IndexUnavailable`, `RedirectRefused`.
        """
        state = _Received()

        def take(piece: bytes) -> None:
            state.size += len(piece)
            if expected_size is not None and state.size > expected_size:
                raise IndexUnavailable(redact(url), f"the file is larger than the {expected_size} bytes announced")
            write(piece)
            if progress is not None:
                progress(len(piece))

        if is_file_url(url):
            local.copy(url, take)
        else:
            self._persist(url, lambda: self._continue_download(url, state, take), progressed=lambda: state.size)
        if expected_size is not None and state.size != expected_size:
            raise IndexUnavailable(redact(url), f"the file has {state.size} bytes, {expected_size} were announced")
        return state.size

    def _continue_download(self, url: str, state: _Received, take: Callable[[bytes], None]) -> None:
        """Pass the bytes of a file that are not there yet on to `take`."""
        headers = {"Accept-Encoding": "identity"}
        if state.size:
            headers["Range"] = f"bytes={state.size}-"
            if state.validator:
                headers["If-Range"] = state.validator
        deadline = Deadline(4 * self._options.timeout, self._clock)
        with self._exchange(url, headers, deadline) as (final, response):
            accept(final, response, 200, 206)
            served, mark = served_range(response), validator(response)
            if state.size and mark and state.validator and mark != state.validator:
                raise IndexUnavailable(redact(final), "the file was changed while it was downloaded")
            state.validator = state.validator or mark
            # A server that does not continue starts again: what is there already is passed over.
            surplus = state.size - (served.start if served else 0)
            if surplus < 0:
                raise IndexUnavailable(redact(final), f"the download cannot go on at byte {state.size}")
            progress = 0
            encoded = "content-encoding" in response.headers
            for piece in response.iter_bytes() if encoded else response.iter_raw():
                progress += len(piece)
                if progress >= MINIMUM_PROGRESS:
                    progress = 0
                    deadline.extend()
                if surplus:
                    kept = piece[surplus:]
                    surplus -= len(piece) - len(kept)
                    if kept:
                        take(kept)
                else:
                    take(piece)

    @contextmanager
    def _exchange(
        self, url: str, headers: Mapping[str, str], deadline: Deadline
    ) -> Iterator[tuple[str, httpx.Response]]:
        """Send a request, follow its redirects, and yield the final URL and the answer, body unread.

        Raises `TransientFault` for a status that may pass.
        """
        try:
            address, login = split_credentials(url)
            origin = origin_of(address)
        except ValueError as fault:
            raise IndexUnavailable(redact(url), f"it is not a URL ({fault})") from fault
        visited = [address]
        authorization = self._credentials.find(address, login)
        while True:
            sent = {**headers, "Authorization": authorization} if authorization else headers
            with self._opened_wire().stream(address, sent, deadline) as response:
                if response.status_code == 401:
                    better = self._credentials.after_refusal(address, login)
                    if better not in (None, authorization):
                        authorization = better
                        continue
                location = response.headers.get("location")
                if response.status_code not in (301, 302, 303, 307, 308) or location is None:
                    if response.status_code in RETRIED_STATUSES:
                        retry_after = parse_retry_after(response.headers.get("retry-after"), time.time())
                        raise TransientFault(describe(response), retry_after)
                    yield address, response
                    return
            address, given = redirected(visited, location)
            visited.append(address)
            # Credentials stay with the origin that they were meant for.
            login = given or (login if origin_of(address) == origin else None)
            authorization = self._credentials.find(address, login)
            origin = origin_of(address)

    def _persist(self, url: str, attempt: Callable[[], T], progressed: Callable[[], int] = lambda: 0) -> T:
        """Return what `attempt` returns, trying again after each `TransientFault` as often as the options allow.

        Tries count from the start again when `progressed` has grown by `MINIMUM_PROGRESS`.
        """
        tries, mark = 1, progressed()
        while True:
            try:
                return attempt()
            except TransientFault as fault:
                if self._closed.is_set():
                    raise IndexUnavailable(redact(url), "the transport was closed") from fault
                if progressed() - mark >= MINIMUM_PROGRESS:
                    tries, mark = 1, progressed()
                if tries > self._options.retries:
                    count = f" ({tries} tries)" if tries > 1 else ""
                    raise IndexUnavailable(redact(url), f"{fault}{count}") from fault
                self._sleep(delay_before(tries, fault.retry_after))
                tries += 1

    def _page_key(self, url: str, headers: Mapping[str, str]) -> Hashable:
        """Return all that decides what a server answers, and whether the answer can be trusted."""
        options = self._options
        way = (options.cert, options.client_cert, options.proxy, options.no_proxy_env, options.trusted_hosts)
        try:
            address, login = split_credentials(url)
            return address, self._credentials.find(address, login), tuple(sorted(headers.items())), way
        except ValueError:
            return url  # no URL at all: whoever fetches it says so

    def _page_deadline(self) -> Deadline:
        return Deadline(20 * self._options.timeout, self._clock)

    def _opened_wire(self) -> Wire:
        with self._lock:
            if self._closed.is_set():
                raise TransientFault("closed")
            if self._wire is None:
                # Its command, with rich and pygments, and what asynchronous programs need: a tenth of a second.
                for unused in ("httpx._main", "anyio", "trio"):
                    sys.modules.setdefault(unused, None)  # type: ignore[arg-type]
                from mempip.installer.transport.wire import Wire

                self._wire = Wire(self._options)
            return self._wire
