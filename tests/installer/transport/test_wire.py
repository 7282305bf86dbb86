"""TLS: whom is trusted, and what is said about whom is not."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from mempip.errors import IndexUnavailable, RedirectRefused, UsageError
from mempip.installer.transport import Transport, tls
from mempip.options import InstallOptions
from tests.support.index_server import Behaviour, Fault, IndexServer

PEM = Path(__file__).parents[2] / "support" / "loopback.pem"


@pytest.fixture
def server() -> Iterator[IndexServer]:
    behaviour = Behaviour(pages={"/x": ("text/html", b"hello")})
    with IndexServer({"f": bytes(100_000)}, behaviour, certificate=(str(PEM), str(PEM))) as server:
        yield server


def fetch(server: IndexServer, options: InstallOptions) -> bytes:
    with Transport(options, sleep=lambda seconds: None) as transport:
        return transport.get(f"{server.root}/x").body


def test_cert_names_the_authorities(server: IndexServer) -> None:
    with Transport(InstallOptions(cert=str(PEM))) as transport:
        assert transport.get(f"{server.root}/x").body == b"hello"
        content = bytearray()
        assert transport.download(f"{server.root}/files/f", content.extend) == 100_000


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:{port}"])
def test_trusted_hosts_are_not_checked(server: IndexServer, host: str) -> None:
    host = host.format(port=server.server_address[1])
    assert fetch(server, InstallOptions(trusted_hosts=[host])) == b"hello"


def test_trust_from_the_environment(server: IndexServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    assert fetch(server, InstallOptions()) == b"hello"
    # OpenSSL finds certificates of a directory by the hash of their subject, which is all of their file name.
    context = ssl.create_default_context(cafile=PEM)
    assert context.get_ca_certs()
    shutil.copy(PEM, tmp_path / f"{SUBJECT_HASH}.0")
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert fetch(server, InstallOptions()) == b"hello"


#: As ``openssl x509 -subject_hash`` says.
SUBJECT_HASH = "28134103"


def test_an_unknown_certificate_is_refused_at_once(server: IndexServer) -> None:
    with pytest.raises(
        IndexUnavailable, match=r"certificate of 127\.0\.0\.1 .*--cert FILE.*--trusted-host 127\.0\.0\.1"
    ):
        fetch(server, InstallOptions())
    assert server.log == []


def test_a_server_without_tls(server: IndexServer) -> None:
    with (
        IndexServer({}) as plain,
        Transport(InstallOptions()) as transport,
        pytest.raises(IndexUnavailable, match=r"TLS handshake with 127\.0\.0\.1 failed"),
    ):
        transport.get(plain.root.replace("http:", "https:"))


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_bundles_that_pip_takes_from_the_environment(
    server: IndexServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(PEM))
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    assert fetch(server, InstallOptions()) == b"hello"


def test_paths_may_begin_at_home(server: IndexServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(PEM.parent))
    monkeypatch.setenv("USERPROFILE", str(PEM.parent))
    assert fetch(server, InstallOptions(cert="~/loopback.pem", client_cert="~/loopback.pem")) == b"hello"


def test_a_server_that_asks_who_we_are(server: IndexServer) -> None:
    assert server._tls is not None
    server._tls.load_verify_locations(PEM)
    server._tls.verify_mode = ssl.CERT_REQUIRED
    assert fetch(server, InstallOptions(cert=str(PEM), client_cert=str(PEM))) == b"hello"
    with pytest.raises(IndexUnavailable, match="--client-cert"):
        fetch(server, InstallOptions(cert=str(PEM), retries=0))


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_an_unusable_client_certificate_is_named(server: IndexServer, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "client.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=r"client_cert: .*client\.pem"):
        fetch(server, InstallOptions(cert=str(PEM), client_cert=str(path)))


def test_certifi_where_the_system_trusts_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = ssl.get_default_verify_paths()._replace(capath=str(tmp_path))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: system)
    monkeypatch.setenv("SSL_CERT_FILE", "")
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda *args: None)
    assert tls.make_context("", "", verify=True).cert_store_stats()["x509_ca"] > 50


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_an_unusable_cert_is_named(server: IndexServer, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "bundle.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=r"cert: .*bundle\.pem"):
        fetch(server, InstallOptions(cert=str(path)))


def test_redirects_do_not_leave_https(server: IndexServer) -> None:
    with IndexServer({}) as plain:
        server.behaviour.faults["/x"] = [Fault(redirect=f"{plain.root}/x")]
        with pytest.raises(RedirectRefused, match="leave HTTPS"):
            fetch(server, InstallOptions(cert=str(PEM)))
        assert plain.log == []


def test_redirects_may_enter_https(server: IndexServer) -> None:
    behaviour = Behaviour(faults={"/y": [Fault(redirect=f"{server.root}/x")]})
    with IndexServer({}, behaviour) as plain, Transport(InstallOptions(cert=str(PEM))) as transport:
        assert transport.get(f"{plain.root}/y").body == b"hello"
