"""The reader of Mach-O headers, beside macholib's, and with files that lie."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from macholib import mach_o
from macholib.MachO import MachO as Theirs

from mempip_native.errors import InvalidMachO
from mempip_native.macos.macho import MH_BUNDLE, MH_DYLIB, MachO, slice_for, slices
from tests.support import macho as made

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = made.macho(
    made.DYLIB,
    install_name="/DLC/pkg/.dylibs/libx.dylib",
    needed=["@loader_path/liby.dylib", "/usr/lib/libSystem.B.dylib"],
    weak=["@rpath/libz.dylib"],
    rpaths=["@loader_path/../lib"],
    undefined=["PyModuleDef_Init", "malloc"],
    defined=["PyInit_x"],
)
UNIVERSAL = made.fat(made.macho(architecture="x86_64", signed=False), made.macho(architecture="arm64"))


class TestReading:
    def test_load_commands(self) -> None:
        found = MachO(WHOLE)
        assert (found.kind, found.architecture, found.signed) == (MH_DYLIB, "arm64", True)
        assert found.install_name == "/DLC/pkg/.dylibs/libx.dylib"
        assert found.needed == ("@loader_path/liby.dylib", "/usr/lib/libSystem.B.dylib", "@rpath/libz.dylib")
        assert found.rpaths == ("@loader_path/../lib",)

    def test_nothing_but_a_header(self) -> None:
        found = MachO(made.macho(needed=[], signed=False))
        assert (found.kind, found.install_name, found.needed, found.rpaths) == (MH_BUNDLE, "", (), ())
        assert not found.signed
        assert found.undefined(["malloc"]) == set()

    def test_undefined_symbols(self) -> None:
        found = MachO(WHOLE)
        assert found.undefined(["PyModuleDef_Init", "PyModule_Create2", "PyInit_x"]) == {"PyModuleDef_Init"}
        assert found.undefined(["PyModuleDef", "Init"]) == set()
        assert found.undefined([]) == set()

    @pytest.mark.parametrize(("bits", "order"), [(64, "<"), (32, "<"), (64, ">"), (32, ">")])
    def test_word_sizes_and_byte_orders(self, bits: int, order: str) -> None:
        found = MachO(made.macho(bits=bits, order=order, undefined=["x"], rpaths=["/r"]))
        assert (found.undefined(["x"]), found.rpaths, found.signed) == ({"x"}, ("/r",), True)

    def test_architectures_that_nobody_has_named(self) -> None:
        data = bytearray(made.macho())
        struct.pack_into("<2I", data, 4, 99, 7)
        assert MachO(data).architecture == "cpu 0x63, subtype 7"


class TestArchitectures:
    def test_one(self) -> None:
        assert [found.architecture for found in slices(WHOLE)] == ["arm64"]
        assert slice_for(WHOLE, "arm64").install_name == "/DLC/pkg/.dylibs/libx.dylib"

    @pytest.mark.parametrize("wide", [False, True])
    def test_several(self, wide: bool) -> None:
        data = made.fat(made.macho(architecture="x86_64", rpaths=["/x"]), made.macho(rpaths=["/a"]), wide=wide)
        assert [found.architecture for found in slices(data)] == ["x86_64", "arm64"]
        assert (slice_for(data, "x86_64").rpaths, slice_for(data, "arm64").rpaths) == (("/x",), ("/a",))

    def test_signatures_are_each_slices_own(self) -> None:
        assert [found.signed for found in slices(UNIVERSAL)] == [False, True]

    def test_the_plain_one_comes_before_that_of_a_special_model(self) -> None:
        both = [made.macho(architecture=name) for name in ("x86_64h", "x86_64")]
        assert slice_for(made.fat(*both), "x86_64").architecture == "x86_64"
        assert slice_for(made.fat(both[0]), "x86_64").architecture == "x86_64h"

    def test_none_that_fits(self) -> None:
        with pytest.raises(InvalidMachO, match="built for x86_64 and arm64e, and this interpreter is arm64"):
            slice_for(made.fat(made.macho(architecture="x86_64"), made.macho(architecture="arm64e")), "arm64")


class TestBesideMacholib:
    @pytest.mark.parametrize("data", [WHOLE, UNIVERSAL, made.fat(WHOLE, wide=True)], ids=["thin", "fat", "wide"])
    def test_both_readers_agree(self, data: bytes, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(data)
        theirs = Theirs(str(tmp_path / "x")).headers
        ours = slices(data)
        assert [(h.header.cputype, h.header.filetype) for h in theirs] == [(m.cpu, m.kind) for m in ours]
        for header, found in zip(theirs, ours, strict=True):
            texts: dict[int, list[str]] = {}
            for command, _, content in header.commands:
                if isinstance(content, bytes):
                    texts.setdefault(command.cmd, []).append(content.rstrip(b"\0").decode())
            needed = texts.get(mach_o.LC_LOAD_DYLIB, []) + texts.get(mach_o.LC_LOAD_WEAK_DYLIB, [])
            assert needed == list(found.needed)
            assert texts.get(mach_o.LC_RPATH, []) == list(found.rpaths)
            assert "".join(texts.get(mach_o.LC_ID_DYLIB, [])) == found.install_name
            assert (mach_o.LC_CODE_SIGNATURE in {command.cmd for command, _, _ in header.commands}) == found.signed


class TestLies:
    @pytest.mark.parametrize(
        "data",
        [b"", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbe\0\0\0\0", b"\xca\xfe\xba\xbe\0\0\0\x3d" + bytes(64)],
        ids=["nothing", "ELF", "a magic", "no architecture", "a Java class"],
    )
    def test_something_else(self, data: bytes) -> None:
        with pytest.raises(InvalidMachO):
            slices(data)

    @pytest.mark.parametrize("data", [WHOLE, UNIVERSAL], ids=["thin", "fat"])
    def test_cut_short_anywhere(self, data: bytes) -> None:
        for length in range(len(data.rstrip(b"\0"))):
            if length > 300 and length % 37:
                continue
            with pytest.raises(InvalidMachO):
                [found.undefined(["x"]) for found in slices(data[:length])]

    @pytest.mark.parametrize(
        ("offset", "value", "words"),
        [
            (16, 0xFFFFFFFF, "load commands"),
            (20, 0xFFFFFF00, "load commands"),
            (36, 0, "a load command reaches"),
            (36, 0x7FFFFFF8, "a load command reaches"),
            (40, 0x1000, "no name"),
            (40, 4, "no name"),
        ],
    )
    def test_numbers_that_lie(self, offset: int, value: int, words: str) -> None:
        data = bytearray(WHOLE)
        struct.pack_into("<I", data, offset, value)
        with pytest.raises(InvalidMachO, match=words):
            MachO(data)

    def test_symbols_that_are_not_there(self) -> None:
        data = bytearray(WHOLE)
        at = data.index(struct.pack("<2I", 2, 24))
        struct.pack_into("<I", data, at + 12, 0x10000000)
        with pytest.raises(InvalidMachO, match="symbol table"):
            MachO(data).undefined(["x"])

    @given(st.data())
    def test_any_changed_bytes_are_read_or_refused(self, draw: st.DataObject) -> None:
        data = bytearray(draw.draw(st.sampled_from([WHOLE, UNIVERSAL[: 4096 * 2]])))
        for at in draw.draw(st.lists(st.integers(0, 600), max_size=6)):
            data[at % len(data)] = draw.draw(st.integers(0, 255))
        try:
            for found in slices(data):
                found.undefined(["x", "PyModuleDef_Init"])
        except InvalidMachO:
            pass
