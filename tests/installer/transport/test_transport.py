"""`Transport` against a real server on loopback that misbehaves as told."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpcore
import pytest

from mempip.errors import IndexUnavailable, RedirectRefused, UsageError
from mempip.installer.transport import Transport, wire
from mempip.installer.transport.addresses import basic_auth
from mempip.installer.transport.page_cache import PageCache
from mempip.options import InstallOptions
from tests.support.index_server import Behaviour, Fault, IndexServer

PAGE = "/page"
FILE = "/files/f"
CONTENT = bytes(range(256)) * 2000


class Scene:
    """A server, a transport with a recorded sleep, and what was slept."""

    def __init__(self, server: IndexServer, transport: Transport, slept: list[float]) -> None:
        self.server = server
        self.transport = transport
        self.slept = slept

    def fault(self, path: str, *faults: Fault) -> str:
        self.server.behaviour.faults[path] = list(faults)
        return self.server.root + path

    def download(self, **options: Any) -> bytes:
        content = bytearray()
        size = self.transport.download(self.server.root + FILE, content.extend, **options)
        assert size == len(content)
        return bytes(content)


@contextmanager
def make_scene(*, clock: Any = None, behaviour: Behaviour | None = None, **options: Any) -> Iterator[Scene]:
    slept: list[float] = []
    behaviour = behaviour or Behaviour()
    behaviour.pages[PAGE] = ("text/html", b"hello")
    with IndexServer({"f": CONTENT}, behaviour) as server:
        more = {"clock": clock} if clock else {}
        with Transport(InstallOptions(**{"retries": 2, **options}), sleep=slept.append, **more) as transport:
            yield Scene(server, transport, slept)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with make_scene() as scene:
        yield scene


# --- pages ---


def test_get(scene: Scene) -> None:
    page = scene.transport.get(scene.server.root + PAGE, headers={"Accept": "x/y"})
    assert (page.url, page.status, page.body) == (scene.server.root + PAGE, 200, b"hello")
    assert page.headers["content-type"] == "text/html"
    sent = scene.server.log[0].headers
    assert sent["accept"] == "x/y"
    assert sent["user-agent"].startswith("mempip/")
    assert "authorization" not in sent


def test_connections_are_kept(scene: Scene) -> None:
    accepted = []
    get_request = scene.server.get_request
    scene.server.get_request = lambda: accepted.append(1) or get_request()  # type: ignore[method-assign, func-returns-value]
    for _ in range(3):
        scene.transport.get(scene.server.root + PAGE)
        scene.download()
    assert len(accepted) == 1


def test_a_connection_that_its_server_has_closed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "FRESH", 0)
    with make_scene(retries=0) as scene:
        accepted = []
        get_request = scene.server.get_request
        scene.server.get_request = lambda: accepted.append(get_request()) or accepted[-1]  # type: ignore[method-assign, func-returns-value]
        scene.transport.get(scene.server.root + PAGE)
        accepted[0][0].shutdown(socket.SHUT_RDWR)
        assert scene.transport.get(scene.server.root + PAGE).body == b"hello"
        assert len(accepted) == 2


@pytest.mark.parametrize(("fresh", "taken"), [(60, False), (0, True)])
def test_an_answer_is_not_taken_for_the_end_of_its_connection(
    fresh: float, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "FRESH", fresh)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = wire._Backend().connect_tcp(*listener.getsockname())
        with closing(listener.accept()[0]) as server:
            assert stream.get_extra_info("is_readable") is False
            stream.write(b"request")
            server.sendall(b"answer")
            assert stream.get_extra_info("is_readable") is taken
            assert stream.read(6) == b"answer"
        stream.close()


@pytest.mark.parametrize("status", [404, 410])
def test_missing_pages_are_for_the_caller_to_judge(scene: Scene, status: int) -> None:
    assert scene.transport.get(scene.fault(PAGE, Fault(status=status))).status == status
    assert scene.slept == []


def test_other_statuses_raise(scene: Scene) -> None:
    with pytest.raises(IndexUnavailable, match=r"answered 403 Forbidden$") as caught:
        scene.transport.get(scene.fault(PAGE, Fault(status=403)))
    assert caught.value.url == scene.server.root + PAGE
    assert scene.slept == []


def test_large_pages_are_refused(scene: Scene) -> None:
    assert scene.transport.get(scene.server.root + PAGE, limit=5).body == b"hello"
    with pytest.raises(IndexUnavailable, match="larger than 4 bytes"):
        scene.transport.get(scene.server.root + PAGE, limit=4)


def test_the_limit_holds_for_what_is_decompressed(scene: Scene) -> None:
    bomb = gzip.compress(bytes(1_000_000))
    url = scene.fault(PAGE, Fault(body=bomb, headers={"Content-Encoding": "gzip"}))
    assert scene.transport.get(url, limit=1_000_000).body == bytes(1_000_000)
    with pytest.raises(IndexUnavailable, match="larger than"):
        scene.transport.get(url, limit=len(bomb))


def test_damaged_compression_is_tried_again_and_then_named(scene: Scene) -> None:
    broken = Fault(body=b"no gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(IndexUnavailable, match=r"compressed body is damaged.*\(3 tries\)"):
        scene.transport.get(scene.fault(PAGE, broken))


@pytest.mark.parametrize("url", ["http://[bad/", "http://host:port/", "http://u:SECRET@[bad/"])
def test_what_is_no_url_is_said_to_be_none(scene: Scene, url: str) -> None:
    with pytest.raises(IndexUnavailable, match="not a URL") as caught:
        scene.transport.get(url)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "gopher://127.0.0.1/", "no-scheme", "http://\x00/", "http://h/\ud800"]
)
def test_addresses_that_are_not_http(scene: Scene, url: str) -> None:
    with pytest.raises(IndexUnavailable, match="not a"):
        scene.transport.get(url)


# --- trying again ---


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 520, 527])
def test_failures_that_may_pass_are_tried_again(scene: Scene, status: int) -> None:
    assert scene.transport.get(scene.fault(PAGE, Fault(status=status, times=2))).body == b"hello"
    assert scene.slept == [0.25, 0.5]


def test_it_gives_up_after_the_given_number_of_tries(scene: Scene) -> None:
    with pytest.raises(IndexUnavailable, match=r"answered 503 Service Unavailable \(3 tries\)"):
        scene.transport.get(scene.fault(PAGE, Fault(status=503)))
    assert len(scene.server.log) == 3


def test_no_retries() -> None:
    with make_scene(retries=0) as scene, pytest.raises(IndexUnavailable, match=r"503 Service Unavailable$"):
        scene.transport.get(scene.fault(PAGE, Fault(status=503)))


def test_retry_after_is_followed_within_reason(scene: Scene) -> None:
    faults = [Fault(status=429, headers={"Retry-After": value}, times=1) for value in ("7", "86400")]
    assert scene.transport.get(scene.fault(PAGE, *faults)).body == b"hello"
    assert scene.slept == [7.0, 30.0]


def test_broken_connections_are_tried_again(scene: Scene) -> None:
    url = scene.fault(PAGE, Fault(drop_after=2, times=1), Fault(drop_after=0, times=1))
    assert scene.transport.get(url).body == b"hello"


def test_nobody_listens(scene: Scene) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://u:SECRET@127.0.0.1:{unused.getsockname()[1]}/x"
        with pytest.raises(IndexUnavailable, match=r"\(3 tries\)") as caught:
            scene.transport.get(url)
    assert "SECRET" not in str(caught.value)


def test_a_silent_server_times_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        make_scene(timeout=0.05, retries=1) as scene,
        pytest.raises(IndexUnavailable, match="timed out"),
    ):
        scene.transport.get(f"http://127.0.0.1:{silent.getsockname()[1]}/")


@pytest.mark.parametrize("fault", [Fault(drip=0.001), Fault(drip_header=0.001)])
def test_a_page_that_drips_does_not_hang(fault: Fault) -> None:
    # Each look at the clock is two seconds later: the page's 40 s are over after a few bytes.
    ticks = count(0.0, 2.0)
    with make_scene(clock=lambda: next(ticks), timeout=2.0) as scene:
        fault.body = b"x" * 1000
        with pytest.raises(IndexUnavailable, match="too slow, 40 s"):
            scene.transport.get(scene.fault(PAGE, fault))


def test_closing_ends_what_other_threads_wait_for() -> None:
    with make_scene(timeout=60.0) as scene:
        url = scene.fault(PAGE, Fault(body=b"x" * 100_000, drip=0.01))
        faults: list[Exception] = []

        def wait() -> None:
            try:
                scene.transport.get(url)
            except IndexUnavailable as fault:
                faults.append(fault)

        thread = threading.Thread(target=wait)
        thread.start()
        while not scene.server.log:
            pass
        scene.transport.close()
        thread.join(30.0)
        assert "closed" in str(faults[0])
        with pytest.raises(IndexUnavailable, match="closed"):
            scene.transport.get(url)


def test_closing_waits_for_no_connection_and_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = wire._Backend()
    connect = backend._inner.connect_tcp

    def connected_late(*arguments: Any) -> httpcore.NetworkStream:
        stream = connect(*arguments)
        backend.close()
        return stream

    monkeypatch.setattr(backend._inner, "connect_tcp", connected_late)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with pytest.raises(httpcore.ConnectError, match="closed"):
            backend.connect_tcp(*listener.getsockname())
        with closing(listener.accept()[0]) as server:
            assert server.recv(1) == b""


def test_close_without_a_request() -> None:
    Transport(InstallOptions()).close()


# --- redirects ---


def test_redirects_are_followed(scene: Scene) -> None:
    scene.fault("/a", Fault(redirect="b?c=d"))
    scene.fault("/b", Fault(status=307, headers={"Location": PAGE}))
    page = scene.transport.get(scene.server.root + "/a")
    assert (page.url, page.body) == (scene.server.root + PAGE, b"hello")


def test_a_redirect_status_without_location_is_a_failure(scene: Scene) -> None:
    with pytest.raises(IndexUnavailable, match="301"):
        scene.transport.get(scene.fault("/a", Fault(status=301)))


def test_circles_are_named(scene: Scene) -> None:
    scene.fault("/a", Fault(redirect="/b"))
    scene.fault("/b", Fault(redirect="/a"))
    with pytest.raises(RedirectRefused, match="circles") as caught:
        scene.transport.get(scene.server.root + "/a")
    assert caught.value.target == scene.server.root + "/a"


def test_endless_redirects_end(scene: Scene) -> None:
    for number in range(12):
        scene.fault(f"/{number}", Fault(redirect=f"/{number + 1}"))
    with pytest.raises(RedirectRefused, match="more than 10"):
        scene.transport.get(scene.server.root + "/0")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://host/", "http://[bad/", "javascript:x"])
def test_redirects_lead_to_http_addresses_only(scene: Scene, target: str) -> None:
    with pytest.raises(RedirectRefused, match=r"only http|not a URL"):
        scene.transport.get(scene.fault("/a", Fault(redirect=target)))


# --- credentials ---


def test_credentials_in_a_url_become_basic_auth(scene: Scene) -> None:
    scene.server.behaviour.credentials = ("me", "s@cret")
    page = scene.transport.get(scene.server.root.replace("//", "//me:s%40cret@") + PAGE)
    assert (page.url, page.body) == (scene.server.root + PAGE, b"hello")


def test_credentials_of_the_index_are_lent_to_its_origin() -> None:
    with make_scene(behaviour=Behaviour(credentials=("me", "secret"))) as scene:
        index = scene.server.root.replace("//", "//me:secret@") + "/simple/"
        with Transport(InstallOptions(index_url=index)) as transport:
            assert transport.get(scene.server.root + PAGE).body == b"hello"
            content = bytearray()
            transport.download(scene.server.root + FILE, content.extend)
            assert content == CONTENT


def test_without_credentials_the_way_out_is_named(scene: Scene) -> None:
    scene.server.behaviour.credentials = ("me", "secret")
    with pytest.raises(IndexUnavailable, match=r"401.*netrc"):
        scene.transport.get(scene.server.root + PAGE)


@pytest.mark.skipif(os.name != "posix", reason="the command is a shell script")
def test_a_keyring_is_asked_once_and_only_when_a_server_refuses(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "keyring"
    command.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho \'{{"username":"me","password":"secret"}}\'\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    host = scene.server.root.removeprefix("http://")
    with Transport(InstallOptions(keyring_provider="subprocess")) as transport:
        assert transport.get(scene.server.root + PAGE).body == b"hello"
        assert not (tmp_path / "asked").exists()
        scene.server.behaviour.credentials = ("me", "secret")
        for _ in range(2):
            assert transport.get(scene.server.root + PAGE).body == b"hello"
    assert (tmp_path / "asked").read_text() == f"--mode=creds --output=json get {host}\n"
    assert [request.status for request in scene.server.log] == [200, 401, 200, 200]


def test_wrong_credentials_are_not_shown(scene: Scene) -> None:
    scene.server.behaviour.credentials = ("me", "secret")
    with pytest.raises(IndexUnavailable) as caught:
        scene.transport.get(scene.server.root.replace("//", "//me:wrong@") + PAGE)
    assert "wrong" not in str(caught.value)
    assert "wrong" not in repr(caught.value.data)


def test_credentials_stay_with_their_origin(scene: Scene) -> None:
    with IndexServer({}, Behaviour(pages={"/x": ("text/plain", b"other")})) as other:
        scene.fault("/a", Fault(redirect="/b"))
        scene.fault("/b", Fault(redirect=f"{other.root}/x"))
        scene.transport.get(scene.server.root.replace("//", "//me:secret@") + "/a")
        assert [request.headers.get("authorization") for request in scene.server.log] == [
            basic_auth("me", "secret")
        ] * 2
        assert "authorization" not in other.log[0].headers


def test_credentials_in_a_redirect_are_for_its_target(scene: Scene) -> None:
    scene.fault("/a", Fault(redirect=scene.server.root.replace("//", "//you:too@") + PAGE))
    assert scene.transport.get(scene.server.root + "/a").url == scene.server.root + PAGE
    assert scene.server.log[1].headers["authorization"] == basic_auth("you", "too")


# --- ranges ---


def test_ranges(scene: Scene) -> None:
    url = scene.server.root + FILE
    assert scene.transport.get_range(url, start=5, end=9) == (CONTENT[5:9], len(CONTENT))
    assert scene.transport.get_range(url, start=511_990) == (CONTENT[511_990:], len(CONTENT))
    assert scene.transport.get_range(url, suffix=7) == (CONTENT[-7:], len(CONTENT))
    assert scene.transport.get_range(url, suffix=10**9) == (CONTENT, len(CONTENT))
    assert scene.server.log[0].headers["range"] == "bytes=5-8"


def test_a_server_without_ranges_is_asked_once(scene: Scene) -> None:
    scene.server.behaviour.ranges = False
    assert scene.transport.get_range(scene.server.root + FILE, suffix=7) is None
    assert scene.transport.get_range(scene.server.root + FILE, start=7) is None
    assert len(scene.server.log) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=416, headers={"Accept-Ranges": "bytes"}),
        Fault(status=501),
        Fault(status=206, headers={"Content-Range": "bytes 0-1/*"}),
        Fault(status=206, headers={"Content-Range": "bytes 0-1/9", "Content-Encoding": "gzip"}),
    ],
)
def test_answers_that_are_no_range(scene: Scene, fault: Fault) -> None:
    assert scene.transport.get_range(scene.fault(FILE, fault), suffix=2) is None


def test_a_small_file_sent_whole_does_not_speak_against_the_server(scene: Scene) -> None:
    # In lower case the server does not know that the header speaks of it.
    url = scene.fault(FILE, Fault(status=200, headers={"accept-ranges": "bytes"}, times=1))
    assert scene.transport.get_range(url, suffix=7) is None
    assert scene.transport.get_range(url, suffix=7) == (CONTENT[-7:], len(CONTENT))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=206, headers={"Content-Range": "bytes 3-4/9"}, body=b"xy"),
        Fault(status=206, headers={"Content-Range": "bytes 7-8/9"}, body=b"x"),
        Fault(status=206, headers={"Content-Range": "bytes 7-8/9"}, body=b"xyz"),
    ],
)
def test_another_range_than_asked_for(scene: Scene, fault: Fault) -> None:
    with pytest.raises(IndexUnavailable, match="another range"):
        scene.transport.get_range(scene.fault(FILE, fault), suffix=2)


# --- downloads ---


def test_download(scene: Scene) -> None:
    progress: list[int] = []
    assert scene.download(expected_size=len(CONTENT), progress=progress.append) == CONTENT
    assert sum(progress) == len(CONTENT)
    assert scene.server.log[0].headers["accept-encoding"] == "identity"


def test_a_broken_download_goes_on_where_it_stopped(scene: Scene) -> None:
    scene.fault(FILE, Fault(drop_after=100_000, times=1), Fault(drop_after=1, times=1))
    assert scene.download() == CONTENT
    ranges = [request.headers.get("range") for request in scene.server.log]
    assert ranges == [None, "bytes=100000-", "bytes=100001-"]


def test_a_server_without_ranges_starts_again_and_nothing_is_written_twice(scene: Scene) -> None:
    scene.server.behaviour.ranges = False
    scene.fault(FILE, Fault(drop_after=100_000, times=1), Fault(drop_after=50_000, times=1))
    assert scene.download() == CONTENT


def test_progress_earns_new_tries(scene: Scene) -> None:
    scene.fault(FILE, *(Fault(drop_after=80_000, times=1) for _ in range(5)))
    assert scene.download() == CONTENT
    assert scene.slept == [0.25] * 5


def test_a_download_that_breaks_for_ever_ends(scene: Scene) -> None:
    scene.fault(FILE, Fault(drop_after=10))
    with pytest.raises(IndexUnavailable, match="3 tries"):
        scene.download()


def test_a_server_that_goes_on_too_late_in_the_file(scene: Scene) -> None:
    late = Fault(status=206, headers={"Content-Range": "bytes 200000-200001/512000"}, body=b"xy")
    scene.fault(FILE, Fault(drop_after=100_000, times=1), late)
    with pytest.raises(IndexUnavailable, match="go on at byte 100000"):
        scene.download()


@pytest.mark.parametrize("promised", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_the_announced_size_is_checked(scene: Scene, promised: int) -> None:
    with pytest.raises(IndexUnavailable, match=f"{promised} (bytes|were) announced"):
        scene.download(expected_size=promised)


def test_a_short_body_is_noticed(scene: Scene) -> None:
    scene.fault(FILE, Fault(promise=len(CONTENT) + 10))
    with pytest.raises(IndexUnavailable, match="416"):  # when asked for the rest
        scene.download()


def test_downloads_of_missing_files(scene: Scene) -> None:
    with pytest.raises(IndexUnavailable, match="404"):
        scene.transport.download(scene.server.root + "/files/none", bytearray().extend)


def test_a_body_that_was_compressed_unasked_is_decompressed(scene: Scene) -> None:
    scene.fault(FILE, Fault(body=gzip.compress(CONTENT), headers={"Content-Encoding": "gzip"}))
    assert scene.download(expected_size=len(CONTENT)) == CONTENT


def test_a_download_that_drips_does_not_hang() -> None:
    ticks = count(0.0, 1.0)
    with make_scene(clock=lambda: next(ticks), timeout=2.0, retries=1) as scene:
        scene.fault(FILE, Fault(drip=0.001))
        with pytest.raises(IndexUnavailable, match="too slow, 8 s"):
            scene.download()


def test_a_download_may_take_as_long_as_it_makes_progress() -> None:
    # 20 MB take at least 20 reads, so 6 s by this clock; 4 s may pass without progress.
    ticks = count(0.0, 0.3)
    with make_scene(clock=lambda: next(ticks), timeout=1.0, retries=0) as scene:
        scene.fault(FILE, Fault(body=os.urandom(20_000_000)))
        assert len(scene.download()) == 20_000_000


# --- proxies ---


@pytest.mark.parametrize("prefix", ["http://", ""])
def test_a_proxy_is_used(scene: Scene, prefix: str) -> None:
    scene.server.behaviour.pages["http://index.invalid/x"] = ("text/html", b"by proxy")
    proxy = f"{prefix}127.0.0.1:{scene.server.server_address[1]}"
    with Transport(InstallOptions(proxy=proxy)) as transport:
        assert transport.get("http://index.invalid/x").body == b"by proxy"


def test_a_proxy_of_the_environment_is_used(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY" if sys.platform == "win32" else "http_proxy", scene.server.root)
    scene.server.behaviour.pages["http://index.invalid/x"] = ("text/html", b"by proxy")
    assert scene.transport.get("http://index.invalid/x").body == b"by proxy"
    assert scene.transport.get(scene.server.root + PAGE).body == b"hello"  # NO_PROXY names it


def test_a_proxy_of_the_environment_may_be_left_out(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY")
    with Transport(InstallOptions(no_proxy_env=True)) as transport:
        assert transport.get(scene.server.root + PAGE).body == b"hello"


def test_a_proxy_gets_its_credentials(scene: Scene) -> None:
    scene.server.behaviour.pages["http://index.invalid/x"] = ("text/html", b"by proxy")
    with Transport(InstallOptions(proxy=scene.server.root.replace("//", "//me:secret@"))) as transport:
        transport.get("http://index.invalid/x")
    assert scene.server.log[0].headers["proxy-authorization"] == basic_auth("me", "secret")


def test_a_proxy_that_cannot_be_used(scene: Scene) -> None:
    transport = Transport(InstallOptions(proxy="ftp://u:SECRET@host:1"))
    with transport, pytest.raises(UsageError, match="scheme") as caught:
        transport.get("http://index.invalid/x")
    assert "SECRET" not in str(caught.value)


def test_a_proxy_that_refuses_is_named(scene: Scene) -> None:
    transport = Transport(InstallOptions(proxy=scene.server.root, retries=0))
    with transport, pytest.raises(IndexUnavailable, match="404"):
        transport.get("https://index.invalid/x")


def test_a_socks_proxy_needs_a_package_or_a_proxy() -> None:
    # Without socksio the option is refused; with it, nobody answers.
    transport = Transport(InstallOptions(proxy="socks5://127.0.0.1:1", retries=0))
    with transport, pytest.raises((UsageError, IndexUnavailable), match=r"socks5://|index\.invalid"):
        transport.get("http://index.invalid/x")


# --- import cost ---


def test_httpx_is_not_imported_before_it_is_needed() -> None:
    program = "import sys, mempip.installer.transport; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


# --- what is not fetched twice ---


def test_a_broken_download_goes_on_with_the_same_file(scene: Scene) -> None:
    mark = {"ETag": '"a"', "Last-Modified": "Wed, 01 Jan 2025 00:00:00 GMT"}
    scene.fault(FILE, Fault(drop_after=100_000, headers=mark, times=1), Fault(headers=mark))
    assert scene.download() == CONTENT
    assert [request.headers.get("if-range") for request in scene.server.log] == [None, '"a"']


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_was_changed_meanwhile_is_not_put_together(scene: Scene, ranges: bool) -> None:
    scene.server.behaviour.ranges = ranges
    date = "Wed, 0{} Jan 2025 00:00:00 GMT"
    first = Fault(drop_after=100_000, headers={"ETag": 'W/"a"', "Last-Modified": date.format(1)}, times=1)
    scene.fault(FILE, first, Fault(headers={"Last-Modified": date.format(2)}))
    with pytest.raises(IndexUnavailable, match="changed while it was downloaded"):
        scene.download()
    assert scene.server.log[1].headers["if-range"] == date.format(1)


def pages_of(scene: Scene, pages: PageCache, url: str, **options: Any) -> list[tuple[int, int]]:
    """Fetch a page twice, by two transports; return the size of what came and the status of the answer."""
    scene.server.log.clear()
    found = []
    for _ in range(2):
        with Transport(InstallOptions(**options), pages=pages) as transport:
            page = transport.get(url, headers={"Accept": "text/html"})
            assert page.status == 200
            assert page.headers["content-type"].startswith("text/html")
            found.append((len(page.body), scene.server.log[-1].status))
    return found


def test_a_page_that_has_not_changed_is_not_sent_again(scene: Scene) -> None:
    scene.server.behaviour.etag = True
    pages = PageCache()
    scene.fault("/start", Fault(redirect="/simple/"))
    first, again = pages_of(scene, pages, f"{scene.server.root}/start")
    assert (first[1], again) == (200, (first[0], 304))
    # Not for others: neither other credentials nor another way to the server.
    url = f"{scene.server.root}/start".replace("//", "//me:secret@")
    assert [status for _, status in pages_of(scene, pages, url)] == [200, 304]
    trusting = pages_of(scene, pages, f"{scene.server.root}/start", trusted_hosts=["h"])
    assert [status for _, status in trusting] == [200, 304]


@pytest.mark.parametrize(
    "headers", [{}, {"ETag": '"a"', "Cache-Control": "private, no-store"}, {"ETag": "a", "Vary": "*"}]
)
def test_pages_that_are_not_kept(scene: Scene, headers: dict[str, str]) -> None:
    url = scene.fault(PAGE, Fault(headers=headers))
    assert pages_of(scene, PageCache(), url) == [(5, 200), (5, 200)]
    assert all("if-none-match" not in request.headers for request in scene.server.log)


def test_a_page_that_is_dated_is_asked_for_by_its_date(scene: Scene) -> None:
    date = "Wed, 01 Jan 2025 00:00:00 GMT"
    url = scene.fault(PAGE, Fault(headers={"Last-Modified": date}, times=1), Fault(status=304))
    assert pages_of(scene, PageCache(), url) == [(5, 200), (5, 304)]
    assert scene.server.log[1].headers["if-modified-since"] == date


def test_an_unasked_304_is_a_failure(scene: Scene) -> None:
    with pytest.raises(IndexUnavailable, match="answered 304"):
        scene.transport.get(scene.fault(PAGE, Fault(status=304)))
