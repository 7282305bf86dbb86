"""Names in a string table, overwritten where nothing else uses the bytes."""

from __future__ import annotations

import pytest

from mempip_native.errors import InvalidElf, Unbindable
from mempip_native.linux import binding, elf
from mempip_native.linux.binding import bind
from mempip_native.linux.elf import Elf
from mempip_native.linux.probe_library import MACHINES
from tests.support.elf import library

LONG = "liblong-0123456789abcdef0123456789.so.1"
PATH = "/proc/4242/fd/70"


def bound(content: bytes, targets: dict[str, tuple[int, str]]) -> Elf:
    result = bytearray(content)
    for offset, edit in bind(Elf(content), content, targets):
        result[offset : offset + len(edit)] = edit
    assert len(result) == len(content)
    return Elf(bytes(result))


@pytest.mark.parametrize("tables", ["sysv", "gnu"])
@pytest.mark.parametrize("name", MACHINES)
def test_short_names_become_numbers(name: str, tables: str) -> None:
    content = library(
        MACHINES[name], soname="libme.so", needed=["liba.so", "libm.so.6"], runpath="$ORIGIN/../pkg.libs",
        functions={"one": 1, "two": 2}, tables=tables,
    )  # fmt: skip
    read = bound(content, {"liba.so": (70, PATH)})
    assert read.needed == ("70", "libm.so.6")
    assert (read.runpath, read.soname) == ("$ORIGIN", "libme.so")


def test_long_names_become_paths_and_the_run_path_stays() -> None:
    content = library(needed=[LONG, "libm.so.6"], runpath="$ORIGIN/../pkg.libs", tables="gnu")
    read = bound(content, {LONG: (70, PATH)})
    assert read.needed == (PATH, "libm.so.6")
    assert read.runpath == "$ORIGIN/../pkg.libs"


def test_rpath_will_do() -> None:
    assert bound(library(needed=["liba.so"], rpath="$ORIGIN/lib"), {"liba.so": (70, PATH)}).rpath == "$ORIGIN"


def test_an_origin_that_is_there_already_stays() -> None:
    assert bound(library(needed=["liba.so"], runpath="$ORIGIN"), {"liba.so": (70, PATH)}).runpath == "$ORIGIN"


@pytest.mark.parametrize("separate", [False, True])
def test_version_needs_change_along(separate: bool) -> None:
    content = library(
        needed=["liba.so", "libc.so.6"], runpath="$ORIGIN/lib", defined_versions=["ME_1", "ME_2"],
        versions={"libc.so.6": ["GLIBC_2.5"], "liba.so": ["A_1", "A_2"]}, separate_version_names=separate,
    )  # fmt: skip
    read = bound(content, {"liba.so": (70, PATH)})
    assert [(name, versions) for _, name, versions in read.version_needs()] == [
        ("libc.so.6", ["GLIBC_2.5"]),
        ("70", ["A_1", "A_2"]),
    ]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"needed": ["liba.so"]}, "no run path"),
        ({"needed": ["liba.so"], "runpath": "lib"}, "no room for \\$ORIGIN"),
        ({"needed": ["a"], "runpath": "$ORIGIN/lib"}, "no room for a descriptor"),
        ({"needed": ["xliba.so", "liba.so"], "runpath": "$ORIGIN/lib"}, "end of a longer name"),
        ({"needed": ["liba.so"], "runpath": "$ORIGIN/lib", "functions": {"a.so": 1}}, "shares bytes"),
        ({"needed": ["liba.so"], "runpath": "$ORIGIN/lib", "soname": "so"}, "shares bytes"),
        ({"needed": ["liba.so"], "runpath": "$ORIGIN/lib", "soname": "liba.so"}, "something else"),
        ({"needed": ["liba.so"], "runpath": "$ORIGIN/lib", "defined_versions": ["so"]}, "shares bytes"),
        ({"needed": ["liba.so"], "runpath": "$ORIGIN/lib", "tables": "none"}, "no hash table"),
    ],
)
def test_what_cannot_be_overwritten(options, reason: str) -> None:
    content = library(**options, merge=True)
    targets = {name: (70, PATH) for name in options["needed"] if name != "xliba.so"}
    with pytest.raises(Unbindable, match=reason):
        bind(Elf(content), content, targets)


def test_a_library_whose_descriptor_is_closed_is_known_by_its_path_alone() -> None:
    content = library(needed=["liba.so", LONG], runpath="$ORIGIN/lib")
    assert bound(content, {LONG: (-1, PATH)}).needed == ("liba.so", PATH)
    with pytest.raises(Unbindable, match="no room"):
        bind(Elf(content), content, {"liba.so": (-1, PATH)})


def test_a_library_without_symbols() -> None:
    content = bytearray(library(needed=["liba.so"], runpath="$ORIGIN/lib"))
    entry = next(at for tag, _, at in Elf(content).dynamic if tag == elf.DT_SYMENT)
    content[entry : entry + 8] = bytes(8)
    assert bound(bytes(content), {"liba.so": (70, PATH)}).needed == ("70",)


@pytest.mark.parametrize(("tables", "tag"), [("sysv", elf.DT_HASH), ("gnu", elf.DT_GNU_HASH)])
def test_symbols_without_end(tables: str, tag: int) -> None:
    content = bytearray(library(needed=["liba.so"], runpath="$ORIGIN/lib", tables=tables))
    read = Elf(content)
    table = read.offset(read.value(tag))
    content[table : table + 8] = b"\xff" * 8
    with pytest.raises(InvalidElf, match="too many symbols"):
        bind(Elf(content), content, {"liba.so": (70, PATH)})


def test_too_many_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binding, "MAX_ENTRIES", 2)
    content = library(needed=["liba.so"], runpath="$ORIGIN/lib", defined_versions=["A_1", "A_2", "A_3"])
    with pytest.raises(InvalidElf, match="too many symbol versions"):
        bind(Elf(content), content, {"liba.so": (70, PATH)})
