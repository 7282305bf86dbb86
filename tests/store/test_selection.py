"""Which versions are taken: by age, by group, in upgrades; by a real installer process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import mempip
from mempip import errors
from tests.support.index_server import Behaviour, IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("forked", "in_a_directory")

WHEELS = dict(
    [
        build_wheel("made", "1.0", {"sel_made.py": ""}, requires=["needed"]),
        build_wheel("made", "2.0", {"sel_made.py": ""}, requires=["needed"]),
        build_wheel("needed", "1.0"),
        build_wheel("needed", "2.0"),
    ]
)
UPLOADS = {name: f"202{name.split('-')[1][0]}-01-01T00:00:00Z" for name in WHEELS}  # 1.0 in 2021, 2.0 in 2022


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer(WHEELS, Behaviour(upload_times=UPLOADS)) as running:
        yield running


@pytest.mark.parametrize("option", ["exclude_newer", "uploaded_prior_to"])
def test_what_is_too_new_is_left_out(server: IndexServer, option: str) -> None:
    with mempip.install("made", index_url=server.url, **{option: "2021-06-01"}):
        assert mempip.freeze() == ["made==1.0", "needed==1.0"]


def test_by_a_variable_of_uv(server: IndexServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2021-06-01")
    with mempip.install("made", index_url=server.url):
        assert mempip.freeze() == ["made==1.0", "needed==1.0"]


def test_dependencies_alone(server: IndexServer) -> None:
    with mempip.install("made", index_url=server.url, only_deps=True):
        assert mempip.freeze() == ["needed==2.0"]
    assert mempip.resolve("made", "needed", index_url=server.url, only_deps=True)["install"] == []


def test_everything_is_too_new(server: IndexServer) -> None:
    with pytest.raises(errors.NoMatchingVersion, match=r"leaves out 2 of 2 files; made 2\.0 among them would fit"):
        mempip.install("made", index_url=server.url, exclude_newer="2020-01-01")


def test_an_index_that_does_not_tell(server: IndexServer) -> None:
    server.behaviour.upload_times = {name: UPLOADS[name] for name in UPLOADS if "1.0" in name}
    with pytest.warns(UserWarning, match="does not tell when files were uploaded"):
        environment = mempip.install("made", index_url=server.url, exclude_newer="2024-01-01")
    with environment:
        assert mempip.freeze() == ["made==1.0", "needed==1.0"]


@pytest.mark.parametrize(("strategy", "needed"), [("only-if-needed", "1.0"), ("eager", "2.0")])
def test_upgrades(server: IndexServer, strategy: str, needed: str) -> None:
    upgrade = {"upgrade": True, "upgrade_strategy": strategy, "index_url": server.url}
    with mempip.install("made==1.0", "needed==1.0", index_url=server.url), mempip.install("made", **upgrade):
        assert mempip.freeze() == ["made==2.0", f"needed=={needed}"]


def test_a_strategy_that_does_not_exist(server: IndexServer) -> None:
    with pytest.raises(errors.UsageError, match="'all' is none of only-if-needed, eager"):
        mempip.install("made", index_url=server.url, upgrade_strategy="all")


def test_groups(server: IndexServer, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[dependency-groups]\nold = ['made<2', 'needed<2']\n")
    with mempip.install(group="old", index_url=server.url):
        assert mempip.freeze() == ["made==1.0", "needed==1.0"]


def test_what_a_script_needs(server: IndexServer, tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text("# /// script\n# dependencies = ['made<2']\n# ///\n")
    with mempip.install(requirements_from_script="tool.py", index_url=server.url):
        assert mempip.freeze() == ["made==1.0", "needed==2.0"]
