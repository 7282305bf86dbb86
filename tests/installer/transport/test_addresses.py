from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mempip.installer.transport.addresses import (
    Login,
    Origin,
    basic_auth,
    file_url,
    is_file_url,
    is_secure,
    origin_of,
    path_of,
    redact,
    split_credentials,
    target_of,
)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.org/x", Origin("https", "example.org", 443)),
        ("http://example.org:8080/", Origin("http", "example.org", 8080)),
        ("http://u:p@[::1]/", Origin("http", "::1", 80)),
        ("ftp://h/", Origin("ftp", "h", None)),
    ],
)
def test_origin_of(url: str, origin: Origin) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://h", "/"),
        ("http://h?a=b", "/?a=b"),
        ("http://h/a%20b%2Fc+d~(e)!?x=%26&y=/?#fragment", "/a%20b%2Fc+d~(e)!?x=%26&y=/?"),
        ('http://h/a b/\xe9"?x="y"', "/a%20b/%C3%A9%22?x=%22y%22"),
    ],
)
def test_target_of(url: str, target: str) -> None:
    assert target_of(url) == target


@pytest.mark.parametrize("url", ["http://[::1/", "http://host:port/", "http://host:99999/"])
def test_origin_of_refuses_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        origin_of(url)


@pytest.mark.parametrize(
    ("url", "clean", "login"),
    [
        ("https://host/a@b", "https://host/a@b", None),
        ("https://host/", "https://host/", None),
        ("https://u:p@host/x?y#z", "https://host/x?y#z", Login("u", "p")),
        ("https://u%40x:p%3A@host/", "https://host/", Login("u@x", "p:")),
        ("https://token@host:1/", "https://host:1/", Login("token", None)),
        ("https://@host/", "https://host/", None),
        ("https://u:p@ss@host/", "https://host/", Login("u", "p@ss")),
    ],
)
def test_split_credentials(url: str, clean: str, login: Login | None) -> None:
    assert split_credentials(url) == (clean, login)


def test_a_login_is_basic_auth() -> None:
    assert Login("u", "p").authorization == basic_auth("u", "p")
    assert Login("token", None).authorization == basic_auth("token", "")


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://host/", True),
        ("http://host/", False),
        ("http://Trusted.example/", True),
        ("http://ported.example:8080/", True),
        ("http://ported.example/", False),
        ("http://[2001:db8::1]/", True),
        ("http://localhost:3141/", True),
        ("http://127.0.0.2/", True),
        ("http://[::1]/", True),
        ("/a/directory", True),
        ("file:///a", True),
        ("http://[bad/", True),
    ],
)
def test_is_secure(url: str, secure: bool) -> None:
    assert is_secure(url, ["trusted.example", "ported.example:8080", "[2001:db8::1]"]) is secure


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@host:1/x/", "https://host:1/x/"),
        ("https://host/x?Signature=secret#frag", "https://host/x"),
        ("http://u:secret@[bad/x", "http://[bad/x"),
        ("/some/path", "/some/path"),
        ("file:///some/path", "file:///some/path"),
        ("git+file:///some/path@v1#egg=x", "git+file:///some/path@v1"),
        ("git+ssh://git@host/path@v1", "git+ssh://host/path@v1"),
    ],
)
def test_redact(url: str, shown: str) -> None:
    assert redact(url) == shown


@given(st.text(), st.text())
def test_redact_never_shows_a_password(user: str, path: str) -> None:
    assert "SECRET" not in redact(f"https://{quote(user, safe='')}:SECRET@host/{path.replace('SECRET', '')}")


def test_file_urls_and_paths_are_each_others_inverse(tmp_path: Path) -> None:
    path = tmp_path / "wheels and more #1%20"
    url = file_url(str(path))
    assert is_file_url(url)
    assert path_of(url) == str(path)


def test_file_urls_may_name_localhost_in_any_case(tmp_path: Path) -> None:
    url = file_url(str(tmp_path)).replace("file://", "FILE://localhost")
    assert is_file_url(url)
    assert path_of(url) == str(tmp_path)
    assert not is_file_url("https://host/file:")
