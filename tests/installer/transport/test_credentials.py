from __future__ import annotations

from pathlib import Path

import pytest

from mempip.errors import UsageError
from mempip.installer.transport.addresses import Login, basic_auth
from mempip.installer.transport.credentials import Credentials


def test_credentials_belong_to_their_origin() -> None:
    credentials = Credentials(["https://u:p@host/simple/", "/a@b/path", "https://v:w@host/", "http://u:p@[bad/"])
    assert credentials.find("https://host/files/x.whl") == basic_auth("u", "p")
    assert credentials.find("https://host:443/") == basic_auth("u", "p")
    assert credentials.find("http://host/") is None
    assert credentials.find("https://host:8443/") is None
    assert credentials.find("https://other/") is None


def test_netrc_answers_for_hosts_that_no_address_has_credentials_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine other login me password secret\nmachine host login no password no\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    credentials = Credentials(["https://u:p@host/"])
    assert credentials.find("https://other/x") == basic_auth("me", "secret")
    assert credentials.find("https://host/x") == basic_auth("u", "p")
    assert credentials.find("https://third/x") is None


def test_netrc_is_looked_for_in_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text("machine other login me password secret\n")
        (tmp_path / name).chmod(0o600)
    monkeypatch.delenv("NETRC")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Credentials([]).find("https://other/x") == basic_auth("me", "secret")


def test_an_unreadable_netrc_is_named_and_not_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine other login me\nsecret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with pytest.raises(UsageError, match=r"netrc: .*near line \d") as caught:
        Credentials([]).find("https://other/x")
    assert "secret" not in str(caught.value)


def test_of_several_on_one_host_the_nearest_counts() -> None:
    credentials = Credentials(["https://a:1@host/team-a/simple/", "https://b:2@host/team-b/simple/"])
    assert credentials.find("https://host/team-b/files/x.whl") == basic_auth("b", "2")
    assert credentials.find("https://host/team-a/simple/x/") == basic_auth("a", "1")
    assert credentials.find("https://host/elsewhere") == basic_auth("a", "1")


def test_a_user_without_a_password_may_be_in_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine host login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert Credentials(["https://me@host/"]).find("https://host/x") == basic_auth("me", "secret")
    assert Credentials(["https://token@host/"]).find("https://host/x") == basic_auth("token", "")
    assert Credentials([]).find("https://host/x", Login("me", None)) == basic_auth("me", "secret")
