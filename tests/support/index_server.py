"""A package index on loopback that can misbehave: the Simple API over real HTTP/1.1, for tests and benchmarks.

In a test::

    with IndexServer(dict([build_wheel("demo", "1.0")]), Behaviour(ranges=False)) as index:
        InstallOptions(["demo"], index_url=index.url)

By hand: ``python -m tests.support.index_server DIR [--port N] [options]`` prints the index's URL as its first line
and serves until it is terminated or, if standard input is a pipe, until that is closed.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import gzip
import hashlib
import os
import re
import socket
import socketserver
import ssl
import stat
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from tests.support.index_pages import JSON_TYPE, ServedFile, Shelf, project_page, root_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass
class Fault:
    """What goes wrong with a path; several may be combined."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  #: added, or replacing those of the good answer
    body: bytes | None = None  #: instead of the good body
    redirect: str | None = None  #: 302 to this address
    drop_after: int | None = None  #: close the connection after so many bytes of the body
    promise: int | None = None  #: Content-Length, whatever is sent
    drip: float | None = None  #: seconds between the bytes of the body, one at a time
    drip_header: float | None = None  #: the same for the header
    times: int | None = None  #: how many requests it hits; None for all


@dataclass
class Behaviour:
    """What the index can do and how it does it. May be changed while it serves."""

    json: bool = True
    core_metadata: bool = True
    gzip: bool = False
    etag: bool = False
    ranges: bool = True
    hashes: bool = True
    sizes: bool = True  #: PEP 700
    upload_times: Mapping[str, str] = field(default_factory=dict)  #: file name → PEP 700's upload-time
    absolute_urls: bool = False
    yanked: Mapping[str, str] = field(default_factory=dict)  #: file name → reason
    requires_python: Mapping[str, str] = field(default_factory=dict)  #: file name → instead of METADATA's
    credentials: tuple[str, str] | None = None
    latency: float = 0.0  #: seconds before each answer
    faults: dict[str, list[Fault]] = field(default_factory=dict)  #: path → faults, hit in order
    pages: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)  #: path → content type and body of its own


class Request(NamedTuple):
    """A line of the request log."""

    method: str
    path: str
    headers: Mapping[str, str]  #: names in lower case
    status: int


class IndexServer(socketserver.ThreadingTCPServer):
    """Serves files, given as a directory or as a mapping from names to bytes, while its context lasts."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        files: Path | str | Mapping[str, bytes],
        behaviour: Behaviour | None = None,
        *,
        port: int = 0,
        certificate: tuple[str, str] | None = None,
    ) -> None:
        """Listen on `port`, by default any free one. `certificate`: files of chain and key, for TLS."""
        self.behaviour = behaviour or Behaviour()
        self.log: list[Request] = []
        self._lock = threading.Lock()
        self.shelf = Shelf(files)
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def root(self) -> str:
        """The server's address without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """The address of the index, as for ``--index-url``."""
        return f"{self.root}/simple/"

    def __enter__(self) -> IndexServer:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            # The handshake is done by the connection's own thread, at its first read.
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about clients that go away; show faults of the server itself."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [request.path for request in self.log]

    def record(self, request: Request) -> None:
        """Add to the log."""
        with self._lock:
            self.log.append(request)

    def fault(self, path: str) -> Fault | None:
        """Return what is to go wrong with a request for `path`, and count it."""
        with self._lock:
            faults = self.behaviour.faults.get(path, [])
            for fault in faults:
                if fault.times is None:
                    return fault
                if fault.times > 0:
                    fault.times -= 1
                    return fault
        return None


class _Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes | ServedFile


