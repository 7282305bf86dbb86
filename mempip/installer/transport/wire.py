"""One request on the wire: connection pools, TLS, proxies and deadlines. The only module that knows httpcore.

What to do with an answer (redirects, retries, credentials) is the policy of `Transport`, not of this module.
"""

from __future__ import annotations

import re
import socket
import threading
import zlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpcore

from mempip import __version__
from mempip.errors import IndexUnavailable, UsageError
from mempip.installer.transport import tls
from mempip.installer.transport.addresses import Origin, is_trusted, origin_of, redact, split_credentials
from mempip.installer.transport.answers import Answer
from mempip.installer.transport.patience import TransientFault
from mempip.installer.transport.proxies import proxy_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from mempip.installer.transport.patience import Deadline
    from mempip.options import InstallOptions

#: Bytes asked of the kernel at once. httpcore's 64 KiB take twice the CPU time for a large wheel.
READ_SIZE = 1024 * 1024
MAX_CONNECTIONS = 8
HEADERS = {"User-Agent": f"mempip/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip"}
#: What may stand in the path and query of a URL as it is (RFC 3986); the rest is escaped.
_SAFE = "%/?:@!$&'()*+,;=[]"
_HOST = re.compile(rb"[\w.:%-]+", re.ASCII)


class Wire:
    """Sends GET requests over kept-alive HTTP/1.1 connections. Thread-safe.

    By httpcore: there a caller can say how connections are read, which is where deadlines are kept, and redirects,
    cookies and credentials are left to `Transport`. HTTP/2 is not used: under many concurrent requests its connections
    end in LocalProtocolError.
    """

    def __init__(self, options: InstallOptions) -> None:
        self._options = options
        self._backend = _Backend()
        self._timeouts = dict.fromkeys(("connect", "read", "write"), options.timeout)
        self._lock = threading.Lock()
        self._by_origin: dict[Origin, httpcore.ConnectionPool] = {}
        self._pools: dict[tuple[str, str], httpcore.ConnectionPool] = {}

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> Iterator[Answer]:
        """Send one GET and yield its answer, body unread. `url` must hold no credentials.

        Raises `TransientFault` for what another try may cure and `IndexUnavailable` for what it will not.
        """
        try:
            origin, address = origin_of(url), _address(url)
        except ValueError as fault:
            raise IndexUnavailable(redact(url), f"it is not a usable URL ({fault})") from fault
        sent = [("Host", _host_header(address))]
        sent += [(name, value.encode("utf-8", "surrogateescape")) for name, value in {**HEADERS, **headers}.items()]
        timeouts = {"timeout": self._timeouts}
        self._backend.current.deadline = deadline
        try:
            with self._pool(origin).stream("GET", address, headers=sent, extensions=timeouts) as response:
                reason = response.extensions.get("reason_phrase", b"").decode("ascii", "replace")
                yield Answer.of(response.status, reason, response.headers, response.iter_stream())
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError) as fault:
            refusal = tls.find_refusal(fault)
            if refusal is not None:
                raise tls.describe(url, refusal) from fault
            raise TransientFault(str(fault) or type(fault).__name__) from fault
        except zlib.error as fault:
            raise TransientFault(f"the compressed body is damaged ({fault})") from fault
        except httpcore.UnsupportedProtocol as fault:
            raise IndexUnavailable(redact(url), f"it is not a usable URL ({fault})") from fault
        finally:
            self._backend.current.deadline = None

    def close(self) -> None:
        """Close all connections, those in use too."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()

    def _pool(self, origin: Origin) -> httpcore.ConnectionPool:
        with self._lock:
            pool = self._by_origin.get(origin)
            if pool is None:
                key = (self._proxy(origin), self._trust(origin))
                pool = self._pools.get(key) or self._pools.setdefault(key, self._make(*key))
                self._by_origin[origin] = pool
            return pool

    def _trust(self, origin: Origin) -> str:
        if origin.scheme != "https":
            return "plain"
        return "trusted" if is_trusted(origin, self._options.trusted_hosts) else "verified"

    def _proxy(self, origin: Origin) -> str:
        if self._options.proxy or self._options.no_proxy_env:
            return self._options.proxy
        return proxy_of(origin)

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
        clean, login = split_credentials(proxy if "://" in proxy else f"http://{proxy}")
        auth = (login.user, login.password or "") if login else None
        try:
            scheme, address = urlsplit(clean).scheme, _address(clean)
        except ValueError as fault:
            raise UsageError("proxy", f"{redact(proxy)}: it is not a usable URL ({fault})") from fault
        if scheme in ("http", "https"):
            return httpcore.HTTPProxy(proxy_url=address, proxy_auth=auth, **shared)
        if scheme in ("socks5", "socks5h"):
            try:
                return httpcore.SOCKSProxy(proxy_url=address, proxy_auth=auth, **shared)
            except RuntimeError as fault:
                raise UsageError("proxy", f"{redact(proxy)}: {fault}") from fault
        raise UsageError("proxy", f"{redact(proxy)}: the scheme must be http, https or socks5")


def _address(url: str) -> httpcore.URL:
    """Return `url` as it goes over the wire. Raises `ValueError` for a host or port that cannot be."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna")
    if _HOST.fullmatch(host) is None:
        raise ValueError("its host is no name and no number")
    port = None if parts.port == {"http": 80, "https": 443}.get(parts.scheme) else parts.port
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), _SAFE)
    return httpcore.URL(scheme=parts.scheme, host=host, port=port, target=target)


def _host_header(address: httpcore.URL) -> bytes:
    host = b"[%b]" % address.host if b":" in address.host else address.host
    return host if address.port is None else b"%b:%d" % (host, address.port)


class _Backend(httpcore.NetworkBackend):
    """Plain sockets whose reads end at the deadline of the request that the current thread is making.

    httpcore has a time limit per read only, so a server that sends a byte now and then could hold a request for
    ever, in its header as well as in its body.
    """

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()
        self.current = threading.local()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(host, port, self.cap(timeout), local_address, socket_options)
        return _Stream(stream, self)

    def cap(self, timeout: float | None) -> float | None:
        deadline: Deadline | None = getattr(self.current, "deadline", None)
        return timeout if deadline is None else deadline.cap(timeout)


class _Stream(httpcore.NetworkStream):
    """A connection of `_Backend`."""

    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max(max_bytes, READ_SIZE), self._backend.cap(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._backend.cap(timeout))

    def close(self) -> None:
        # A thread that waits for this connection's bytes is woken by a shutdown, not by a mere close.
        with suppress(OSError):
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._backend.cap(timeout)), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
