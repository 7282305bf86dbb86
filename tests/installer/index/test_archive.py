from __future__ import annotations

import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mempip.errors import WheelRefused
from mempip.installer.index import archive
from mempip.installer.index.archive import TAIL, read_metadata
from tests.support.wheel_factory import build_wheel

METADATA = b"Name: demo\nVersion: 1.0\n\n" + b"words " * 50


class Reader:
    """Serves ranges of a wheel and remembers them."""

    def __init__(self, wheel: bytes, tail: int = TAIL) -> None:
        self.wheel = wheel
        self.tail = tail
        self.asked: list[tuple[int, int]] = []

    def read(self, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        return self.wheel[start:end]

    def metadata(self) -> bytes:
        return read_metadata("demo.whl", self.wheel[-self.tail :], len(self.wheel), self.read)


def wheel(**options: object) -> bytes:
    return build_wheel("demo", "1.0", metadata=METADATA, **options)[1]  # type: ignore[arg-type]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_one_piece_is_enough_if_metadata_is_near_the_end(compression: int) -> None:
    reader = Reader(wheel(files={"big": bytes(range(256)) * 4000}, compression=compression))
    assert reader.metadata() == METADATA
    assert reader.asked == []


def test_a_long_directory_takes_one_more() -> None:
    reader = Reader(wheel(files={f"demo/{number:0100}": "" for number in range(500)}))
    assert reader.metadata() == METADATA
    assert len(reader.asked) <= 2


def test_metadata_at_the_beginning_takes_one_more() -> None:
    content = build_wheel("demo", "1.0", {}, metadata=METADATA, members=[("big", b"\0" * 10)])[1]
    reader = Reader(content, tail=len(content) - 20)
    assert reader.metadata() == METADATA
    assert len(reader.asked) == 1


def test_a_local_header_with_a_long_extra_field() -> None:
    member = zipfile.ZipInfo("demo-1.0.dist-info/METADATA")
    member.extra = struct.pack("<HH", 0x9999, 5000) + bytes(5000)
    content = _zip([(member, METADATA), (zipfile.ZipInfo("x"), b"")])
    reader = Reader(content, tail=5200)
    assert reader.metadata() == METADATA


@given(st.integers(22, 2000))
def test_any_tail_will_do(tail: int) -> None:
    assert Reader(wheel(), tail).metadata() == METADATA


def test_zip64_directories_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    content = wheel()
    assert b"PK\x06\x06" in content
    # zipfile writes the real count if it fits; others write 0xFFFF.
    end = content.rindex(b"PK\x05\x06")
    marked = content[: end + 8] + b"\xff" * 12 + content[end + 20 :]
    assert Reader(marked).metadata() == METADATA
    with pytest.raises(WheelRefused, match="outside"):
        Reader(marked.replace(b"PK\x06\x07", b"PK\x09\x09")).metadata()


def _zip(members: list[tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for member, content in members:
            target.writestr(member, content)
    return buffer.getvalue()


def _patched(content: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """Overwrite a field of the directory entry of METADATA, or of the end record."""
    start = content.rindex(signature)
    if signature == b"PK\x01\x02":
        start = content.rindex(b"demo-1.0.dist-info/METADATA") - 46
    return content[: start + offset] + value + content[start + offset + len(value) :]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a zip"),
        (b"no zip at all", "not a zip"),
        (b"PK\x05\x06 too short", "not a zip"),
        (build_wheel("demo", "1.0", members=[("demo-1.0.dist-info/METADATA", b"")])[1], "has 2"),
        (_zip([(zipfile.ZipInfo("a/b.dist-info/METADATA"), b"")]), "has no"),
        (_patched(wheel(), b"PK\x05\x06", 16, struct.pack("<L", 10**8)), "outside"),
        (_patched(wheel(), b"PK\x05\x06", 12, struct.pack("<L", 2**31)), "outside"),
        (_patched(wheel(), b"PK\x05\x06", 16, struct.pack("<L", 3)), "directory is damaged"),
        (_patched(wheel(), b"PK\x01\x02", 10, struct.pack("<H", 12)), "method 12"),
        (_patched(wheel(), b"PK\x01\x02", 10, struct.pack("<H", 0)), "size or checksum"),
        (_patched(wheel(), b"PK\x01\x02", 16, b"abcd"), "size or checksum"),
        (_patched(wheel(), b"PK\x01\x02", 20, struct.pack("<L", 2**30)), "larger than"),
        (_patched(wheel(), b"PK\x01\x02", 24, struct.pack("<L", 2**30)), "larger than"),
        (_patched(wheel(), b"PK\x01\x02", 24, struct.pack("<L", 7)), "size or checksum"),
        (_patched(wheel(), b"PK\x01\x02", 42, struct.pack("<L", 1)), "place in the archive"),
        (_patched(wheel(), b"PK\x01\x02", 42, struct.pack("<L", 2**31)), "place in the archive"),
        (_patched(wheel(), b"PK\x01\x02", 42, b"\xff" * 4), "beyond 4 GiB"),
    ],
)
def test_what_is_no_wheel_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(WheelRefused, match=reason):
        Reader(content).metadata()


def test_a_damaged_stream_is_refused() -> None:
    content = wheel()
    start = content.index(b"demo-1.0.dist-info/METADATA") + len(b"demo-1.0.dist-info/METADATA")
    with pytest.raises(WheelRefused, match="cannot be inflated"):
        Reader(content[:start] + b"\xff" * 20 + content[start + 20 :]).metadata()


@given(st.data())
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    content = bytearray(wheel())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert Reader(bytes(content)).metadata() == METADATA
    except WheelRefused:
        pass


def test_the_limits_are_sane() -> None:
    assert archive.METADATA_LIMIT < archive.DIRECTORY_LIMIT
