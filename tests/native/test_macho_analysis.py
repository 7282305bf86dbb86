"""What is told about the Mach-O files of a wheel: macholib's headers, delocate's graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mempip_native.analysis import macho
from tests.support import macho as made
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = "/usr/lib/libSystem.B.dylib"
FILES: dict[str, str | bytes] = {
    "pkg/__init__.py": "",
    "pkg/x.so": made.macho(needed=["@loader_path/.dylibs/liba.dylib", SYSTEM]),
    "pkg/sub/y.so": made.macho(needed=["@rpath/libb.dylib"], rpaths=["@loader_path/../.dylibs"]),
    "pkg/.dylibs/liba.dylib": made.macho(made.DYLIB, install_name="/DLC/liba", needed=["@loader_path/libb.dylib"]),
    "pkg/.dylibs/libb.dylib": made.macho(made.DYLIB, install_name="/DLC/libb", needed=[SYSTEM]),
}
GRAPH = {
    "pkg/.dylibs/liba.dylib": {"pkg/x.so": "@loader_path/.dylibs/liba.dylib"},
    "pkg/.dylibs/libb.dylib": {
        "pkg/.dylibs/liba.dylib": "@loader_path/libb.dylib",
        "pkg/sub/y.so": "@rpath/libb.dylib",
    },
    SYSTEM: {"pkg/x.so": SYSTEM, "pkg/.dylibs/libb.dylib": SYSTEM},
}


def on_disk(directory: Path, files: dict[str, str | bytes]) -> macho.Report:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return macho.analyse(str(directory))


def test_a_tree_on_disk(tmp_path: Path) -> None:
    report = on_disk(tmp_path, FILES)
    assert report.graph == GRAPH
    assert (report.missing, report.broken) == ({}, {})
    assert report.slices["pkg/sub/y.so"] == [
        macho.Slice("arm64", "MH_BUNDLE", "", ("@rpath/libb.dylib",), ("@loader_path/../.dylibs",), signed=True)
    ]
    assert report.slices["pkg/.dylibs/liba.dylib"][0].install_name == "/DLC/liba"
    assert "pkg/__init__.py" not in report.slices


def test_an_environment_in_memory() -> None:
    with environment(build_wheel("made", "1", FILES)) as found:
        found.activate()
        assert macho.analyse(found.root).graph == GRAPH


def test_each_architecture(tmp_path: Path) -> None:
    unsigned = made.macho(architecture="x86_64", signed=False)
    report = on_disk(tmp_path, {"x.so": made.fat(unsigned, made.macho())})
    assert [(part.architecture, part.signed) for part in report.slices["x.so"]] == [("x86_64", False), ("arm64", True)]


def test_what_leads_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    report = on_disk(tmp_path, {"x.so": made.macho(needed=["@loader_path/gone.dylib", "/DLC/gone", SYSTEM])})
    assert report.missing == {"x.so": ["@loader_path/gone.dylib", "/DLC/gone"]}
    assert not caplog.records


@pytest.mark.parametrize("content", [made.macho()[:60], b"\xca\xfe\xba\xbe", made.fat(made.macho())[:4150]])
def test_a_damaged_file_is_told_apart(tmp_path: Path, content: bytes) -> None:
    report = on_disk(tmp_path, {"x.so": content, "y.so": made.macho()})
    assert (list(report.broken), list(report.slices)) == (["x.so"], ["y.so"])


def test_delocate_is_left_as_it_was(tmp_path: Path) -> None:
    from delocate import libsana

    before = libsana._get_install_names, libsana._get_rpaths, libsana.logger.disabled
    on_disk(tmp_path, FILES)
    assert (libsana._get_install_names, libsana._get_rpaths, libsana.logger.disabled) == before
