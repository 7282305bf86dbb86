"""Where the socket is, and who is believed."""

from __future__ import annotations

import os
import socket

import pytest

from mempip.errors import DaemonNotTrusted, NoPlaceForSocket, UsageError
from mempip.store import place


def test_the_default_is_private_to_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert place.default_socket() == "/run/user/7/mempip/daemon.sock"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert place.default_socket() == "/run/mempip/daemon.sock"
    monkeypatch.setattr(os, "geteuid", lambda: 7)
    with pytest.raises(NoPlaceForSocket) as caught:
        place.default_socket()
    assert "--socket" in caught.value.hint


def test_a_path_that_is_too_long() -> None:
    assert place.check_path("/a/../b") == "/b"
    with pytest.raises(UsageError, match="107 bytes"):
        place.check_path("/" + "long" * 30)


def test_peer_credentials() -> None:
    left, right = socket.socketpair()
    with left, right:
        assert place.peer(left) == (os.getpid(), os.geteuid(), os.getegid())


def test_whose_daemons_are_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(place.TRUSTED, raising=False)
    place.check_daemon("/s", 0)
    place.check_daemon("/s", os.geteuid())
    with pytest.raises(DaemonNotTrusted) as caught:
        place.check_daemon("/s", 54321)
    assert "MEMPIP_DAEMON_USER=54321" in caught.value.hint
    monkeypatch.setenv(place.TRUSTED, "root, 54321")
    place.check_daemon("/s", 54321)
    monkeypatch.setenv(place.TRUSTED, "no-such-user")
    with pytest.raises(UsageError, match="no-such-user"):
        place.check_daemon("/s", 54321)


def test_the_number_for_unknown_users_is_nobodys_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(place.TRUSTED, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    monkeypatch.setattr(place, "_overflow", lambda: 65534)  # as within a user namespace
    with pytest.raises(DaemonNotTrusted):
        place.check_daemon("/s", 65534)
