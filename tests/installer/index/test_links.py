from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from mempip.errors import IndexUnavailable, InvalidIndexPage
from mempip.installer.index.links import read_links
from mempip.installer.transport import Transport, file_url
from mempip.options import InstallOptions
from tests.support.index_server import Behaviour, IndexServer

WHEEL = "demo-1.0-py3-none-any.whl"
DEMO = canonicalize_name("demo")


@pytest.fixture
def transport() -> Iterator[Transport]:
    with Transport(InstallOptions(retries=0)) as transport:
        yield transport


def test_a_directory(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"1234")
    (tmp_path / "Other-2.0.tar.gz").touch()
    (tmp_path / "README").touch()
    (tmp_path / "more").mkdir()
    for location in (str(tmp_path), file_url(str(tmp_path))):
        found = read_links(location, transport)
        assert sorted(found) == ["demo", "other"]
        (file,) = found[DEMO]
        assert (file.filename, file.url, file.size) == (WHEEL, file_url(str(tmp_path / WHEEL)), 4)
        assert file.source == location
        assert transport.get_range(file.url, start=1, end=3) == (b"23", 4)


def test_a_directory_with_an_odd_name(transport: Transport, tmp_path: Path) -> None:
    directory = tmp_path / "a #b%20"
    directory.mkdir()
    (directory / WHEEL).write_bytes(b"1")
    assert transport.get_range(read_links(str(directory), transport)[DEMO][0].url) == (b"1", 1)


def test_the_home_directory(transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / WHEEL).touch()
    assert DEMO in read_links("~", transport)


def test_one_wheel(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"1234")
    (file,) = read_links(str(tmp_path / WHEEL), transport)[DEMO]
    assert (file.url, file.size) == (file_url(str(tmp_path / WHEEL)), 4)


def test_a_local_page(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "links.html").write_text(f'<a href="wheels/{WHEEL}#sha256=ab">')
    (file,) = read_links(str(tmp_path / "links.html"), transport)[DEMO]
    assert (file.url, file.hashes) == (file_url(str(tmp_path / "wheels" / WHEEL)), {"sha256": "ab"})


def test_a_missing_directory_is_named(transport: Transport, tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="nowhere"):
        read_links(str(tmp_path / "nowhere"), transport)


def test_a_page(transport: Transport) -> None:
    pages = {"/links": ("text/html", f'<a href="/f/{WHEEL}"><a href="about.html">'.encode()), "/json": ("x/y", b"")}
    with IndexServer({}, Behaviour(pages=pages)) as server:
        found = read_links(f"{server.root.replace('//', '//u:p@')}/links", transport)
        assert [(file.url, file.source) for file in found[DEMO]] == [
            (f"{server.root}/f/{WHEEL}", f"{server.root}/links")
        ]
        with pytest.raises(IndexUnavailable, match="404"):
            read_links(f"{server.root}/none", transport)
        with pytest.raises(InvalidIndexPage):
            read_links(f"{server.root}/json", transport)


def test_the_address_of_one_wheel_is_not_fetched(transport: Transport) -> None:
    (file,) = read_links(f"https://u:p@index.invalid/x/{WHEEL}?y", transport)[DEMO]
    assert (file.filename, file.url) == (WHEEL, f"https://index.invalid/x/{WHEEL}?y")
