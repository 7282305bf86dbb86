"""The doctor, about macOS: what is in a wheel for it, told on any system, and what it does not let mempip do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import mempip_native
from mempip.cli import main as cli
from mempip_native.macos import limits
from tests.support import macho as made
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from pathlib import Path

TAG = "cp312-cp312-macosx_11_0_arm64"


def wheel(directory: Path, files: dict[str, str | bytes]) -> str:
    name, content = build_wheel("made", "1", files)
    path = directory / name.replace("py3-none-any", TAG)
    path.write_bytes(content)
    return str(path)


def test_shows_what_each_file_is_and_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files: dict[str, str | bytes] = {
        "made/x.so": made.macho(needed=["@loader_path/.dylibs/a.dylib", "/usr/lib/libSystem.B.dylib"], rpaths=["/r"]),
        "made/.dylibs/a.dylib": made.macho(made.DYLIB, install_name="/DLC/a.dylib", needed=[]),
        "made/bin/tool": made.macho(made.EXECUTE, needed=[]),
    }
    assert cli.main(["doctor", wheel(tmp_path, files)]) == 0
    out = capsys.readouterr().out
    assert f"\nmade-1-{TAG}.whl: 3 Mach-O files, 0 findings\n" in out
    assert "  made/.dylibs/a.dylib\n    arm64: MH_DYLIB, signed\n      id /DLC/a.dylib\n" in out
    assert (
        "  made/x.so\n    arm64: MH_BUNDLE, signed\n      rpath /r\n"
        "      needs @loader_path/.dylibs/a.dylib -> made/.dylibs/a.dylib\n"
        "      needs /usr/lib/libSystem.B.dylib\n"
    ) in out


def test_tells_what_would_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files: dict[str, str | bytes] = {
        "made/x.so": made.macho(needed=["@loader_path/gone.dylib"], signed=False),
        "made/y.so": made.macho()[:40],
        "made/z.so": made.fat(made.macho(architecture="x86_64", signed=False), made.macho()),
    }
    assert cli.main(["doctor", wheel(tmp_path, files)]) == 1
    out = capsys.readouterr().out
    assert "2 Mach-O files, 3 findings" in out
    assert "  made/y.so: not a readable Mach-O file" in out
    assert "  made/x.so: it needs @loader_path/gone.dylib, which is neither bundled nor the system's\n" in out
    assert "  made/x.so: arm64: it has no code signature" in out


def test_a_wheel_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"made-1-{TAG}.whl"
    assert cli.main(["doctor", str(path)]) == 1
    assert f"{path}: No such file or directory" in capsys.readouterr().err
    path.write_bytes(b"no archive")
    assert cli.main(["doctor", str(path)]) == 1
    assert "not a complete zip archive" in capsys.readouterr().err


def test_without_the_libraries_that_read_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mempip_native.analysis.macho", None)
    assert cli.main(["doctor", wheel(tmp_path, {"made/x.so": made.macho()})]) == 1
    assert "mempip[analysis]" in capsys.readouterr().err


def test_what_macos_does_not_let_mempip_do(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEMPIP_TMPDIR", raising=False)
    monkeypatch.setattr(mempip_native, "limits", limits)
    cli.main(["doctor"])
    out = capsys.readouterr().out
    assert "  libraries refused: macOS loads code from files only" in out
    assert "to lift it: MEMPIP_TMPDIR=DIRECTORY" in out
    for name in ("programs", "builds", "daemon"):
        assert f"\n  {name:9} refused: " in out
