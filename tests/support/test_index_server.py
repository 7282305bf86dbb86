"""The loopback index is an index: asked with the standard library alone, so that no fault of ours hides another."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.index_server import Behaviour, Fault, IndexServer
from tests.support.wheel_factory import build_wheel

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
NAME, WHEEL = build_wheel("De.mo", "1.0", requires_python=">=3.8")
REPOSITORY = Path(__file__).parents[2]


def ask(
    server: IndexServer, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(server.root).netloc, timeout=10)
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    try:
        return response, response.read()
    finally:
        connection.close()


def test_json_and_html_pages() -> None:
    behaviour = Behaviour(yanked={NAME: "why"})
    with IndexServer({NAME: WHEEL, "de-mo-1.0.tar.gz": b""}, behaviour) as server:
        assert json.loads(ask(server, "/simple/", JSON)[1])["projects"] == [{"name": "de-mo"}]
        assert b'<a href="de-mo/">' in ask(server, "/simple/")[1]
        wheel, sdist = json.loads(ask(server, "/simple/de-mo/", JSON)[1])["files"]
        digest = hashlib.sha256(WHEEL).hexdigest()
        assert (wheel["filename"], wheel["size"], wheel["yanked"]) == (NAME, len(WHEEL), "why")
        assert (wheel["hashes"], wheel["requires-python"]) == ({"sha256": digest}, ">=3.8")
        assert "core-metadata" not in sdist
        metadata = ask(server, f"/files/{NAME}.metadata")[1]
        assert wheel["core-metadata"] == {"sha256": hashlib.sha256(metadata).hexdigest()}
        html = ask(server, "/simple/de-mo/")[1].decode()
        assert f'href="../../files/{NAME}#sha256={digest}" data-requires-python="&gt;=3.8" data-yanked="why"' in html
        response, _ = ask(server, "/simple/De_Mo")
        assert (response.status, response.headers["Location"]) == (301, "/simple/De_Mo/")
        for path in ("/simple/other/", "/files/other", "/files/other.metadata", "/other"):
            assert ask(server, path)[0].status == 404


def test_what_it_can_be_told_not_to_do() -> None:
    behaviour = Behaviour(json=False, core_metadata=False, hashes=False, sizes=False, ranges=False)
    with IndexServer({NAME: WHEEL}, behaviour) as server:
        response, body = ask(server, "/simple/de-mo/", JSON)
        assert response.headers["Content-Type"].startswith("text/html")
        assert b"sha256" not in body
        assert ask(server, f"/files/{NAME}.metadata")[0].status == 404
        assert ask(server, f"/files/{NAME}", {"Range": "bytes=0-1"})[1] == WHEEL


def test_gzip_and_etag() -> None:
    with IndexServer({NAME: WHEEL}, Behaviour(gzip=True, etag=True)) as server:
        plain, body = ask(server, "/simple/de-mo/")
        packed, compressed = ask(server, "/simple/de-mo/", {"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(compressed) == body
        response, nothing = ask(server, "/simple/de-mo/", {"If-None-Match": plain.headers["ETag"]})
        assert (response.status, nothing) == (304, b"")


@pytest.mark.parametrize(
    ("wanted", "status", "start", "stop"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=5-", 206, 5, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=-99999999", 206, 0, None),
        ("bytes=5-99999999", 206, 5, None),
        ("bytes=-", 200, 0, None),
        ("bytes=0-1,3-4", 200, 0, None),
        ("bytes=99999999-", 416, 0, 0),
    ],
)
@pytest.mark.parametrize("on_disk", [True, False])
def test_ranges(tmp_path: Path, on_disk: bool, wanted: str, status: int, start: int, stop: int | None) -> None:
    (tmp_path / NAME).write_bytes(WHEEL)
    with IndexServer(tmp_path if on_disk else {NAME: WHEEL}) as server:
        response, body = ask(server, f"/files/{NAME}", {"Range": wanted})
        assert (response.status, body) == (status, WHEEL[start:stop])
        assert server.log[0].status == status


def test_head() -> None:
    with IndexServer({NAME: WHEEL}) as server:
        response, body = ask(server, f"/files/{NAME}", method="HEAD")
        assert (response.headers["Content-Length"], body) == (str(len(WHEEL)), b"")


def test_credentials_and_latency() -> None:
    with IndexServer({NAME: WHEEL}, Behaviour(credentials=("a", "b"), latency=0.01)) as server:
        assert ask(server, "/simple/")[0].status == 401
        begin = time.monotonic()
        assert ask(server, "/simple/", {"Authorization": "Basic YTpi"})[0].status == 200
        assert time.monotonic() - begin >= 0.01


def test_faults() -> None:
    path = f"/files/{NAME}"
    with IndexServer({NAME: WHEEL}) as server:
        faults = [Fault(drop_after=5, times=1), Fault(drip=0.0, times=1), Fault(status=599, times=1)]
        server.behaviour.faults[path] = [*faults, Fault(redirect="/x", headers={"X": "y"})]
        with pytest.raises(http.client.IncompleteRead) as caught:
            ask(server, path)
        assert caught.value.partial == WHEEL[:5]
        assert ask(server, path)[1] == WHEEL
        assert ask(server, path)[0].status == 599
        response, _ = ask(server, path)
        assert (response.status, response.headers["Location"], response.headers["X"]) == (302, "/x", "y")
        assert server.paths() == [path] * 4


def test_two_connections_may_ask_at_once_and_each_is_kept() -> None:
    with IndexServer({NAME: WHEEL}) as server:
        connections = [http.client.HTTPConnection(urlsplit(server.root).netloc, timeout=10) for _ in range(2)]
        for _ in range(2):
            for connection in connections:
                connection.request("GET", "/simple/")
            for connection in connections:
                assert connection.getresponse().read()
        for connection in connections:
            connection.close()


def test_by_hand(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(WHEEL)
    command = [sys.executable, "-m", "tests.support.index_server", str(tmp_path), "--html", "--credentials", "a:b"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = urlsplit(process.stdout.readline().strip())
        connection = http.client.HTTPConnection(url.netloc, timeout=10)
        connection.request("GET", f"{url.path}de-mo/", headers={**JSON, "Authorization": "Basic YTpi"})
        assert b"<html>" in connection.getresponse().read()
        connection.close()
        process.stdin.close()
        assert process.wait(30) == 0
