"""The doctor: the machine's table, and findings about libraries."""

from __future__ import annotations

import sys

import pytest

import mempip_native
from mempip.cli import doctor
from mempip.cli import main as cli
from mempip_native import Probe
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel


class Refusing:
    """An adapter that a machine refuses."""

    name = "refusing"

    def probe(self) -> Probe:
        return Probe(self.name, ok=False, reason="EPERM", remedy="allow it")


@pytest.mark.skipif(sys.platform != "linux", reason="adapters exist for Linux")
def test_shows_what_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    assert "memfd     works   <- used" in capsys.readouterr().out


def test_shows_what_would_lift_a_refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(mempip_native, "adapters", lambda: [Refusing()])
    assert doctor.machine() == 1
    out = capsys.readouterr().out
    assert "refusing  refused: EPERM\n            to lift it: allow it\n" in out
    assert "None works here" in out


@pytest.mark.skipif(sys.platform != "linux", reason="ELF is Linux's")
def test_findings_name_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    files: dict[str, str | bytes] = {"pkg/broken.so": b"\x7fELF but not for long", "pkg/notes.so.txt": "no library"}
    environment(build_wheel("made", "1", files)).activate()
    assert doctor.libraries() == 1
    out = capsys.readouterr().out
    assert "1 native libraries, 1 findings\n  pkg/broken.so: " in out


@pytest.mark.skipif(sys.platform != "linux", reason="ELF is Linux's")
def test_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.libraries() == 0
    assert "0 native libraries, 0 findings" in capsys.readouterr().out
