from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from mempip.errors import SourceRefused
from mempip.installer.sources import archives
from tests.support.sdist_factory import archive

if TYPE_CHECKING:
    from pathlib import Path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def zipped(members: dict[str, bytes | zipfile.ZipInfo]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in members.items():
            made.writestr(content if isinstance(content, zipfile.ZipInfo) else name, b"" if not content else b"x")
    return stream.getvalue()


def unpack(name: str, content: bytes, directory: Path) -> str:
    return archives.unpack(name, io.BytesIO(content), str(directory))


def test_the_project_is_what_is_at_the_top(tmp_path: Path) -> None:
    project = unpack("a-1.tar.gz", archive({"a-1/setup.py": b"x", "a-1/src/a.py": b"y"}), tmp_path)
    assert project == str(tmp_path / "a-1")
    assert (tmp_path / "a-1" / "src" / "a.py").read_bytes() == b"y"


def test_or_everything_if_there_is_more(tmp_path: Path) -> None:
    assert unpack("a.tar.gz", archive({"setup.py": b"x", "a/b": b"y"}), tmp_path) == str(tmp_path)


def test_a_zip_archive(tmp_path: Path) -> None:
    script = zipfile.ZipInfo("a/run.sh")
    script.external_attr = 0o100755 << 16
    project = unpack("a-1.zip", zipped({"a/setup.py": b"x", "a/run.sh": script}), tmp_path)
    assert project == str(tmp_path / "a")
    assert os.stat(tmp_path / "a" / "run.sh").st_mode & stat.S_IXUSR


def test_links_inside(tmp_path: Path) -> None:
    members = {"a/real": b"content", "a/link": special("a/link", tarfile.SYMTYPE, "real")}
    unpack("a.tar.gz", archive(members), tmp_path)
    assert (tmp_path / "a" / "link").read_bytes() == b"content"


@pytest.mark.parametrize(
    "member",
    [
        special("a/link", tarfile.SYMTYPE, "../../etc/passwd"),
        special("a/link", tarfile.SYMTYPE, "/etc/passwd"),
        special("a/link", tarfile.LNKTYPE, "../outside"),
        special("a/pipe", tarfile.FIFOTYPE),
        special("a/device", tarfile.CHRTYPE),
        special("../outside", tarfile.DIRTYPE),
    ],
    ids=lambda member: f"{member.name} {member.linkname}",
)
def test_hostile_tar_archives(member: tarfile.TarInfo, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(SourceRefused) as caught:
        unpack("a-1.tar.gz", archive({"a/x": b"", member.name: member}), tmp_path / "in")
    assert caught.value.source == "a-1.tar.gz"
    assert caught.value.member == member.name
    assert [entry.name for entry in tmp_path.iterdir()] == ["in"]


def test_hostile_zip_archives(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a/link")
    link.external_attr = 0o120777 << 16
    for members in ({"../x": b"1"}, {"/x": b"1"}, {"a/link": link}):
        with pytest.raises(SourceRefused, match="leads out of the archive, or is a link"):
            unpack("a.zip", zipped(members), tmp_path)


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_limits(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = archive if name.endswith("gz") else zipped
    content = make({"a/1": b"x", "a/2": b"x", "a/3": b"x"})
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    with pytest.raises(SourceRefused, match="more than 2 members"):
        unpack(name, content, tmp_path)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    monkeypatch.setattr(archives, "MAX_TOTAL", 2)
    with pytest.raises(SourceRefused, match="more than 2 bytes"):
        unpack(name, content, tmp_path)


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
@pytest.mark.parametrize("content", [b"", b"nonsense", archive({"a/x": b"1" * 100_000})[:-40]])
def test_damaged_archives(name: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="cannot be unpacked"):
        unpack(name, content, tmp_path)
    with pytest.raises(SourceRefused, match="not a complete archive"):
        archives.pkg_info(name, io.BytesIO(content))


def test_pkg_info() -> None:
    content = archive({"a-1/x/PKG-INFO": b"no", "a-1/PKG-INFO": b"yes", "a-1/y": b""})
    assert archives.pkg_info("a-1.tar.gz", io.BytesIO(content)) == b"yes"
    assert archives.pkg_info("a-1.zip", io.BytesIO(zipped({"a-1/PKG-INFO": b"yes"}))) == b"x"
    assert archives.pkg_info("a-1.tar.gz", io.BytesIO(archive({"a-1/y": b""}))) is None
