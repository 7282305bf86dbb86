"""Wheels: what is accepted, and that everything broken or hostile is refused with the member and the reason."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

from mempip.errors import WheelRefused
from mempip.installer import wheels
from mempip.installer.wheels import open_wheel
from tests.support.environments import memory, opened
from tests.support.wheel_factory import build_wheel


def refused(wheel: tuple[str, bytes]) -> WheelRefused:
    with pytest.raises(WheelRefused) as caught:
        opened(wheel)
    assert caught.value.filename == wheel[0]
    assert wheel[0] in str(caught.value)
    return caught.value


def test_opens_a_wheel() -> None:
    wheel = opened(build_wheel("Some-Project", "1.0", {"pkg/__init__.py": "x = 1\n", "pkg/data.bin": bytes(1000)}))
    assert (wheel.name, wheel.version, wheel.dist_info) == ("Some-Project", "1.0", "Some_Project-1.0.dist-info")
    assert wheel.read("pkg/__init__.py") == b"x = 1\n"
    wheel.verify_contents()


class TestArchive:
    @pytest.mark.parametrize("data", [b"", b"<html>not found</html>", b"PK\x05\x06" + bytes(10)])
    def test_refuses_what_is_no_zip(self, data: bytes) -> None:
        assert "zip archive" in refused(("a-1-py3-none-any.whl", data)).reason

    @pytest.mark.parametrize("kept", [0.3, 0.9, 0.99])
    def test_refuses_a_truncated_wheel(self, kept: float) -> None:
        name, data = build_wheel("a", "1", {"a.py": "x = 1\n" * 1000})
        assert "zip archive" in refused((name, data[: int(len(data) * kept)])).reason

    @pytest.mark.parametrize(
        "path", ["../evil.py", "a/../../evil.py", "/etc/evil.py", "a\\..\\evil.py", "C:/evil.py", "\\evil.py"]
    )
    def test_refuses_paths_that_lead_out(self, path: str) -> None:
        error = refused(build_wheel("a", "1", members=[(path, b"x")]))
        assert error.member == path
        assert "leads out" in error.reason

    @pytest.mark.parametrize("path", ["a//b.py", "./a.py", "a/./b.py"])
    def test_refuses_unclean_paths(self, path: str) -> None:
        error = refused(build_wheel("a", "1", members=[(path, b"x")]))
        assert error.member == path
        assert "clean" in error.reason

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_refuses_duplicate_members(self) -> None:
        error = refused(build_wheel("a", "1", {"a.py": "safe"}, members=[("a.py", b"evil")]))
        assert error.member == "a.py"
        assert "twice" in error.reason

    def test_refuses_symbolic_links(self) -> None:
        link = zipfile.ZipInfo("a.py")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        error = refused(build_wheel("a", "1", members=[(link, b"/etc/passwd")]))
        assert error.member == "a.py"
        assert "symbolic link" in error.reason

    def test_refuses_encrypted_members(self) -> None:
        name, data = build_wheel("a", "1", {"a.py": "x"})
        at = data.index(b"PK\x01\x02")
        data = data[: at + 8] + struct.pack("<H", 1) + data[at + 10 :]
        assert "encrypted" in refused((name, data)).reason

    def test_refuses_other_compression(self) -> None:
        error = refused(build_wheel("a", "1", {"a.py": "x" * 100}, compression=zipfile.ZIP_BZIP2))
        assert "compressed by method 12" in error.reason

    def test_refuses_a_zip_bomb(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wheels, "RATIO_ALLOWANCE", 1 << 20)
        error = refused(build_wheel("a", "1", {"a.py": "", "bomb.bin": bytes(3 << 20)}))
        assert error.member == "bomb.bin"
        assert "zip bomb" in error.reason

    def test_refuses_an_oversized_member(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wheels, "MAX_MEMBER", 1000)
        error = refused(build_wheel("a", "1", {"a.py": "x" * 1001}))
        assert error.member == "a.py"
        assert "1001 bytes" in error.reason

    def test_refuses_too_many_members(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wheels, "MAX_MEMBERS", 3)
        assert "4 members" in refused(build_wheel("a", "1")).reason

    def test_refuses_overlapping_members(self) -> None:
        name, data = build_wheel("a", "1", {"a.py": "x", "b.py": "y"})
        directory = bytearray(data)
        second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
        directory[second + 42 : second + 46] = struct.pack("<I", 0)  # b.py starts where a.py does
        assert "overlaps" in refused((name, bytes(directory))).reason

    def test_refuses_a_missing_local_header(self) -> None:
        name, data = build_wheel("a", "1", {"a.py": "x"})
        assert "local header" in refused((name, b"XX" + data[2:])).reason

    def test_refuses_a_member_beyond_the_end(self) -> None:
        name, data = build_wheel("a", "1", {"a.py": "x"})
        changed = bytearray(data)
        changed[28:30] = struct.pack("<H", 60000)  # an extra field longer than the archive
        assert "ends before" in refused((name, bytes(changed))).reason

    def test_refuses_a_stored_member_of_two_sizes(self) -> None:
        name, data = build_wheel("a", "1", {"a.py": "xyz"}, compression=zipfile.ZIP_STORED)
        changed = bytearray(data)
        at = data.index(b"PK\x01\x02")
        changed[at + 24 : at + 28] = struct.pack("<I", 2)
        assert "two different sizes" in refused((name, bytes(changed))).reason

    def test_refuses_a_name_that_differs_from_the_directorys(self) -> None:
        name, data = build_wheel("a", "1", {"a.py": "x"})
        assert "another name" in refused((name, data.replace(b"a.py", b"b.py", 1))).reason

    def test_refuses_paths_without_end(self) -> None:
        assert "clean relative path" in refused(build_wheel("a", "1", members=[("d/" * 3000 + "x", b"")])).reason

    def test_directories_are_no_members(self) -> None:
        wheel = opened(build_wheel("a", "1", members=[("pkg/", b"")]))
        assert "pkg/" not in wheel.members

    def test_times_out_of_range_count_as_none(self) -> None:
        assert wheels._timestamp((1980, 0, 0, 0, 0, 0)) >= 0


class TestDistInfo:
    def test_refuses_a_wheel_without_one(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.py", "x")
        assert "0 .dist-info" in refused(("a-1-py3-none-any.whl", buffer.getvalue())).reason

    def test_refuses_two(self) -> None:
        assert "2 .dist-info" in refused(build_wheel("a", "1", members=[("b-2.dist-info/METADATA", b"")])).reason

    def test_refuses_a_wheel_without_record(self) -> None:
        error = refused(build_wheel("a", "1", record=False))
        assert error.member == "a-1.dist-info/RECORD"

    @pytest.mark.parametrize(
        "metadata", ["Name: b\nVersion: 1\n", "Name: a\nVersion: 2\n", "Name: a\nVersion: x y\n", "\n"]
    )
    def test_refuses_metadata_of_another_project(self, metadata: str) -> None:
        error = refused(build_wheel("a", "1", metadata=metadata))
        assert error.member == "a-1.dist-info/METADATA"
        assert "METADATA says" in error.reason

    def test_refuses_a_dist_info_directory_of_another_project(self) -> None:
        name, data = build_wheel("a", "1")
        assert name == "a-1-py3-none-any.whl"
        assert "another project" in refused(("b-1-py3-none-any.whl", data)).reason

    def test_refuses_a_future_wheel_version(self) -> None:
        name, data = build_wheel("a", "1", compression=zipfile.ZIP_STORED, record=False)
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as archive:
            for member in source.namelist():
                text = source.read(member).replace(b"Wheel-Version: 1.0", b"Wheel-Version: 2.0")
                archive.writestr(member, text)
            archive.writestr("a-1.dist-info/RECORD", "")
        error = refused((name, buffer.getvalue()))
        assert "Wheel-Version is 2.0" in error.reason


class TestRecord:
    def test_refuses_a_member_that_is_not_recorded(self) -> None:
        error = refused(build_wheel("a", "1", {"a.py": "x"}, record_omits=["a.py"]))
        assert (error.member, "does not list it" in error.reason) == ("a.py", True)

    def test_refuses_a_recorded_file_that_is_missing(self) -> None:
        error = refused(build_wheel("a", "1", record_adds=["gone.py,sha256=abc,3"]))
        assert (error.member, "does not have it" in error.reason) == ("gone.py", True)

    def test_refuses_another_size(self) -> None:
        error = refused(build_wheel("a", "1", {"a.py": "xyz"}, record_sizes={"a.py": 4}))
        assert (error.member, error.reason) == ("a.py", "RECORD says 4 bytes, the archive 3")

    @pytest.mark.parametrize("column", ["", "md5=abc", "sha1=abc", "sha256"])
    def test_refuses_weak_and_missing_hashes(self, column: str) -> None:
        error = refused(build_wheel("a", "1", {"a.py": "x"}, record_hashes={"a.py": column}))
        assert error.member == "a.py"

    def test_refuses_a_malformed_hash(self) -> None:
        error = refused(build_wheel("a", "1", {"a.py": "x"}, record_hashes={"a.py": "sha256=a"}))
        assert "malformed" in error.reason

    @pytest.mark.parametrize("record", ["a\n", "a,b\n", "a,b,c,d\n"])
    def test_refuses_rows_of_other_widths(self, record: str) -> None:
        assert "three columns" in refused(build_wheel("a", "1", record=record)).reason

    def test_refuses_a_record_that_is_no_text(self) -> None:
        buffer = io.BytesIO()
        name, data = build_wheel("a", "1", record=False)
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as archive:
            for member in source.namelist():
                archive.writestr(member, source.read(member))
            archive.writestr("a-1.dist-info/RECORD", b"\xff\xfe\xff")
        assert "cannot be read" in refused((name, buffer.getvalue())).reason

    def test_rows_of_directories_and_empty_rows_are_passed_over(self) -> None:
        opened(build_wheel("a", "1", record_adds=["pkg/,,", ""]))

    def test_contents_that_differ_from_the_recorded_hash_are_refused(self) -> None:
        digest = "sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        wheel = opened(build_wheel("a", "1", {"a.py": "x"}, record_hashes={"a.py": digest}))
        with pytest.raises(WheelRefused, match=r"member 'a\.py': its contents do not have RECORD's sha256"):
            wheel.verify_contents()

    def test_contents_that_differ_from_the_archive_are_refused(self) -> None:
        name, data = build_wheel("a", "1", {"a.py": "abcdef"}, compression=zipfile.ZIP_STORED)
        wheel = open_wheel(name, memory(data.replace(b"abcdef", b"abcdeX", 1)))
        with pytest.raises(WheelRefused, match=r"a\.py"):
            wheel.verify_contents()
