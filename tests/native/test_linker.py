"""What the dynamic linker's words mean."""

from __future__ import annotations

import os
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("for ELF linkers", allow_module_level=True)

from mempip_native.linux import linker


@pytest.mark.parametrize(
    ("message", "reason", "hint"),
    [
        (
            "libGL.so.1: cannot open shared object file: No such file or directory",
            "it needs libGL.so.1, which is neither bundled in its wheel nor installed on this system",
            "libGL.so.1 belongs to the operating system",
        ),
        (
            "Error loading shared library libGL.so.1: No such file or directory (needed by /proc/7/fd/5)",
            "it needs libGL.so.1, which is neither",
            "libGL.so.1 belongs to the operating system",
        ),
        (
            "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.99' not found (required by /proc/7/fd/5)",
            "it needs GLIBC_2.99, and the C library of this machine is ",
            "older version of the package",
        ),
        ("/proc/7/fd/5: cannot allocate memory in static TLS block", "static thread-local", "GLIBC_TUNABLES"),
        ("/proc/7/fd/5: undefined symbol: absent", "no loaded library defines absent", "two packages that bundle it"),
        ("Error relocating /proc/7/fd/5: absent: symbol not found", "no loaded library defines absent", "two packages"),
        ("/proc/7/fd/5: something new", "pkg/x.so: something new", ""),
        ("/proc/7/fd/51: something new", "/proc/7/fd/51: something new", ""),
    ],
)
def test_explanations(message: str, reason: str, hint: str) -> None:
    error = linker.explain("pkg/x.so", message, {"/proc/7/fd/5": "pkg/x.so", "/proc/7/fd/./5": "pkg/y.so"})
    assert error.library == "pkg/x.so"
    assert reason in error.reason
    assert hint in error.hint
    if "/proc/7/fd/5" in message and "fd/51" not in message and "musl" not in reason and "neither" not in reason:
        assert "/proc/7/fd/5" not in str(error)


def test_the_c_library_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, version in (("glibc 2.36", (2, 36)), ("glibc 2.36.1", (2, 36)), ("musl 1.2", ()), (None, ())):
        monkeypatch.setattr(os, "confstr", lambda name, answer=answer: answer)
        assert linker.glibc_version() == version

    def refuse(name: str) -> str:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "confstr", refuse)
    assert linker.glibc_version() == ()


def test_what_is_loaded() -> None:
    assert not linker.is_loaded("libabsent.so.77")
    assert not linker.hold("libabsent.so.77")
    if linker.glibc_version():
        assert linker.is_loaded("libc.so.6")
        assert linker.hold("libc.so.6")
