"""One request on the wire: connection pools, TLS, proxies and deadlines. The only module that knows httpx.

What to do with an answer (redirects, retries, credentials) is the policy of `Transport`, not of this module.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from mempip import __version__
from mempip.errors import IndexUnavailable, UsageError
from mempip.installer.transport import tls
from mempip.installer.transport.addresses import Origin, is_trusted, origin_of, redact, target_of
from mempip.installer.transport.patience import TransientFault

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any
    from urllib.parse import SplitResult

    from mempip.installer.transport.patience import Deadline
    from mempip.options import InstallOptions

#: Bytes asked of the kernel at once where there is much to read. httpcore's 64 KiB take twice the CPU time for a large
#: wheel; but memory of this size costs more than a small page.
READ_SIZE = 1024 * 1024
MAX_CONNECTIONS = 8
#: Seconds for which a connection is taken to be open after it was seen to be.
FRESH = 0.1
HEADERS = {"User-Agent": f"mempip/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}


class _Site(NamedTuple):
    """The server that URLs with the same beginning are of, and how it is reached."""

    pool: httpcore.ConnectionPool
    scheme: bytes
    host: bytes  #: as it is looked up (IDNA)
    port: int | None
    header: str  #: the value of ``Host``


class Wire:
    """Sends GET requests over kept-alive HTTP/1.1 connections. Thread-safe.

    httpx's responses, on pools of httpcore, the engine below httpx: only there can a caller say how connections are
    read, which is where deadlines are kept. `httpx.Client` would add rules of its own about redirects, cookies and
    credentials to those of `Transport`, and `httpx.URL`, which looks at every character in Python, a sixth to the
    processor time of a small page. HTTP/2 is not used: under many concurrent requests httpx 0.28's connections end in
    LocalProtocolError.
    """

    def __init__(self, options: InstallOptions) -> None:
        self._options = options
        self._backend = _Backend()
        self._timeouts = dict.fromkeys(("connect", "read", "write"), options.timeout)
        self._lock = threading.Lock()
        self._sites: dict[tuple[str, str], _Site] = {}
        self._pools: dict[tuple[str, str], httpcore.ConnectionPool] = {}

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> Iterator[httpx.Response]:
        """Send one GET and yield its answer, body unread. `url` must hold no credentials.

        Raises `TransientFault` for what another try may cure and `IndexUnavailable` for what it will not.
        """
        self._backend.current.deadline = deadline
        try:
            response = self._send(url, {**HEADERS, **headers})
            try:
                yield response
            finally:
                response.close()
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError) as fault:
            refusal = tls.find_refusal(fault)
            if refusal is not None:
                raise tls.describe(url, refusal) from fault
            raise TransientFault(str(fault) or type(fault).__name__) from fault
        except httpx.DecodingError as fault:
            raise TransientFault(f"the compressed body is damaged ({fault})") from fault
        except (httpx.InvalidURL, httpcore.UnsupportedProtocol, UnicodeEncodeError) as fault:
            raise IndexUnavailable(redact(url), f"it is not a usable URL ({fault})") from fault
        finally:
            self._backend.current.deadline = None

    def close(self) -> None:
        """Close all connections, those in use or being made too. No others are made."""
        self._backend.close()

    def _send(self, url: str, headers: Mapping[str, str]) -> httpx.Response:
        site = self._site(urlsplit(url))
        answer = site.pool.handle_request(
            httpcore.Request(
                "GET",
                httpcore.URL(scheme=site.scheme, host=site.host, port=site.port, target=target_of(url)),
                headers=[("Host", site.header), *headers.items()],
                extensions={"timeout": self._timeouts},
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def _site(self, parts: SplitResult) -> _Site:
        with self._lock:
            site = self._sites.get(parts[:2])
            if site is None:
                url = httpx.URL(f"{parts.scheme}://{parts.netloc}")
                origin = origin_of(str(url))
                key = (self._proxy(origin), self._trust(origin))
                pool = self._pools.get(key) or self._pools.setdefault(key, self._make(*key))
                site = _Site(pool, url.raw_scheme, url.raw_host, url.port, url.netloc.decode("ascii"))
                self._sites[parts[:2]] = site
            return site

    def _trust(self, origin: Origin) -> str:
        if origin.scheme != "https":
            return "plain"
        return "trusted" if is_trusted(origin, self._options.trusted_hosts) else "verified"

    def _proxy(self, origin: Origin) -> str:
        if self._options.proxy or self._options.no_proxy_env:
            return self._options.proxy
        if proxy_bypass(f"{origin.host}:{origin.port}"):
            return ""
        proxies = getproxies()
        return proxies.get(origin.scheme) or proxies.get("all", "")

    def _make(self, proxy: str, trust: str) -> httpcore.ConnectionPool:
        context = None
        if trust != "plain":  # a TLS context costs 25 ms
            certificates = self._options.cert, self._options.client_cert
            context = tls.make_context(*certificates, verify=trust == "verified")
        shared: dict[str, Any] = {
            "ssl_context": context,
            "max_connections": MAX_CONNECTIONS,
            "keepalive_expiry": 60.0,
            "network_backend": self._backend,
        }
        if not proxy:
            return httpcore.ConnectionPool(**shared)
        # "host:port" is how curl and pip let people write it.
        address = httpx.URL(proxy if "://" in proxy else f"http://{proxy}")
        auth = (address.username, address.password) if address.username else None
        target = httpcore.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
        )
        if address.scheme in ("http", "https"):
            return httpcore.HTTPProxy(proxy_url=target, proxy_auth=auth, **shared)
        if address.scheme in ("socks5", "socks5h"):
            try:
                return httpcore.SOCKSProxy(proxy_url=target, proxy_auth=auth, **shared)
            except RuntimeError as fault:
                raise UsageError("proxy", f"{redact(proxy)}: {fault}") from fault
        raise UsageError("proxy", f"{redact(proxy)}: the scheme must be http, https or socks5")


class _Body(httpx.SyncByteStream):
    """A body that httpcore is still receiving, as httpx wants to see it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _Backend(httpcore.NetworkBackend):
    """Plain sockets whose reads end at the deadline of the request that the current thread is making.

    httpcore has a time limit per read only, so a server that sends a byte now and then could hold a request for
    ever, in its header as well as in its body.
    """

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()
        self.current = threading.local()
        self._lock = threading.Lock()
        self._open: set[_Stream] = set()
        self._closed = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(host, port, self.cap(timeout), local_address, socket_options)
        return self.keep(_Stream(stream, self))

    def keep(self, stream: _Stream) -> _Stream:
        """Return `stream`, which `close` will close; raises `httpcore.ConnectError` if it has been called."""
        with self._lock:
            if not self._closed:
                self._open.add(stream)
                return stream
        stream.close()
        raise httpcore.ConnectError("closed")

    def forget(self, stream: _Stream) -> None:
        """Take note that `stream` is closed, or has become another."""
        with self._lock:
            self._open.discard(stream)

    def close(self) -> None:
        """Close all connections: the pools do not know those that are being made."""
        with self._lock:
            self._closed = True
            streams = tuple(self._open)
        for stream in streams:
            stream.close()

    def cap(self, timeout: float | None) -> float | None:
        deadline: Deadline | None = getattr(self.current, "deadline", None)
        return timeout if deadline is None else deadline.cap(timeout)