class _Handler(socketserver.StreamRequestHandler):
    """One connection. By hand, because http.server needs a multiple of the time for a request."""

    server: IndexServer
    rbufsize = 8192

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while self._handle_one():
                pass

    def _handle_one(self) -> bool:
        line = self.rfile.readline(65536).split()
        if len(line) != 3:
            return False
        method, target = line[0].decode(), line[1].decode()
        headers = {}
        while (header := self.rfile.readline(65536)) not in (b"\r\n", b"\n", b""):
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        path = unquote(target.partition("?")[0])
        if self.server.behaviour.latency:
            time.sleep(self.server.behaviour.latency)
        fault = self.server.fault(path)
        answer = self._answer(path, headers)
        if fault is not None:
            answer = _spoil(answer, fault)
        self._send(method, path, headers, answer, fault or Fault())
        return headers.get("connection", "").lower() != "close" and (fault is None or fault.promise is None)

    def _answer(self, path: str, headers: Mapping[str, str]) -> _Answer:
        behaviour = self.server.behaviour
        if behaviour.credentials is not None:
            expected = base64.b64encode(":".join(behaviour.credentials).encode()).decode()
            if headers.get("authorization") != f"Basic {expected}":
                return _Answer(401, {"WWW-Authenticate": 'Basic realm="index"'}, b"")
        if path in behaviour.pages:
            return self._page(*behaviour.pages[path], headers)
        if path.startswith("/files/"):
            return self._file(path[len("/files/") :], headers)
        as_json = behaviour.json and JSON_TYPE in headers.get("accept", "")
        if path == "/simple/":
            return self._page(*root_page(self.server.shelf, as_json=as_json), headers)
        match = re.fullmatch(r"/simple/([^/]+)(/?)", path)
        if match is None or not self.server.shelf.of_project(match.group(1)):
            return _Answer(404, {}, b"not found")
        if not match.group(2):
            return _Answer(301, {"Location": f"{path}/"}, b"")
        base = self.server.root if behaviour.absolute_urls else "../.."
        page = project_page(self.server.shelf, match.group(1), base, behaviour, as_json=as_json)
        return self._page(*page, headers)

    def _page(self, kind: str, body: bytes, headers: Mapping[str, str]) -> _Answer:
        answered = {"Content-Type": kind, "Vary": "Accept"}
        if self.server.behaviour.etag:
            answered["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            if headers.get("if-none-match") == answered["ETag"]:
                return _Answer(304, answered, b"")
        if self.server.behaviour.gzip and "gzip" in headers.get("accept-encoding", ""):
            answered["Content-Encoding"] = "gzip"
            body = _compressed(body)
        return _Answer(200, answered, body)

    def _file(self, name: str, headers: Mapping[str, str]) -> _Answer:
        answered = {"Content-Type": "application/octet-stream"}
        if self.server.behaviour.ranges:
            answered["Accept-Ranges"] = "bytes"
        file = self.server.shelf.get(name)
        if file is not None:
            return _Answer(200, answered, file)
        if name.endswith(".metadata") and self.server.behaviour.core_metadata:
            file = self.server.shelf.get(name[: -len(".metadata")])
            if file is not None and file.metadata is not None:
                return _Answer(200, answered, file.metadata)
        return _Answer(404, {}, b"not found")

    def _send(self, method: str, path: str, headers: Mapping[str, str], answer: _Answer, fault: Fault) -> None:
        size = answer.body.size if isinstance(answer.body, ServedFile) else len(answer.body)
        status, start, stop = answer.status, 0, size
        answered = dict(answer.headers)
        wanted = headers.get("range")
        if wanted and status == 200 and "Accept-Ranges" in answered:
            part = _parse_range(wanted, size)
            if part is not None:
                start, stop = part
                status = 206 if start < stop else 416
                answered["Content-Range"] = f"bytes {start}-{stop - 1}/{size}" if start < stop else f"bytes */{size}"
        self.server.record(Request(method, path, headers, status))
        if status != 304:
            answered["Content-Length"] = str(stop - start if fault.promise is None else fault.promise)
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase if status in set(HTTPStatus) else 'Odd'}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in answered.items()) + "\r\n"
        if method == "HEAD":
            stop = start
        if fault.drop_after is not None:
            stop = min(stop, start + fault.drop_after)
        if fault.drip_header is not None:
            self._drip(head.encode(), fault.drip_header)
            head = ""
        if isinstance(answer.body, bytes):
            body = answer.body[start:stop]
            if fault.drip is not None:
                self.wfile.write(head.encode())
                self._drip(body, fault.drip)
            else:
                self.wfile.write(head.encode() + body)
        else:
            self.wfile.write(head.encode())
            with answer.body.open() as file:
                if fault.drip is not None:
                    file.seek(start)
                    self._drip(file.read(stop - start), fault.drip)
                elif stop > start:
                    # os.sendfile where there is a file and no TLS.
                    self.connection.sendfile(file, start, stop - start)
        if fault.drop_after is not None:
            raise ConnectionAbortedError("as told")

    def _drip(self, content: bytes, pause: float) -> None:
        for position in range(len(content)):
            self.wfile.write(content[position : position + 1])
            time.sleep(pause)


@lru_cache(maxsize=4096)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _spoil(answer: _Answer, fault: Fault) -> _Answer:
    status, headers, body = answer
    if fault.redirect is not None:
        status, headers, body = 302, {"Location": fault.redirect}, b""
    if fault.status is not None:
        status, headers, body = fault.status, {}, b"as told"
    return _Answer(status, {**headers, **fault.headers}, body if fault.body is None else fault.body)


def _parse_range(wanted: str, size: int) -> tuple[int, int] | None:
    """Return start and stop of one range of bytes (RFC 9110, 14.1.2); None for what is ignored."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size
    return min(int(first), size), min(int(last) + 1, size) if last else size


# --- by hand ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def _from_arguments(arguments: Sequence[str] | None) -> Iterator[IndexServer]:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.index_server", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--html", action="store_true", help="no JSON")
    parser.add_argument("--no-core-metadata", action="store_true")
    parser.add_argument("--no-ranges", action="store_true")
    parser.add_argument("--no-hashes", action="store_true")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--etag", action="store_true")
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="before each answer")
    parser.add_argument("--credentials", metavar="USER:PASSWORD")
    parser.add_argument("--tls", nargs=2, metavar=("CHAIN", "KEY"))
    given = parser.parse_args(arguments)
    user, _, password = (given.credentials or "").partition(":")
    behaviour = Behaviour(
        json=not given.html,
        core_metadata=not given.no_core_metadata,
        ranges=not given.no_ranges,
        hashes=not given.no_hashes,
        gzip=given.gzip,
        etag=given.etag,
        latency=given.latency / 1000,
        credentials=(user, password) if given.credentials else None,
    )
    certificate = tuple(given.tls) if given.tls else None
    with IndexServer(given.directory, behaviour, port=given.port, certificate=certificate) as server:
        yield server


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop."""
    with _from_arguments(arguments) as server:
        print(server.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            if stat.S_ISFIFO(os.fstat(0).st_mode) or stat.S_ISSOCK(os.fstat(0).st_mode):
                while os.read(0, 4096):
                    pass
            else:
                threading.Event().wait()


if __name__ == "__main__":
    main()
