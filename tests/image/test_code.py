"""Code segments and companions: what a store compiled and inflated is found, and what does not fit is not used."""

from __future__ import annotations

import marshal
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mempip.errors import InvalidImage
from mempip.image.code import HEADER, Segment, kind, write_segment
from mempip.image.companions import Companions
from mempip.image.layout import Entry
from tests.support.environments import memory


@given(st.dictionaries(st.integers(min_value=0, max_value=2**63), st.binary(max_size=50), max_size=20))
def test_every_module_is_found_by_its_place(codes: dict[int, bytes]) -> None:
    descriptor = memory(write_segment("cpython-312-0", codes))
    segment = Segment(descriptor)
    assert segment.kind == "cpython-312-0"
    assert {place: segment.find(place) for place in codes} == codes
    assert segment.find(2**63 + 1) is None
    os.close(descriptor)


@pytest.mark.parametrize("cut", [0, 5, HEADER.size, HEADER.size + 20])
def test_a_segment_that_is_cut_off(cut: int) -> None:
    descriptor = memory(write_segment("kind", {1: b"one", 2: b"two"})[:cut])
    with pytest.raises(InvalidImage):
        Segment(descriptor)
    os.close(descriptor)


def test_code_that_is_cut_off() -> None:
    descriptor = memory(write_segment("kind", {1: b"one"})[:-1])
    with pytest.raises(InvalidImage, match="cut off"):
        Segment(descriptor).find(1)
    os.close(descriptor)


def test_the_kind_tells_interpreters_apart() -> None:
    assert sys.implementation.cache_tag in kind()
    assert len({kind(0), kind(1), kind(2)}) == 3


class Lender:
    closed = False

    def library(self, wheel: int, place: int) -> int:
        return 100 * wheel + place

    def code(self, wheel: int, place: int) -> bytes:
        return b"%d" % (100 * wheel + place)

    def close(self) -> None:
        self.closed = True


class TestCompanions:
    def test_code_of_this_kind_is_used_and_other_is_not(self) -> None:
        code = marshal.dumps(compile("x = 1", "m.py", "exec"))
        ours, other = memory(write_segment(kind(), {7: code})), memory(write_segment("other", {7: code}))
        companions = Companions([1, 2], [], [ours, other])
        assert companions.code(Entry(7, 0, 0, object=1)) == code
        assert companions.code(Entry(8, 0, 0, object=1)) is None
        assert companions.code(Entry(7, 0, 0, object=2)) is None
        assert companions.code(Entry(7, 0, 0, object=3)) is None
        assert companions.table == {"code": [1, 2], "libraries": []}
        companions.close()
        assert companions.code(Entry(7, 0, 0, object=1)) is None

    def test_a_library_is_handed_out_as_often_as_wanted(self) -> None:
        companions = Companions([], [[1, 7]], [memory(b"library")])
        found = [companions.library(Entry(7, 0, 0, object=1)) for _ in range(2)]
        assert [os.pread(descriptor or 0, 9, 0) for descriptor in found] == [b"library"] * 2
        assert companions.library(Entry(8, 0, 0, object=1)) is None
        companions.lender = lender = Lender()
        assert companions.library(Entry(8, 0, 0, object=1)) == 108
        assert companions.code(Entry(8, 0, 0, object=1)) == b"108"
        companions.close()
        assert lender.closed
        for descriptor in found:
            os.close(descriptor or 0)

    def test_a_table_that_does_not_fit(self) -> None:
        with pytest.raises(InvalidImage, match="too few"):
            Companions.behind([0, 1], {"code": [1], "libraries": [[1, 2]]})
        own, companions = Companions.behind([5, 6], None)
        assert (own, companions.table) == ([5, 6], {"code": [], "libraries": []})
