"""Answers as HTTP's bytes have them."""

from __future__ import annotations

import gzip
import zlib

import pytest

from mempip.installer.transport.answers import Answer, DamagedBody
from mempip.installer.transport.wire import _request_url

TEXT = b"a page of an index " * 500


def answer(raw: bytes, *codings: bytes, size: int = 100) -> Answer:
    """Return an answer whose body arrives in pieces of `size`."""
    pieces = (raw[start : start + size] for start in range(0, len(raw), size))
    return Answer.of(200, b"OK", [(b"Content-Encoding", coding) for coding in codings], pieces)


def deflated(data: bytes) -> bytes:
    """Return `data` compressed as RFC 1951 has it, without a header."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize(
    ("raw", "codings"),
    [
        (TEXT, ()),
        (TEXT, (b"identity",)),
        (gzip.compress(TEXT), (b"gzip",)),
        (gzip.compress(TEXT), (b"X-GZIP",)),
        (zlib.compress(TEXT), (b"deflate",)),
        (deflated(TEXT), (b"deflate",)),
        (gzip.compress(zlib.compress(TEXT)), (b"deflate, gzip",)),
        (gzip.compress(zlib.compress(TEXT)), (b"deflate", b"gzip")),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "zlib", "deflate", "both", "both in turn"],
)
@pytest.mark.parametrize("size", [7, 1_000_000])
def test_bodies_are_decompressed(raw: bytes, codings: tuple[bytes, ...], size: int) -> None:
    assert b"".join(answer(raw, *codings, size=size).body()) == TEXT


@pytest.mark.parametrize("coding", [b"gzip", b"deflate"])
def test_an_empty_body_is_empty_however_it_is_called(coding: bytes) -> None:
    assert list(answer(b"", coding).body()) == []


@pytest.mark.parametrize("coding", [b"gzip", b"deflate"])
def test_a_damaged_body(coding: bytes) -> None:
    with pytest.raises(DamagedBody):
        list(answer(b"no such thing", coding).body())


def test_headers_are_found_in_lower_case_and_put_together() -> None:
    headers = [(b"Link", b"a"), (b"LINK", b"b"), (b"Location", "/ä".encode()), (b"X", b"\xe4")]
    found = Answer.of(404, b"Nicht gefunden", headers, iter(()))
    assert found.headers == {"link": "a, b", "location": "/ä", "x": "ä"}
    assert found.reason == "Nicht gefunden"


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://host", b"host", b"/"),
        ("https://HOST:8443/a%20b/c+d~e", b"host", b"/a%20b/c+d~e"),
        ("http://host/a b/ä?q=ä b&r#part", b"host", b"/a%20b/%C3%A4?q=%C3%A4%20b&r"),
        ("http://host/a\r\nX: y", b"host", b"/aX:%20y"),
        ("http://[::1]:80/x", b"::1", b"/x"),
        ("http://bücher.example/x", b"xn--bcher-kva.example", b"/x"),
    ],
)
def test_addresses_are_escaped_as_far_as_they_are_not(url: str, host: bytes, target: bytes) -> None:
    found = _request_url(url)
    assert (found.host, found.target) == (host, target)


@pytest.mark.parametrize("url", ["http:///x", "http://\x00/", "http://a b/", "http://host:port/", "http://a..ä/"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        _request_url(url)