class _Stream(httpcore.NetworkStream):
    """A connection of `_Backend`."""

    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend) -> None:
        self._inner = inner
        self._backend = backend
        self._much = False  # whether the last read got all that it asked for
        self._open_at = time.monotonic()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        size = READ_SIZE if self._much else max_bytes
        received = self._inner.read(size, self._backend.cap(timeout))
        self._much = len(received) >= max_bytes
        self._open_at = time.monotonic()
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._open_at = time.monotonic()
        self._inner.write(buffer, self._backend.cap(timeout))

    def close(self) -> None:
        self._backend.forget(self)
        # A thread that waits for this connection's bytes is woken by a shutdown, not by a mere close.
        with suppress(OSError):
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._backend.cap(timeout))
        self._backend.forget(self)
        return self._backend.keep(_Stream(inner, self._backend))

    def get_extra_info(self, info: str) -> Any:
        """Answer httpcore, which asks before and after each request whether servers have closed idle connections.

        It has one lock for all of them, and may take an answer that has just arrived for the end of its connection.
        """
        if info != "is_readable":
            return self._inner.get_extra_info(info)
        if time.monotonic() - self._open_at < FRESH:
            return False
        readable = self._inner.get_extra_info(info)
        if not readable:
            self._open_at = time.monotonic()
        return readable
