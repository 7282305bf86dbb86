"""Where wheels' members go, and what is added to dist-info."""

from __future__ import annotations

import csv
import json

import pytest

from mempip.errors import WheelRefused
from mempip.image.layout import Entry
from mempip.installer.destination import place
from tests.support.environments import opened
from tests.support.wheel_factory import build_wheel


def test_schemes_go_where_pip_target_puts_them() -> None:
    files = {
        "pkg.py": "",
        "a-1.data/purelib/pure.py": "",
        "a-1.data/platlib/plat.py": "",
        "a-1.data/data/share/x.txt": "",
        "a-1.data/scripts/tool": "#!python\n",
        "a-1.data/headers/a.h": "",
    }
    placed = dict(place(opened(build_wheel("a", "1", files)), 3, requested=False))
    outside = {path for path in placed if "dist-info" not in path}
    assert outside == {"pkg.py", "pure.py", "plat.py", "share/x.txt", "bin/tool", "include/a/a.h"}
    entry = placed["pure.py"]
    assert isinstance(entry, Entry)
    assert entry.object == 3


@pytest.mark.parametrize("member", ["a-1.data/purelib/pkg.py", "a-1.data/data/a-1.dist-info/METADATA"])
def test_a_wheel_cannot_replace_its_own_files(member: str) -> None:
    with pytest.raises(WheelRefused, match="another member"):
        list(place(opened(build_wheel("a", "1", {"pkg.py": "", member: ""})), 1, requested=False))


def test_unknown_schemes_are_refused() -> None:
    with pytest.raises(WheelRefused, match="no install scheme"):
        list(place(opened(build_wheel("a", "1", {"a-1.data/etc/x": ""})), 1, requested=False))


def test_dist_info_says_how_it_was_installed() -> None:
    url = {"url": "https://example.org/a-1-py3-none-any.whl", "archive_info": {}}
    placed = dict(place(opened(build_wheel("a", "1")), 1, requested=True, direct_url=url))
    assert placed["a-1.dist-info/INSTALLER"] == b"mempip\n"
    assert placed["a-1.dist-info/REQUESTED"] == b""
    assert json.loads(placed["a-1.dist-info/direct_url.json"]) == url  # type: ignore[arg-type]


def test_record_lists_every_file_once() -> None:
    wheel = build_wheel("a", "1", {"pkg.py": "x", "a-1.data/scripts/tool": "z"})
    placed = dict(place(opened(wheel), 1, requested=False))
    record = placed["a-1.dist-info/RECORD"]
    assert isinstance(record, bytes)
    rows = list(csv.reader(record.decode().splitlines()))
    assert sorted(row[0] for row in rows) == sorted(placed)
    assert ["a-1.dist-info/RECORD", "", ""] in rows


def test_names_with_commas_are_quoted_in_record() -> None:
    placed = dict(place(opened(build_wheel("a", "1", {"odd,name.txt": "y"})), 1, requested=False))
    record = placed["a-1.dist-info/RECORD"]
    assert isinstance(record, bytes)
    assert "odd,name.txt" in [row[0] for row in csv.reader(record.decode().splitlines())]
