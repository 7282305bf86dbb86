"""Keyrings: the package, stood in for by a module, and the command, stood in for by a script."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from mempip.errors import UsageError
from mempip.installer.transport.credentials import Credentials
from mempip.installer.transport.keyrings import Keyring

posix = pytest.mark.skipif(os.name != "posix", reason="the command is a shell script")


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str | None], tuple[str, str]]:
    """Return what an importable keyring knows."""
    known: dict[tuple[str, str | None], tuple[str, str]] = {}

    def get_credential(service: str, user: str | None) -> Any:
        if service == "broken":
            raise RuntimeError("locked")
        found = known.get((service, user))
        return found and SimpleNamespace(username=found[0], password=found[1])

    module = ModuleType("keyring")
    module.get_credential = get_credential  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    return known


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(sys.modules, "keyring", None)  # cannot be imported
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "keyring"


def script(command: Path, text: str) -> None:
    command.write_text(f"#!/bin/sh\n{text}\n")
    command.chmod(0o755)


def test_nothing_is_asked_by_default(package: dict[Any, Any]) -> None:
    package["host", None] = ("me", "secret")
    assert Keyring("disabled").find(["host"], None) is None


@pytest.mark.parametrize("provider", ["auto", "import"])
def test_the_package(package: dict[Any, Any], provider: str) -> None:
    package["host", "me"] = ("me", "secret")
    assert Keyring(provider).find(["https://host/simple/", "host"], "me") == ("me", "secret")
    assert Keyring(provider).find(["host"], None) is None


def test_a_package_that_fails_is_named(package: dict[Any, Any]) -> None:
    with pytest.raises(UsageError, match="keyring failed with RuntimeError"):
        Keyring("import").find(["broken"], None)


@posix
@pytest.mark.parametrize("provider", ["auto", "subprocess"])
def test_the_command(command: Path, provider: str) -> None:
    script(command, """[ "$4 $5" = "host me" ] && echo '{"username": "me", "password": "secret"}' || exit 1""")
    assert Keyring(provider).find(["https://host/", "host"], "me") == ("me", "secret")
    assert Keyring(provider).find(["host"], None) is None


@posix
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo 'unrecognized arguments: --mode=creds' >&2; exit 2", "too old"),
        ("echo secret", "no credential"),
        ("echo '[]'", "no credential"),
    ],
)
def test_a_command_that_is_of_no_use(command: Path, text: str, reason: str) -> None:
    script(command, text)
    with pytest.raises(UsageError, match=reason) as caught:
        Keyring("subprocess").find(["host"], None)
    assert "secret" not in str(caught.value)


@posix
def test_a_command_that_cannot_be_run(command: Path) -> None:
    command.write_text("#!/nowhere\n")
    command.chmod(0o755)
    with pytest.raises(UsageError, match="did not answer"):
        Keyring("subprocess").find(["host"], None)


def test_what_was_asked_for_must_be_there(command: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(command.parent))
    assert Keyring("auto").find(["host"], None) is None
    with pytest.raises(UsageError, match=r"mempip\[keyring\]"):
        Keyring("import").find(["host"], None)
    with pytest.raises(UsageError, match="no command 'keyring'"):
        Keyring("subprocess").find(["host"], None)
    with pytest.raises(UsageError, match="'always' is none of"):
        Keyring("always")


def test_the_index_is_asked_for_before_its_host(package: dict[Any, Any]) -> None:
    package["https://host/simple/", "me"] = ("me", "of the index")
    package["other", None] = ("you", "of the host")
    credentials = Credentials(["https://me@host/simple/", "https://u:p@third/"], "import")
    assert credentials.after_refusal("https://host/simple/x/") == credentials.find("https://host/files/x")
    assert credentials.after_refusal("https://other/x") == credentials.find("https://other/y") != None  # noqa: E711
    assert credentials.after_refusal("https://third/x") is None  # its password is wrong, and was given
