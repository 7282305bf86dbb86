"""The image format: what the writer writes, the reader answers; what is damaged, it refuses."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mempip.errors import InvalidImage
from mempip.image import contents
from mempip.image.layout import DEFLATED, STORED, Distribution, Entry, normalize
from mempip.image.reader import Image
from mempip.image.writer import write_index
from tests.support.environments import memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture
def deflated() -> Iterator[tuple[int, Entry]]:
    """An object with one deflated file of 9 MiB behind seven other bytes, and its entry."""
    data = bytes(range(256)) * (9 << 12)
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    raw = packer.compress(data) + packer.flush()
    descriptor = memory(b"padding" + raw)
    yield descriptor, Entry(7, len(raw), len(data), zlib.crc32(data), object=1, method=DEFLATED)
    os.close(descriptor)


def image(files: Mapping[str, Entry | bytes], *objects: int) -> Image:
    return Image([memory(write_index(files, [])), *objects])


class TestTree:
    def test_lists_files_and_directories(self) -> None:
        found = image({"pkg/__init__.py": b"", "pkg/sub/data.txt": b"x", "top.py": b"1"})
        assert found.directories == ["", "pkg", "pkg/sub"]
        assert list(found.listing("") or {}) == ["pkg", "top.py"]
        assert list(found.listing("pkg") or {}) == ["__init__.py", "sub"]
        assert found.listing("nowhere") is None
        assert found.is_directory("pkg/sub")
        assert not found.is_directory("top.py")

    def test_finds_entries(self) -> None:
        found = image({"pkg/data.txt": b"hello"})
        entry = found.find("pkg/data.txt")
        assert entry is not None
        assert found.read(entry) == b"hello"
        directory = found.find("pkg")
        assert directory is not None
        assert directory.is_directory
        assert found.find("pkg/other") is None
        assert found.find("") is None

    def test_an_empty_environment_has_a_root(self) -> None:
        assert image({}).listing("") == {}

    @pytest.mark.parametrize("path", ["/absolute", "a//b", "../out", "a/../b", "", "a/", "nul\0"])
    def test_refuses_paths_that_are_none(self, path: str) -> None:
        with pytest.raises(InvalidImage, match="relative path"):
            write_index({path: b""}, [])

    def test_refuses_a_file_that_is_a_directory_too(self) -> None:
        with pytest.raises(InvalidImage, match="both as a file and as a directory"):
            write_index({"a": b"", "a/b": b""}, [])

    @pytest.mark.parametrize("order", [("a/b", "a"), ("a", "a/b")])
    def test_refuses_in_either_order(self, order: tuple[str, str]) -> None:
        with pytest.raises(InvalidImage):
            write_index(dict.fromkeys(order, b""), [])

    names = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=8)
    paths = st.lists(names.filter(lambda name: name not in (".", "..")), min_size=1, max_size=4).map("/".join)

    @settings(max_examples=60)
    @given(st.dictionaries(paths, st.binary(max_size=64), max_size=20))
    def test_answers_what_was_written(self, files: dict[str, bytes]) -> None:
        files = {path: data for path, data in files.items() if not any(other.startswith(path + "/") for other in files)}
        found = image(files)
        assert {path: found.read(entry) for path, entry in found.walk()} == files
        found.close()


class TestDamage:
    @settings(max_examples=150)
    @given(st.data())
    def test_a_damaged_index_is_refused_or_answers_within_its_bounds(self, data: st.DataObject) -> None:
        index = bytearray(
            write_index({"pkg/a.py": b"abc", "b.py": b"d"}, [Distribution("b", "1", dist_info="x", object=1)])
        )
        for _ in range(data.draw(st.integers(1, 4))):
            index[data.draw(st.integers(0, len(index) - 1))] = data.draw(st.integers(0, 255))
        descriptor = memory(bytes(index))
        found = None
        try:
            found = Image([descriptor])
            for _, entry in found.walk():
                found.read(entry)
        except InvalidImage:
            pass
        finally:
            os.close(descriptor)

    @pytest.mark.parametrize("cut", [0, 10, 60, -1])
    def test_refuses_an_index_cut_short(self, cut: int) -> None:
        with pytest.raises(InvalidImage):
            Image([memory(write_index({"a": b"x"}, [])[:cut])])

    def test_refuses_another_format(self) -> None:
        with pytest.raises(InvalidImage, match="header"):
            Image([memory(b"PK" * 100)])


class TestContents:
    def test_small_and_large_files_are_read_whole(self, deflated: tuple[int, Entry]) -> None:
        descriptor, entry = deflated
        data = contents.read(descriptor, entry)
        assert len(data) == entry.size
        assert zlib.crc32(data) == entry.crc

    def test_pieces_are_bounded(self, deflated: tuple[int, Entry]) -> None:
        sizes = [len(piece) for piece in contents.pieces(*deflated)]
        assert sum(sizes) == deflated[1].size
        assert max(sizes) <= 4 * contents.CHUNK

    @pytest.mark.parametrize("change", [{"size": 5}, {"crc": 1}, {"stored": 30}, {"size": 9 << 21}])
    def test_refuses_what_differs_from_its_entry(self, deflated: tuple[int, Entry], change: dict[str, int]) -> None:
        descriptor, entry = deflated
        for name, value in change.items():
            setattr(entry, name, value)
        with pytest.raises(InvalidImage):
            contents.read(descriptor, entry)

    @pytest.mark.parametrize("size", [3, 5 << 20])
    def test_refuses_what_cannot_be_inflated(self, size: int) -> None:
        descriptor = memory(b"\xff" * 100)
        with pytest.raises(InvalidImage, match="inflated"):
            contents.read(descriptor, Entry(0, 100, size, method=DEFLATED))
        os.close(descriptor)

    def test_refuses_unknown_methods(self) -> None:
        descriptor = memory(b"x")
        with pytest.raises(InvalidImage, match="method 12"):
            contents.read(descriptor, Entry(0, 1, 1, method=12))
        os.close(descriptor)

    def test_a_lying_size_does_not_inflate_without_end(self) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        raw = packer.compress(bytes(64 << 20)) + packer.flush()
        descriptor = memory(raw)
        pieces = contents.pieces(descriptor, Entry(0, len(raw), 10, method=DEFLATED))
        with pytest.raises(InvalidImage):  # before the first piece, which is too long already
            next(pieces)
        with pytest.raises(InvalidImage):
            contents.read(descriptor, Entry(0, len(raw), 10, method=DEFLATED))
        os.close(descriptor)

    def test_stored_files_larger_than_a_piece(self) -> None:
        data = os.urandom(3 * contents.CHUNK // 2)
        descriptor = memory(data)
        assert contents.read(descriptor, Entry(0, len(data), len(data), zlib.crc32(data), method=STORED)) == data
        os.close(descriptor)


def test_replacing_the_index_changes_the_answers() -> None:
    found = image({"a": b"1"})
    os.close(found.replace_index(memory(write_index({"b": b"2"}, []))))
    assert list(found.listing("") or {}) == ["b"]
    found.close()
    assert found.descriptors == []


@pytest.mark.parametrize(("name", "key"), [("Foo.Bar", "foo-bar"), ("a_-_.b", "a-b"), ("A", "a"), ("z.i", "z-i")])
def test_names_are_normalised_as_pep_503_says(name: str, key: str) -> None:
    assert normalize(name) == key
    assert Distribution(name, "1", dist_info="", object=1).key == key
