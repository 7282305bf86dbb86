"""Requirement files: pip's format, with its documentation's examples."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

import pytest

from mempip.errors import InvalidRequirementFile
from mempip.installer.requirements.files import Line, read_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Read = Callable[..., list[Line]]


def no_network(url: str) -> bytes:
    raise AssertionError(url)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Return a function that writes files, the first of them the one to read, and returns the lines."""
    monkeypatch.chdir(tmp_path)

    def lines(content: str | bytes, environ: dict[str, str] | None = None, **others: str) -> list[Line]:
        (tmp_path / "reqs.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
        for name, text in others.items():
            path = tmp_path / name.replace("__", "/").replace("_txt", ".txt")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return list(read_lines("reqs.txt", no_network, environ or {}))

    return lines


def requirements(lines: list[Line]) -> list[str]:
    return [line.requirement for line in lines if line.requirement]


#: From pip's "Requirements File Format" and user guide.
DOCUMENTED = """\
# This is a comment, to show how #-prefixed lines are ignored.
# It is possible to specify requirements as plain names.
pytest
pytest-cov
beautifulsoup4

# The syntax supported here is the same as that of requirement specifiers.
docopt == 0.6.1
requests [security] >= 2.8.1, == 2.8.* ; python_version < "2.7"
urllib3 @ https://github.com/urllib3/urllib3/archive/refs/tags/1.26.8.zip

# It is possible to refer to other requirement files or constraints files.
-r other-requirements.txt
-c constraints.txt

# It is possible to refer to specific local distribution paths.
./downloads/numpy-1.9.2-cp34-none-win32.whl

# It is possible to refer directly to wheels on the web.
http://wxpython.org/Phoenix/snapshot-builds/wxPython_Phoenix-3.0.3.dev1820+49a8884-cp34-none-win_amd64.whl
"""


class TestDocumentedExamples:
    def test_the_example_file(self, read: Read, tmp_path: Path) -> None:
        (tmp_path / "other-requirements.txt").write_text("other\n")
        (tmp_path / "constraints.txt").write_text("docopt<1\n")
        lines = read(DOCUMENTED)
        assert [(line.number, line.requirement, line.constraint) for line in lines] == [
            (3, "pytest", False),
            (4, "pytest-cov", False),
            (5, "beautifulsoup4", False),
            (8, "docopt == 0.6.1", False),
            (9, 'requests [security] >= 2.8.1, == 2.8.* ; python_version < "2.7"', False),
            (10, "urllib3 @ https://github.com/urllib3/urllib3/archive/refs/tags/1.26.8.zip", False),
            (1, "other", False),
            (1, "docopt<1", True),
            (17, "./downloads/numpy-1.9.2-cp34-none-win32.whl", False),
            (20, DOCUMENTED.splitlines()[-1], False),
        ]

    def test_hashes_over_several_lines(self, read: Read) -> None:
        (line,) = read(
            "FooProject == 1.2 \\\n"
            "  --hash=sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 \\\n"
            "  --hash=sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7\n"
        )
        assert line.requirement == "FooProject == 1.2"
        assert [value[:10] for value in line.options["hash"]] == ["sha256:2cf", "sha256:486"]

    def test_per_requirement_settings(self, read: Read) -> None:
        (line,) = read('FooProject >= 1.2 --config-settings="--build-option=--no-user-cfg"\n')
        assert line.options == {"config_settings": ["--build-option=--no-user-cfg"]}

    def test_environment_variables(self, read: Read) -> None:
        environ = {"API_TOKEN": "secret", "lower": "no", "EMPTY": ""}
        lines = read("--extra-index-url=https://${API_TOKEN}@host/\n${lower}${EMPTY}${UNSET}$API_TOKEN\n", environ)
        assert lines[0].options == {"extra_index_url": ["https://secret@host/"]}
        assert lines[1].requirement == "${lower}${EMPTY}${UNSET}$API_TOKEN"

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("-i https://a/simple", {"index_url": "https://a/simple"}),
            ("--index-url=https://a/simple", {"index_url": "https://a/simple"}),
            ("--extra-index-url https://b", {"extra_index_url": ["https://b"]}),
            ("--no-index", {"no_index": True}),
            ("-f ./wheels", {"find_links": ["./wheels"]}),
            ("--find-links 'with space'", {"find_links": ["with space"]}),
            ("--no-binary :all: --only-binary a,b", {"choices": [("no_binary", ":all:"), ("only_binary", "a,b")]}),
            ("--prefer-binary", {"prefer_binary": True}),
            ("--require-hashes", {"require_hashes": True}),
            ("--no-require-hashes", {"require_hashes": False}),
            ("--pre", {"pre": True}),
            ("--trusted-host example.org", {"trusted_host": ["example.org"]}),
            ("--use-feature fast-deps", {"use_feature": ["fast-deps"]}),
            ("-e ./project", {"editable": ["./project"]}),
        ],
    )
    def test_options(self, read: Read, line: str, expected: dict[str, Any]) -> None:
        (found,) = read(line)
        assert (found.requirement, dict(found.options)) == ("", expected)


