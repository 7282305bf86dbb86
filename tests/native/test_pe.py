from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mempip_native.errors import InvalidPe
from mempip_native.windows.donor import INDEX, donor
from mempip_native.windows.pe import ARM64, CLR, Pe
from mempip_native.windows.preflight import DONOR, FILE, MAPPED, REFUSED, plan
from mempip_native.windows.throwing import throwing
from tests.support import pe as made

WHOLE = made.dll(
    imports={"KERNEL32.dll": ["Sleep", 12], "python3.dll": ["PyModule_Create2"]},
    delayed={"bundled.dll": ["late"]},
    exports={"PyInit_x": made.CODE, "forwarded": "other.real"},
    pointers=[made.CODE],
    tls=b"template",
)


class TestReading:
    def test_imports(self) -> None:
        found = {name: [row.key for row in rows] for name, rows in Pe(WHOLE).imports()}
        assert found == {"KERNEL32.dll": ["Sleep", 12], "python3.dll": ["PyModule_Create2"]}

    def test_delayed_imports(self) -> None:
        assert [(name, [row.key for row in rows]) for name, rows in Pe(WHOLE).delayed_imports()] == [
            ("bundled.dll", ["late"])
        ]

    def test_slots_are_where_the_linker_put_the_names(self) -> None:
        pe = Pe(WHOLE)
        slots = [row.slot for _, rows in pe.imports() for row in rows]
        assert len(set(slots)) == 3
        pe.put(slots[0], 0x1122334455667788)
        assert pe.unpack("<Q", slots[0]) == (0x1122334455667788,)

    def test_exports_by_name_and_ordinal(self) -> None:
        assert Pe(WHOLE).exports() == {
            "PyInit_x": made.CODE,
            1: made.CODE,
            "forwarded": "other.real",
            2: "other.real",
        }

    def test_thread_local_storage(self) -> None:
        pe = Pe(WHOLE)
        tls = pe.tls()
        assert tls is not None
        assert bytes(pe.image[tls.template : tls.template + tls.size]) == b"template"
        assert (tls.zeros, tls.callbacks) == (0, [])

    def test_a_library_without_tables(self) -> None:
        pe = Pe(made.dll())
        assert (list(pe.imports()), list(pe.delayed_imports()), pe.exports(), pe.tls()) == ([], [], {}, None)

    def test_sections_lie_where_they_are_mapped(self) -> None:
        pe = Pe(WHOLE)
        assert [(section.name, section.address) for section in pe.sections] == [(".data", 0x1000), (".text", 0x40000)]
        assert pe.image[made.CODE : made.CODE + 6] == b"\xb8\x2a\0\0\0\xc3"


class TestRelocating:
    def test_pointers_follow_the_image(self) -> None:
        pe = Pe(made.dll(pointers=[made.CODE]))
        before = bytes(pe.image)
        pe.relocate(made.BASE + 0x10000)
        moved = [at for at in range(0, len(before), 8) if pe.image[at : at + 8] != before[at : at + 8]]
        assert [pe.unpack("<Q", at)[0] for at in moved] == [made.BASE + 0x10000 + made.CODE]

    def test_thread_local_storage_is_found_afterwards(self) -> None:
        pe = Pe(WHOLE)
        before = pe.tls()
        pe.relocate(0x7FF000000000)
        assert pe.tls() == before

    def test_one_without_relocations(self) -> None:
        pe = Pe(made.dll(flags=0x2023))
        with pytest.raises(InvalidPe, match="one address"):
            pe.relocate(made.BASE + 0x10000)

    @pytest.mark.parametrize(
        ("block", "message"),
        [(struct.pack("<2I2H", 0x1000, 12, 0x3000, 0), "kind 3"), (struct.pack("<2I2H", 0x1000, 4, 0, 0), "damaged")],
    )
    def test_damaged_relocations(self, block: bytes, message: str) -> None:
        pe = Pe(made.dll(directories={5: (made.CODE, 12)}, code=block))
        with pytest.raises(InvalidPe, match=message):
            pe.relocate(made.BASE + 0x10000)


