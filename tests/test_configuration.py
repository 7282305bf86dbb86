"""pip's configuration files and variables: which are read, what counts for more, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip import configuration
from mempip.configuration import defaults, files, settings
from mempip.errors import InvalidConfiguration, UsageError
from mempip.options import InstallOptions
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


NOTHING_ELSE = {"XDG_CONFIG_DIRS": "/nowhere", "XDG_CONFIG_HOME": "/nowhere"}

linux = pytest.mark.skipif(sys.platform != "linux", reason="where files are is each system's own")


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Return a function that writes a configuration file and returns the variables that lead to it alone."""

    def write(text: str) -> dict[str, str]:
        file = tmp_path / "pip.conf"
        file.write_text(text)
        return {**NOTHING_ELSE, "PIP_CONFIG_FILE": str(file)}

    return write


@pytest.fixture(autouse=True)
def _no_files_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep out what every installation reads: ``/etc/pip.conf`` and the environment's own file."""
    here = str(tmp_path)
    exists = os.path.exists
    monkeypatch.setattr(configuration.os.path, "exists", lambda path: path.startswith(here) and exists(path))
    monkeypatch.setenv("HOME", here)


# --- variables ---


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("PIP_INDEX_URL", " https://a/simple ", {"index_url": "https://a/simple"}),
        ("PIP_PYPI_URL", "https://a/simple", {"index_url": "https://a/simple"}),
        ("PIP_EXTRA_INDEX_URL", "https://a  https://b", {"extra_index_urls": ["https://a", "https://b"]}),
        ("PIP_NO_BINARY", "a,b", {"no_binary": ["a", "b"], "only_binary": []}),
        ("PIP_ONLY_BINARY", ":all:", {"no_binary": [], "only_binary": [":all:"]}),
        ("PIP_REQUIREMENT", "a.txt b.txt", {"requirement_files": ["a.txt", "b.txt"]}),
        ("PIP_CONSTRAINT", "/c.txt", {"constraint_files": ["/c.txt"]}),
        ("PIP_EDITABLE", "here", {"editables": ["here"]}),
        ("PIP_REQUIRE_HASHES", "0", {"require_hashes": False}),
        ("PIP_NO_REQUIRE_HASHES", "1", {"require_hashes": False}),
        ("PIP_FIND_LINKS", "/a\n/b", {"find_links": ["/a", "/b"]}),
        ("PIP_TRUSTED_HOST", "a b", {"trusted_hosts": ["a", "b"]}),
        ("PIP_PRE", "1", {"pre": True}),
        ("PIP_PRE", "False", {"pre": False}),
        ("PIP_NO_DEPS", "yes", {"no_deps": True}),
        ("PIP_NO_DEPENDENCIES", "yes", {"no_deps": True}),
        ("PIP_NO_INDEX", "on", {"no_index": True}),
        ("PIP_NO_BUILD_ISOLATION", "0", {"build_isolation": False}),
        ("PIP_CONFIG_SETTINGS", "a=b=c", {"config_settings": {"a": "b=c"}}),
        ("PIP_TIMEOUT", "2.5", {"timeout": 2.5}),
        ("PIP_DEFAULT_TIMEOUT", "60", {"timeout": 60.0}),
        ("PIP_RETRIES", "0", {"retries": 0}),
        ("PIP_CERT", "/ca.pem", {"cert": "/ca.pem"}),
        ("PIP_PROXY", "http://p:1", {"proxy": "http://p:1"}),
        ("MEMPIP_PROJECT_INDEX", "a=https://h/ b-*=https://i/", {"project_index": ["a=https://h/", "b-*=https://i/"]}),
        ("MEMPIP_INDEX_URL", "x", {}),
        ("PIP_CACHE_DIR", "/cache", {"cache_dir": "/cache"}),
        ("PIP_NO_CACHE_DIR", "0", {"cache_dir": ""}),
        ("PIP_CLIENT_CERT", "/me.pem", {"client_cert": "/me.pem"}),
        ("PIP_KEYRING_PROVIDER", "import", {"keyring_provider": "import"}),
        ("PIP_INDEX_URL", "  ", {}),
        ("PIP_UNRELATED", "x", {}),
        ("INDEX_URL", "x", {}),
    ],
)
def test_variables(variable: str, value: str, expected: dict[str, Any]) -> None:
    found = defaults({variable: value})
    assert found == expected
    InstallOptions(**found)  # every attribute is one


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PIP_PRE", "maybe"),
        ("PIP_RETRIES", "many"),
        ("PIP_TIMEOUT", "-1"),
        ("PIP_TIMEOUT", "inf"),
        ("PIP_TIMEOUT", "soon"),
        ("PIP_RETRIES", "1.5"),
        ("PIP_NO_CACHE_DIR", "perhaps"),
        ("PIP_CONFIG_SETTINGS", "debug"),
    ],
)
def test_bad_values_name_the_variable(variable: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        defaults({variable: value})
    assert caught.value.option == variable


# --- files ---


def test_sections_and_spellings(configured: Callable[[str], dict[str, str]]) -> None:
    environ = configured(
        "[global]\nindex_url = https://a/simple\nfind-links =\n  /one\n  /two three\n--pre = yes\nretries = 1\n"
        "[install]\nretries = 2\nno-deps = on\n[download]\nretries = 9\n[mempip]\nno-deps = off\n"
    )
    assert defaults(environ) == {
        "index_url": "https://a/simple",
        "find_links": ["/one", "/two", "three"],
        "pre": True,
        "retries": 2,
        "no_deps": False,
    }


def test_variables_count_for_more_than_any_file(configured: Callable[[str], dict[str, str]]) -> None:
    environ = configured("[install]\ntimeout = 3\nextra-index-url = https://a\n")
    assert defaults({**environ, "PIP_DEFAULT_TIMEOUT": "4", "PIP_EXTRA_INDEX_URL": "https://b"}) == {
        "timeout": 4.0,
        "extra_index_urls": ["https://b"],
    }
    assert defaults({**environ, "PIP_TIMEOUT": ""})["timeout"] == 3.0


def test_formats_add_up(configured: Callable[[str], dict[str, str]]) -> None:
    environ = configured("[global]\nonly-binary = :all:\n[install]\nno-binary = made\n")
    assert defaults(environ) == {"only_binary": [":all:"], "no_binary": ["made"]}


@linux
def test_files_in_order(tmp_path: Path) -> None:
    for place in ("xdg/pip", ".pip", "config/pip", "."):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / "pip.conf").touch()
    environ = {"XDG_CONFIG_DIRS": f"/nowhere:{tmp_path}/xdg", "XDG_CONFIG_HOME": f"{tmp_path}/config"}
    shared, old, user = (str(tmp_path / place / "pip.conf") for place in ("xdg/pip", ".pip", "config/pip"))
    assert files(environ) == [shared, old, user]
    assert files(environ, isolated=True) == [shared]
    named = str(tmp_path / "pip.conf")
    assert files({**environ, "PIP_CONFIG_FILE": named}) == [shared, named]
    assert files({**environ, "PIP_CONFIG_FILE": f"{named}.missing"}) == [shared, old, user]
    assert files({**environ, "PIP_CONFIG_FILE": os.devnull}) == []


