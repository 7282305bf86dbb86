"""What a request is, when two are the same, and what a daemon leaves to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mempip.errors import DaemonRefused, ProtocolError
from mempip.options import InstallOptions
from mempip.store import python
from mempip.store.daemon.requests import NotHere, Request, check_version, read_install
from mempip.store.protocol import VERSION

if TYPE_CHECKING:
    from pathlib import Path

NETWORK = InstallOptions(cert="/daemon.pem", proxy="http://proxy")


def read(*requirements: str, same_files: bool = True, refresh: bool = False, uid: int = 0, **options: Any) -> Request:
    wire = InstallOptions(requirements, **options).to_wire()
    message = {"type": "install", "options": wire, "python": python.describe(), "refresh": refresh}
    return read_install(message, NETWORK, uid, same_files=same_files)


def test_equal_requests_have_equal_keys() -> None:
    assert read("made").key == read("made", timeout=3, retries=1, refresh=True, cert="/daemon.pem").key
    others = [read("other"), read("made", pre=True), read("made", index_url="https://other/")]
    assert read("made").key not in {other.key for other in others}


def test_who_wants_it_fresh_does_not_wait_for_what_may_be_old() -> None:
    assert read("made", refresh=True).flight != read("made").flight


def test_certificates_and_proxy_are_the_daemons() -> None:
    options = read("made").options
    assert (options.cert, options.proxy) == (NETWORK.cert, NETWORK.proxy)


def test_a_directory_of_links_counts_with_its_time(tmp_path: Path) -> None:
    before = read("made", find_links=[str(tmp_path)])
    (tmp_path / "file").touch()
    assert read("made", find_links=[str(tmp_path)]).key != before.key
    assert read("made", find_links=[str(tmp_path / "absent")]).key


@pytest.mark.parametrize(
    ("options", "same_files"),
    [
        ({"requirement_files": ["r.txt"]}, True),
        ({"constraint_files": ["c.txt"]}, True),
        ({"groups": ["test"]}, True),
        ({"script_files": ["script.py"]}, True),
        ({"editables": ["."]}, True),
        ({"python_version": "3.12", "dry_run": True}, True),
        ({"build_isolation": False}, True),
        ({"build_dir": "/tmp"}, True),
        ({"cert": "/other.pem"}, True),
        ({"proxy": "http://other"}, True),
        ({"client_cert": "/me.pem"}, True),
        ({"keyring_provider": "auto"}, True),
        ({"no_proxy_env": True}, True),
        ({"find_links": ["/wheels"]}, False),
        ({"find_links": ["file:///wheels"]}, False),
        ({"index_url": "file:///index"}, False),
        ({"extra_index_urls": ["/index"]}, False),
    ],
)
def test_what_is_the_clients_own(options: dict[str, Any], same_files: bool) -> None:
    with pytest.raises(NotHere):
        read("made", same_files=same_files, **options)


def test_strangers_have_keys_of_their_own_and_no_builds() -> None:
    own, stranger = read("made"), read("made", uid=54321, no_binary=["made"])
    assert (own.stranger, own.key) == (False, own.own_key)
    assert stranger.stranger
    assert (stranger.options.only_binary, stranger.options.no_binary) == ((":all:",), ())
    assert read("made", uid=54321).own_key == own.key != read("made", uid=54321).key


def test_links_on_the_web_are_for_everybody() -> None:
    assert read("made", find_links=["https://host/links"], same_files=False)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"options": None, "python": {}},
        {"options": {"requirements": [1]}, "python": python.describe()},
        {"options": {"index_url": 7}, "python": python.describe()},
        {"options": {"timeout": -1}, "python": python.describe()},
        {"options": {"unknown": 1}, "python": python.describe()},
        {"options": {}, "python": []},
        {"options": {}, "python": {**python.describe(), "version": [None]}},
        {"options": {}, "python": {**python.describe(), "executable": 1}},
        {"options": {"installed": [7]}, "python": python.describe()},
    ],
)
def test_what_makes_no_sense(message: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="cannot be read"):
        read_install(message, NETWORK, 0, same_files=True)


def test_another_version_of_the_protocol() -> None:
    check_version({"type": "status", "protocol": VERSION})
    with pytest.raises(DaemonRefused, match="version 0"):
        check_version({"type": "status", "protocol": 0})


def test_what_is_shown_has_no_credentials() -> None:
    request = read("plain>1", "made @ https://me:secret@host/made.whl", "https://me:secret@host/a.whl")
    assert request.shown == ["plain>1", "made @ …", "@ …"]