class TestLines:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ("a # comment\nb#not\n#c\n  #d\n", ["a", "b#not"]),
            ("a \\\n>=1\nb", ["a >=1", "b"]),
            ("a \\\n# comment\n>=1", ["a", ">=1"]),  # a comment is not continued
            ("a \\", ["a"]),
            ("\\\na", ["a"]),
            ("\n\n", []),
            ("a\r\nb\r\n", ["a", "b"]),
            ("a @ https://h/a.whl#sha256=1 # x", ["a @ https://h/a.whl#sha256=1"]),
        ],
    )
    def test_comments_and_continuations(self, read: Read, content: str, expected: list[str]) -> None:
        assert requirements(read(content)) == expected

    def test_numbers_are_those_of_the_first_of_joined_lines(self, read: Read) -> None:
        assert [line.number for line in read("# one\na \\\n\\\n  >=1\nb\n")] == [2, 5]

    def test_origin(self, read: Read) -> None:
        assert read("\na\n")[0].origin == "line 2 of reqs.txt"


class TestEncodings:
    @pytest.mark.parametrize(
        "content",
        [
            codecs.BOM_UTF8 + "ä # ü".encode(),
            codecs.BOM_UTF16_LE + "ä # ü".encode("utf-16-le"),
            codecs.BOM_UTF16_BE + "ä # ü".encode("utf-16-be"),
            codecs.BOM_UTF32_LE + "ä # ü".encode("utf-32-le"),
            "# -*- coding: latin-1 -*-\nä # ü".encode("latin-1"),
            "# first\n# vim: set fileencoding=latin-1 :\nä".encode("latin-1"),
            "ä".encode(),
        ],
    )
    def test_of_text(self, read: Read, content: bytes) -> None:
        assert requirements(read(content)) == ["ä"]

    def test_unknown(self, read: Read) -> None:
        with pytest.raises(InvalidRequirementFile, match=r"reqs\.txt: .*'klingon', which is unknown"):
            read(b"# coding: klingon\na")

    def test_wrong(self, read: Read) -> None:
        with pytest.raises(InvalidRequirementFile, match="not text in ascii"):
            read("# coding: ascii\nä".encode())


class TestNesting:
    def test_relative_to_the_file_that_includes(self, read: Read) -> None:
        lines = read("-r sub/more.txt\n", sub__more_txt="-r third.txt\n-c ../c.txt\nb", sub__third_txt="a", c_txt="a<2")
        assert [(line.file, line.requirement, line.constraint) for line in lines] == [
            ("sub/third.txt", "a", False),
            ("c.txt", "a<2", True),
            ("sub/more.txt", "b", False),
        ]

    def test_the_same_file_twice_is_no_circle(self, read: Read) -> None:
        assert requirements(read("-r a.txt\n-r a.txt\n", a_txt="a")) == ["a", "a"]

    def test_a_circle(self, read: Read) -> None:
        with pytest.raises(InvalidRequirementFile, match=r"reqs\.txt: it includes itself \(reqs\.txt → a\.txt → reqs"):
            read("-r a.txt\n", a_txt="-r reqs.txt")

    def test_a_missing_file(self, read: Read) -> None:
        with pytest.raises(InvalidRequirementFile, match=r"^nowhere\.txt: No such file or directory"):
            read("-r nowhere.txt")

    def test_over_the_web(self) -> None:
        pages = {
            "https://me:pw@h/d/reqs.txt": b"-r sub/more.txt\n-c https://other/c.txt\n",
            "https://me:pw@h/d/sub/more.txt": b"a",
            "https://other/c.txt": b"a<2",
        }
        lines = list(read_lines("https://me:pw@h/d/reqs.txt", pages.__getitem__, {}))
        assert [(line.file, line.requirement) for line in lines] == [
            ("https://h/d/sub/more.txt", "a"),
            ("https://other/c.txt", "a<2"),
        ]

    def test_a_file_address(self, tmp_path: Path) -> None:
        (tmp_path / "r.txt").write_text("a\n")
        (line,) = read_lines((tmp_path / "r.txt").as_uri(), no_network, {})
        assert (line.requirement, line.directory) == ("a", str(tmp_path))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("--no-such-option", "unrecognized arguments: --no-such-option"),
        ("a --no-such-option", "unrecognized arguments"),
        ("-r", "expected one argument"),
        ("--no-index loose", "unrecognized arguments: loose"),
        ("-f 'open", "No closing quotation"),
    ],
)
def test_a_bad_line_is_named(read: Read, line: str, reason: str) -> None:
    with pytest.raises(InvalidRequirementFile, match=reason) as caught:
        read(f"\n{line}\n")
    assert (caught.value.file, caught.value.line) == ("reqs.txt", 2)