@linux
def test_the_file_of_an_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "pip.conf").write_text("[global]\nretries = 7\n")
    assert defaults(NOTHING_ELSE) == {"retries": 7}


@linux
def test_later_files_count_for_more_within_a_section(tmp_path: Path) -> None:
    (tmp_path / "xdg" / "pip").mkdir(parents=True)
    (tmp_path / "xdg" / "pip" / "pip.conf").write_text("[global]\npre = 1\nproxy = p\n[install]\nretries = 1\n")
    (tmp_path / "mine").write_text("[global]\npre =\nretries = 2\nproxy = q\n")
    environ = {"XDG_CONFIG_DIRS": f"{tmp_path}/xdg", "PIP_CONFIG_FILE": f"{tmp_path}/mine"}
    assert defaults(environ) == {"proxy": "q", "retries": 1}


def test_errors_name_file_and_section(configured: Callable[[str], dict[str, str]]) -> None:
    environ = configured("[install]\npre = perhaps\n")
    with pytest.raises(UsageError, match=r"^pre in \[install\] of .*pip\.conf: 'perhaps' is neither true"):
        defaults(environ)


def test_another_python() -> None:
    environ = {
        "PIP_PLATFORM": "win_amd64 win32",
        "PIP_PYTHON_VERSION": " 3.12",
        "PIP_ABI": "a b",
        "PIP_IMPLEMENTATION": "cp",
    }
    assert defaults({**NOTHING_ELSE, **environ}) == {
        "platforms": ["win_amd64", "win32"],
        "python_version": "3.12",
        "abis": ["a", "b"],
        "implementation": "cp",
    }


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("index-url = https://me:secret@host\n", 1, "before the first"),
        ("[global]\nhttps://me:secret@host/simple\n[\n", 3, "neither NAME = VALUE"),
        ("[global]\npre = 1\npre = 1\n", 3, "pre is set twice"),
        ("[global]\n[global]\n", 2, r"\[global\] is there twice"),
        ("[global]\npre = \udcff\n", 0, "not text"),
    ],
)
def test_what_is_no_configuration(
    configured: Callable[[str], dict[str, str]], tmp_path: Path, text: str, line: int, reason: str
) -> None:
    environ = configured("")
    (tmp_path / "pip.conf").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidConfiguration, match=reason) as caught:
        defaults(environ)
    assert caught.value.line == line
    assert "secret" not in str(caught.value)


def test_isolated_leaves_variables_out(configured: Callable[[str], dict[str, str]]) -> None:
    environ = configured("[global]\nretries = 1\n")
    assert defaults({**environ, "PIP_PRE": "1"}, isolated=True) == {"retries": 1}


def test_settings_say_where_they_are_and_whether_they_apply(configured: Callable[[str], dict[str, str]]) -> None:
    environ = configured("[global]\ncolour = red\n")
    found = settings({**environ, "PIP_PRE": "1"})
    assert [(setting.name, setting.applies) for setting in found] == [
        ("colour", False),
        ("config-file", False),
        ("pre", True),
    ]


# --- all the way ---


def test_an_installation_that_a_file_describes(
    monkeypatch: pytest.MonkeyPatch, configured: Callable[[str], dict[str, str]]
) -> None:
    with IndexServer(dict([build_wheel("made", "1.0"), build_wheel("made", "2.0b1")])) as server:
        for name, value in configured(f"[global]\nindex-url = {server.url}\n[install]\npre = yes\n").items():
            monkeypatch.setenv(name, value)
        names = [item["metadata"]["version"] for item in mempip.resolve("made")["install"]]
        assert names == ["2.0b1"]
        done = subprocess.run([sys.executable, "-m", "mempip", "doctor"], capture_output=True, text=True)
        assert f"  pre in [install] of {os.environ['PIP_CONFIG_FILE']}\n" in done.stdout
        assert server.url not in done.stdout


def test_credentials_and_isolation_do_not_go_together() -> None:
    with pytest.raises(UsageError, match="isolated"):
        mempip.run(["made"], ["-V"], index_url="https://me:secret@host/simple", isolated=True)