class TestDamage:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "DOS header"),
            (b"\x7fELF" + bytes(100), "DOS header"),
            (b"MZ" + bytes(100), "PE header"),
            (WHOLE[:70], "truncated"),
            (WHOLE[:2000], "truncated"),
            (made.dll(flags=0x22), "program"),
        ],
    )
    def test_what_is_no_whole_library(self, data: bytes, message: str) -> None:
        with pytest.raises(InvalidPe, match=message):
            Pe(data)

    def test_32_bit_images(self) -> None:
        data = bytearray(WHOLE)
        struct.pack_into("<H", data, 64 + 24, 0x10B)
        with pytest.raises(InvalidPe, match="64-bit"):
            Pe(data)

    @pytest.mark.parametrize("number", [0, 1, 9, 13])
    def test_tables_outside_of_the_image(self, number: int) -> None:
        pe = Pe(made.dll(directories={number: (0x40FFE, 4096)}))
        with pytest.raises(InvalidPe):
            (list(pe.imports()), list(pe.delayed_imports()), pe.exports(), pe.tls())

    @given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
    def test_any_damaged_byte_is_an_error_or_harmless(self, at: int, value: int) -> None:
        data = bytearray(WHOLE)
        data[at] = value
        try:
            pe = Pe(data)
            plan(pe)
            (list(pe.imports()), list(pe.delayed_imports()), pe.exports())
            pe.relocate(0x10000000)
        except InvalidPe:
            pass


class TestPreflight:
    def test_plain_libraries_are_mapped(self) -> None:
        assert plan(Pe(made.dll())).strategy == MAPPED

    def test_thread_local_storage_takes_a_donor(self) -> None:
        found = plan(Pe(WHOLE))
        assert (found.strategy, found.reason) == (DONOR, "each thread has 8 bytes of it")

    @pytest.mark.parametrize(
        ("library", "reason"),
        [
            (made.dll(flags=0x2023), "one address"),
            (made.dll(code_flags=0xE0000020), "writable and executable"),
            (made.dll(directories={CLR: (made.CODE, 72)}), ".NET"),
        ],
    )
    def test_what_cannot_be_mapped_is_for_windows_to_load(self, library: bytes, reason: str) -> None:
        found = plan(Pe(library))
        assert found.strategy == FILE
        assert reason in found.reason

    def test_where_nothing_can_be_mapped(self) -> None:
        found = plan(Pe(WHOLE), forbidden="a policy")
        assert (found.strategy, found.reason) == (FILE, "a policy")
        assert plan(Pe(made.dll(machine=ARM64)), ARM64).strategy == FILE

    @pytest.mark.parametrize(("machine", "name"), [(ARM64, "ARM64"), (0x5064, "machine 0x5064")])
    def test_other_machines_libraries(self, machine: int, name: str) -> None:
        found = plan(Pe(made.dll(machine=machine)))
        assert (found.strategy, found.reason) == (REFUSED, f"it is built for {name}, and this process is x86-64")


class TestDonor:
    @pytest.mark.parametrize(("size", "zeros"), [(0, 8), (8, 0), (45_000, 100)])
    def test_it_has_the_template_and_no_code(self, size: int, zeros: int) -> None:
        template = bytes(number % 251 for number in range(size))
        pe = Pe(donor(template, zeros))
        tls = pe.tls()
        assert tls is not None
        assert bytes(pe.image[tls.template : tls.template + tls.size]) == template
        assert (tls.zeros, tls.index, pe.entry) == (zeros, INDEX, 0)
        assert not any(section.flags & 0x20000000 for section in pe.sections)

    def test_it_can_be_moved(self) -> None:
        pe = Pe(donor(b"template", 0))
        before = pe.tls()
        pe.relocate(0x7FF000000000)
        assert pe.tls() == before


def test_the_function_that_throws_has_unwind_information() -> None:
    code, entry = throwing(0x5000, 0x180000000, 0x7FF812345678)
    start, end, unwind = struct.unpack("<3I", entry)
    assert (start, unwind) == (0x5000, end)
    assert end % 4 == 0
    assert code[end - start :] == b"\x01\x04\x01\x00\x04\x82\0\0"
    assert struct.pack("<Q", 0x180000000) in code
