"""What doctor says about libraries before they are loaded."""

from __future__ import annotations

import io
import sys

import pytest

from mempip_native.analysis.elf import analyse, preflight, system_lacks
from mempip_native.errors import InvalidElf
from mempip_native.linux.probe_library import MACHINES
from tests.support.elf import library


def findings(files: dict[str, bytes], **options) -> list[tuple[str, str, str]]:
    openers = {path: lambda content=content: io.BytesIO(content) for path, content in files.items()}
    options = {"machine": "x64", "glibc": (2, 17), "lacking": lambda names: set()} | options
    return [(finding.library, finding.kind, finding.detail) for finding in preflight(openers, **options)]


def test_nothing_to_say() -> None:
    assert findings({"pkg/x.so": library(needed=["libm.so.6"])}) == []
    assert findings({}) == []


def test_another_machine() -> None:
    (found,) = findings({"pkg/x.so": library(MACHINES["aarch64"]), "pkg/y.so": library()})
    assert found == ("pkg/x.so", "machine", "it is built for AArch64, and this machine is x64")


def test_not_a_library() -> None:
    (found,) = findings({"pkg/x.so": b"INPUT(-lfoo)"})
    assert found[:2] == ("pkg/x.so", "broken")


def test_what_is_missing_is_asked_for_once_and_not_if_bundled() -> None:
    files = {
        "pkg/x.so": library(needed=["libGL.so.1", "libown.so.1", "libm.so.6", "libplain.so"]),
        "pkg/y.so": library(needed=["libGL.so.1"]),
        "pkg.libs/libown-1.so": library(soname="libown.so.1"),
        "pkg.libs/libplain.so": library(),
    }
    asked = []

    def lacking(names):
        asked.append(sorted(names))
        return {"libGL.so.1"}

    detail = "it needs libGL.so.1, which is neither bundled nor on this system"
    assert findings(files, lacking=lacking) == [("pkg/x.so", "missing", detail), ("pkg/y.so", "missing", detail)]
    assert asked == [["libGL.so.1", "libm.so.6"]]


def test_one_soname_in_two_distributions() -> None:
    files = {
        "one.libs/l.so": library(soname="libl.so"),
        "one/l.so": library(soname="libl.so"),
        "two.libs/l.so": library(soname="libl.so"),
        "one/x.so": library(needed=["libl.so"]),
        "two/y.so": library(soname="libunneeded.so"),
        "one/y.so": library(soname="libunneeded.so"),
        "one.libs/m.so": library(soname="libm-0123abcd.so", needed=["libm-0123abcd.so"]),
        "two.libs/m.so": library(soname="libm-0123abcd.so"),
    }
    detail = "it has the SONAME libl.so of one.libs/l.so; each is bound to its own"
    assert findings(files) == [("two.libs/l.so", "collision", detail)]


@pytest.mark.skipif(sys.platform != "linux", reason="takes an ELF file of the interpreter's own")
def test_a_newer_c_library() -> None:
    import _ctypes

    with open(_ctypes.__file__, "rb") as file:
        content = file.read()
    report = analyse(io.BytesIO(content), "pkg/x.so")
    if not report.glibc:
        return  # another C library's
    options = {"machine": report.machine, "glibc": (2, 1)}
    needed = ".".join(map(str, report.glibc))
    assert findings({"pkg/x.so": content}, **options) == [
        ("pkg/x.so", "glibc", f"it needs glibc {needed}, and this machine has 2.1")
    ]
    assert findings({"pkg/x.so": content}, machine=report.machine, glibc=()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="asks this system's dynamic linker")
def test_what_the_system_lacks() -> None:
    assert system_lacks(["libabsent.so.77", "libdl.so.2", "libc.so.6"]) <= {"libabsent.so.77", "libdl.so.2"}
    assert "libabsent.so.77" in system_lacks(["libc.so.6", "libabsent.so.77"])


def test_files_that_lie() -> None:
    with pytest.raises(InvalidElf):
        analyse(io.BytesIO(b"\x7fELF" + bytes(100)), "x.so")
