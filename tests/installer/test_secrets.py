"""Credentials in addresses appear in no error, whatever is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip.errors import MempipError
from mempip.installer.transport.addresses import hide_credentials
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("forked")

ADDRESS = "https://me:s3c@ret@127.0.0.1:1/x-1.0-py3-none-any.whl"


def said(*requirements: str, **options: Any) -> str:
    with pytest.raises(MempipError) as caught:
        mempip.resolve(*requirements, **{"retries": 0, "timeout": 1.0, "no_index": True, **options})
    return f"{caught.value} {caught.value.hint} {caught.value.data}"


@pytest.mark.parametrize(
    "requirement",
    [
        f"x @ {ADDRESS}",
        f"x @ {ADDRESS} ; bad marker",
        f"x == {ADDRESS}",
        f"x @ git+{ADDRESS}",
        f"x @ hg+{ADDRESS}",
        ADDRESS.removesuffix(".whl"),
    ],
)
def test_requirements(requirement: str) -> None:
    assert "s3c" not in said(requirement)
    assert "ret@" not in said(requirement)


@pytest.mark.parametrize(
    "line",
    [
        f"--index-url {ADDRESS} --bogus",
        f"x @ {ADDRESS} --bogus",
        f"-r {ADDRESS}",
        f"x @ {ADDRESS} --hash=none",
        f"-f {ADDRESS}/links",
    ],
)
def test_lines_of_files(tmp_path: Path, line: str) -> None:
    (tmp_path / "r.txt").write_text(f"{line}\nx\n")
    text = said(requirement=[str(tmp_path / "r.txt")])
    assert "s3c" not in text
    assert "ret@" not in text


@pytest.mark.parametrize(
    "options",
    [
        {"index_url": ADDRESS, "no_index": False},
        {"index_url": "https://me:s3c@ret@[bad/", "no_index": False},
        {"find_links": [f"{ADDRESS}/links"]},
        {"proxy": "ftp://me:s3c@ret@127.0.0.1:1", "no_index": False},
        {"constraint": [ADDRESS]},
        {"project_index": [f"x={ADDRESS}", f"x={ADDRESS}/2"], "no_index": False},
    ],
)
def test_options(options: dict[str, Any]) -> None:
    text = said("x", **options)
    assert "s3c" not in text
    assert "ret@" not in text


@pytest.mark.parametrize("requires", [f"x @ {ADDRESS}", f"x @ {ADDRESS} ; bad", "y" * 180 + f" @ {ADDRESS} ; bad"])
def test_metadata(requires: str) -> None:
    with IndexServer(dict([build_wheel("made", "1.0", requires=[requires])])) as server:
        text = said("made", index_url=server.url, no_index=False)
    assert "s3c" not in text
    assert "ret@" not in text


def test_hide_credentials() -> None:
    hidden = hide_credentials("a https://u:p@ss@h/x@y b://t@h?c@d e://h/f@g i@j")
    assert hidden == "a https://****@h/x@y b://****@h?c@d e://h/f@g i@j"
