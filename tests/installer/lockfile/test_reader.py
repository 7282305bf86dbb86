"""What a lock file holds for an interpreter, and what is wrong with one (PEP 751)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from packaging.tags import Tag

from mempip.errors import InvalidLockFile
from mempip.installer.lockfile.reader import Lock, chosen, read_lock
from mempip.installer.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Read = Callable[..., Lock]

HASH = "0" * 63

#: After the example of the specification.
EXAMPLE = f"""\
lock-version = '1.0'
environments = ["sys_platform == 'win32'", "sys_platform == 'linux'"]
requires-python = '== 3.12.*'
created-by = 'mousebender'

[[packages]]
name = 'attrs'
version = '25.1.0'
requires-python = '>=3.8'
wheels = [
  {{name = 'attrs-25.1.0-py3-none-any.whl', upload-time = 2025-01-25T11:30:10.164985+00:00, url = 'https://files.example/fc/30/attrs-25.1.0-py3-none-any.whl', size = 63152, hashes = {{sha256 = '{HASH}1'}}}},
]
[[packages.attestation-identities]]
environment = 'release-pypi'
kind = 'GitHub'
repository = 'python-attrs/attrs'
workflow = 'pypi-package.yml'

[[packages]]
name = 'cattrs'
version = '24.1.2'
requires-python = '>=3.8'
dependencies = [
    {{name = 'attrs'}},
]
wheels = [
  {{url = 'https://files.example/c8/d5/cattrs-24.1.2-py3-none-any.whl', size = 66446, hashes = {{sha256 = '{HASH}2'}}}},
]

[[packages]]
name = 'numpy'
version = '2.2.3'
requires-python = '>=3.10'
wheels = [
  {{name = 'numpy-2.2.3-cp312-cp312-win_amd64.whl', url = 'https://files.example/42/6e/numpy-2.2.3-cp312-cp312-win_amd64.whl', size = 12626357, hashes = {{sha256 = '{HASH}3'}}}},
  {{name = 'numpy-2.2.3-cp312-cp312-manylinux_2_17_x86_64.whl', url = 'https://files.example/39/04/numpy-2.2.3-cp312-cp312-manylinux_2_17_x86_64.whl', size = 16116679, hashes = {{sha256 = '{HASH}4'}}}},
]

