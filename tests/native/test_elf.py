"""The reader of ELF headers, against pyelftools and against noise."""

from __future__ import annotations

import io
import mmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mempip_native.analysis.elf import analyse
from mempip_native.errors import InvalidElf, NativeError
from mempip_native.linux import elf
from mempip_native.linux.elf import Elf
from mempip_native.linux.probe_library import MACHINES, build, for_header
from tests.support.elf import library

FULL = {
    "soname": "libfull.so.1",
    "needed": ["libone.so", "libtwo-0123abcd.so.2", "libc.so.6"],
    "runpath": "$ORIGIN/../full.libs:/opt/lib",
    "functions": {"number": 7, "other": 8},
    "versions": {"libc.so.6": ["GLIBC_2.17", "GLIBC_2.3.4", "GLIBC_PRIVATE"], "libone.so": ["ONE_1"]},
    "tls": 4096,
}


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("form", [bytes, bytearray, memoryview])
def test_what_a_header_says(name: str, form) -> None:
    machine = MACHINES[name]
    read = Elf(form(library(machine, **FULL)))
    assert (read.bits, read.byteorder, read.machine) == (machine.bits, machine.byteorder, machine.e_machine)
    assert read.abi() == (machine.bits, machine.byteorder, machine.e_machine)
    assert read.platform() == {"armv7l": "arm"}.get(name, name)
    assert read.soname == "libfull.so.1"
    assert read.needed == ("libone.so", "libtwo-0123abcd.so.2", "libc.so.6")
    assert (read.rpath, read.runpath) == ("", "$ORIGIN/../full.libs:/opt/lib")
    assert read.tls_size == 4096
    assert [(name, versions) for _, name, versions in read.version_needs()] == [
        ("libc.so.6", ["GLIBC_2.17", "GLIBC_2.3.4", "GLIBC_PRIVATE"]),
        ("libone.so", ["ONE_1"]),
    ]
    assert read.glibc() == (2, 17)


@pytest.mark.parametrize("name", MACHINES)
def test_pyelftools_reads_the_same(name: str) -> None:
    content = library(MACHINES[name], **FULL)
    read, report = Elf(content), analyse(io.BytesIO(content), "full.so")
    assert (read.soname, read.needed, read.runpath, read.tls_size, read.bits) == (
        report.soname, report.needed, report.rpath, report.tls_size, report.bits,
    )  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
def test_the_probe_s_library_is_one(name: str) -> None:
    content = build(MACHINES[name])
    read = Elf(content)
    assert read.platform() == {"armv7l": "arm"}.get(name, name)
    assert (read.soname, read.needed) == ("libmempip_probe.so", ())
    assert for_header(content[:20]) == content
    assert len(content) < 1024


def test_the_probe_has_no_library_for_a_machine_unknown_here() -> None:
    header = bytearray(build(MACHINES["x86_64"])[:20])
    header[18] = 8  # MIPS
    assert for_header(bytes(header)) is None


def test_a_library_that_asks_for_nothing() -> None:
    read = Elf(library())
    assert (read.soname, read.needed, read.rpath, read.runpath, read.tls_size) == ("", (), "", "", 0)
    assert read.version_needs() == []
    assert read.glibc() == ()


def test_a_memory_map_will_do() -> None:
    content = library(**FULL)
    with mmap.mmap(-1, len(content)) as mapped:
        mapped.write(content)
        assert Elf(mapped).soname == "libfull.so.1"


def test_a_program_without_dynamic_section() -> None:
    content = bytearray(library())
    content[56:58] = bytes(2)  # e_phnum
    assert Elf(content).needed == ()


def test_machines_without_a_name() -> None:
    content = bytearray(library())
    content[18:20] = b"\xff\x00"
    assert Elf(content).platform() == "machine 255"


def damaged(position: int, content: bytes) -> bytes:
    whole = bytearray(library(**FULL))
    whole[position : position + len(content)] = content
    return bytes(whole)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an ELF"),
        (b"\x7fELF", "not an ELF"),
        (b"MZ" + bytes(100), "not an ELF"),
        (b"\x7fELF\x03\x01" + bytes(100), "neither 32 nor 64"),
        (b"\x7fELF\x02\x01" + bytes(20), "beyond the end"),
        (damaged(54, b"\x01\x00"), "too small"),
        (damaged(32, b"\xff" * 8), "beyond the end"),
        (library(**FULL)[:-200], "beyond the end"),
    ],
)
def test_what_is_not_a_library(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidElf, match=reason):
        Elf(content)


def patched(tag: int, value: int) -> bytes:
    """FULL with the value of its dynamic entry `tag` replaced."""
    content = bytearray(library(**FULL))
    offset = next(at for found, _, at in Elf(content).dynamic if found == tag)
    content[offset : offset + 8] = value.to_bytes(8, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (patched(elf.DT_STRTAB, 1 << 40), "not in the file"),
        (patched(elf.DT_SONAME, 1 << 40), "not in the string table"),
        (patched(elf.DT_STRSZ, 0), "not in the string table"),
        (patched(elf.DT_STRSZ, 5), "has no end"),
    ],
)
def test_names_that_lead_nowhere(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidElf, match=reason):
        Elf(content)


def test_version_tables_that_do_not_end() -> None:
    content = bytearray(library(versions={"libc.so.6": ["GLIBC_2.17"]}))
    read = Elf(content)
    table = read.offset(read.value(elf.DT_VERNEED))
    content[table + 2 : table + 4] = b"\xff\xff"  # vn_cnt; and no step forward
    count = next(at for found, _, at in read.dynamic if found == elf.DT_VERNEEDNUM)
    content[count : count + 8] = b"\xff" * 8
    with pytest.raises(InvalidElf, match="too many"):
        Elf(content).version_needs()


@given(st.data())
def test_noise_raises_nothing_but_invalid_elf(data: st.DataObject) -> None:
    from mempip_native.linux import binding

    content = bytearray(library(MACHINES[data.draw(st.sampled_from(sorted(MACHINES)))], **FULL, tables="gnu"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(min_size=0, max_size=8))
    try:
        read = Elf(bytes(content))
        read.glibc()
        binding.bind(read, bytes(content), {"libone.so": (70, "/proc/1/fd/70")})
    except NativeError:
        pass
    try:
        analyse(io.BytesIO(content), "noise.so")
    except InvalidElf:
        pass