[tool.mousebender]
command = ['.', 'lock', '--platform', 'cpython3.12-windows-x64', 'cattrs', 'numpy']
"""  # noqa: E501
HEADER = "lock-version = '1.0'\ncreated-by = 'hand'\n"


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.chdir(tmp_path)

    def write_and_read(text: str, name: str = "pylock.toml", groups: tuple[str, ...] = ()) -> Lock:
        (tmp_path / "pylock.toml").write_text(text)
        return read_lock(name, groups)

    return write_and_read


def target(platform: str = "linux", python: str = "3.12.1") -> Target:
    here = Target.current()
    tag = {"linux": "manylinux_2_17_x86_64", "win32": "win_amd64", "darwin": "macosx_11_0_arm64"}[platform]
    tags = (Tag("cp312", "cp312", tag), Tag("py3", "none", "any"))
    environment = {**here.environment, "sys_platform": platform, "python_full_version": python}
    return replace(here, tags=tags, environment=environment | {"python_version": python.rpartition(".")[0]})


def names(lock: Lock, here: Target | None = None) -> list[str]:
    return [file.filename for _, file in chosen(lock, here or target())]


def package(body: str, name: str = "made") -> str:
    return f"[[packages]]\nname = '{name}'\n{body}\n"


def wheel(name: str = "made", where: str = "path = 'wheels/{}'") -> str:
    filename = f"{name}-1.0-py3-none-any.whl"
    return f"version = '1.0'\nwheels = [{{{where.format(filename)}, hashes = {{sha256 = '{HASH}0'}}}}]"


class TestTheExample:
    @pytest.mark.parametrize(
        ("platform", "numpy"),
        [
            ("linux", "numpy-2.2.3-cp312-cp312-manylinux_2_17_x86_64.whl"),
            ("win32", "numpy-2.2.3-cp312-cp312-win_amd64.whl"),
        ],
    )
    def test_is_read(self, read: Read, platform: str, numpy: str) -> None:
        rows = chosen(read(EXAMPLE), target(platform))
        assert [file.filename for _, file in rows] == [
            "attrs-25.1.0-py3-none-any.whl",
            "cattrs-24.1.2-py3-none-any.whl",
            numpy,
        ]
        _, file = rows[0]
        assert (file.url, file.hashes, file.size) == (
            "https://files.example/fc/30/attrs-25.1.0-py3-none-any.whl",
            {"sha256": f"{HASH}1"},
            63152,
        )

    @pytest.mark.parametrize(
        ("here", "says"),
        [
            (target("darwin"), "does not satisfy any of the environments"),
            (target(python="3.13.0"), "does not satisfy the Python version requirement"),
        ],
    )
    def test_is_not_for_everybody(self, read: Read, here: Target, says: str) -> None:
        with pytest.raises(InvalidLockFile, match=f"pylock.toml: it has nothing for this interpreter: .*{says}"):
            chosen(read(EXAMPLE), here)


class TestEntries:
    def test_paths_are_beside_the_lock(self, read: Read, tmp_path: Path) -> None:
        ((_, file),) = chosen(read(HEADER + package(wheel())), target())
        assert file.url == (tmp_path / "wheels" / "made-1.0-py3-none-any.whl").as_uri()
        assert file.source == "pylock.toml"

    def test_markers(self, read: Read) -> None:
        text = HEADER + package(wheel() + "\nmarker = \"sys_platform == 'win32'\"")
        assert names(read(text)) == []
        assert names(read(text), target("win32")) == ["made-1.0-py3-none-any.whl"]

    def test_extras_and_groups(self, read: Read) -> None:
        text = (
            HEADER
            + "extras = ['fast']\ndependency-groups = ['dev', 'docs']\ndefault-groups = ['dev']\n"
            + package(wheel("a") + "\nmarker = \"'fast' in extras\"", "a")
            + package(wheel("b") + "\nmarker = \"'dev' in dependency_groups\"", "b")
            + package(wheel("c") + "\nmarker = \"'docs' in dependency_groups\"", "c")
        )
        assert names(read(text)) == ["b-1.0-py3-none-any.whl"]
        assert names(read(text, "pylock.toml[Fast]", ("docs",))) == ["a-1.0-py3-none-any.whl", "c-1.0-py3-none-any.whl"]
        with pytest.raises(InvalidLockFile, match="it has no extra 'slow'; it has fast"):
            names(read(text, "pylock.toml[slow]"))
        with pytest.raises(InvalidLockFile, match="it has no dependency group 'test'; it has dev, docs"):
            names(read(text, groups=("test",)))

    def test_sources(self, read: Read, tmp_path: Path) -> None:
        text = (
            HEADER
            + package(f"sdist = {{path = 'made-1.0.tar.gz', hashes = {{sha256 = '{HASH}0'}}}}\nversion = '1.0'")
            + package(
                "vcs = {type = 'git', url = 'https://git.example/a.git', commit-id = 'abc', subdirectory = 's'}", "a"
            )
            + package("directory = {path = 'b', editable = true}", "b")
            + package(f"archive = {{url = 'https://x.example/c.zip', hashes = {{sha512 = '{HASH}'}}}}", "c")
        )
        sdist, vcs, directory, archive = (file for _, file in chosen(read(text), target()))
        assert (sdist.filename, sdist.source) == ("made-1.0.tar.gz", "pylock.toml")
        assert (vcs.url, vcs.subdirectory, vcs.source) == ("git+https://git.example/a.git@abc", "s", "")
        assert (directory.url, directory.editable) == ((tmp_path / "b").as_uri(), True)
        assert (archive.filename, archive.hashes, archive.source) == ("c.zip", {"sha512": HASH}, "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "pylock.toml, line 1: it is not TOML"),
        ("created-by = 'x'\npackages = []", "Missing required value in 'lock-version'"),
        ("lock-version = '2.0'\ncreated-by = 'x'\npackages = []", "pylock version 2.0 is not supported"),
        (HEADER + package("version = '1'"), r"in 'packages\[0\] \(made\)'"),
        (HEADER + package(wheel("other")), r"packages\[0\] \(made\).wheels\[0\]"),
        (HEADER + package("directory = {path = 'a'}\nvcs = {type = 'git', url = 'x', commit-id = 'y'}"), r"\(made\)"),
        (HEADER + package(wheel()) + package(wheel()), "Multiple packages with the name 'made'"),
        (
            HEADER + package(wheel().replace("py3-none-any", "cp312-cp312-win_amd64")),
            "No wheel found matching the provided tags for package 'made'",
        ),
        (HEADER + package(wheel().replace("sha256", "md5")), "made-1.0-py3-none-any.whl has no hash of sha256"),
        (
            HEADER + package("vcs = {type = 'hg', url = 'x', commit-id = 'y'}"),
            "made: of version control systems, only git",
        ),
    ],
)
def test_broken(read: Read, text: str, says: str) -> None:
    with pytest.raises(InvalidLockFile, match=says):
        chosen(read(text), target())


def test_no_file(read: Read, tmp_path: Path) -> None:
    with pytest.raises(InvalidLockFile, match=r"pylock\.toml: No such file"):
        read_lock("pylock.toml")
