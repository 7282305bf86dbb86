"""What scripts and notebooks say that they need: PEP 723 blocks, and pip-run's assignments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mempip.errors import InvalidScript
from mempip.installer.requirements.scripts import Script, read_script

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Read = Callable[..., "Script | None"]

#: The example of PEP 723.
EXAMPLE = """\
# /// script
# requires-python = ">=3.8"
# dependencies = [
#   "requests<3",
#   "rich",
# ]
# ///

import requests
from rich.pretty import pprint
"""


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings: list[str]) -> Read:
    monkeypatch.chdir(tmp_path)

    def write_and_read(source: str | bytes, name: str = "tool.py") -> Script | None:
        (tmp_path / name).write_bytes(source.encode() if isinstance(source, str) else source)
        return read_script(str(tmp_path / name), warnings.append)

    return write_and_read


def notebook(*cells: tuple[str, str]) -> str:
    rows = [{"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)} for kind, text in cells]
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def names(script: Script | None) -> list[str]:
    assert script is not None
    return [text for text, _ in script.dependencies]


class TestBlocks:
    def test_the_example_of_the_pep(self, read: Read) -> None:
        script = read(EXAMPLE)
        assert script is not None
        assert script.dependencies == [("requests<3", "line 4 of tool.py"), ("rich", "line 5 of tool.py")]
        assert str(script.python) == ">=3.8"

    @pytest.mark.parametrize(
        "source",
        [
            "#!/usr/bin/env -S mempip run\n\n" + EXAMPLE,
            EXAMPLE.replace("\n", "\r\n"),
            "\ufeff" + EXAMPLE,
            "# coding: latin-1\n# \xe4\n".encode("latin-1") + EXAMPLE.encode(),
            EXAMPLE.rstrip("\n"),
            EXAMPLE.replace("# ///\n", "# ///\n# a comment of the script's own\n"),
            "# /// pyproject\n# dependencies = ['other']\n# ///\n\n" + EXAMPLE,
        ],
    )
    def test_where_a_block_may_stand(self, read: Read, source: str | bytes) -> None:
        assert names(read(source)) == ["requests<3", "rich"]

    def test_the_last_closing_line_counts(self, read: Read) -> None:
        source = "# /// script\n# dependencies = ['''a\n# ///\n# '''.strip()]\n".replace(".strip()", "")
        assert names(read(source + "# ///\n")) == ["a\n///\n"]

    def test_empty_lines_and_tables_of_others(self, read: Read) -> None:
        block = "# /// script\n#\n# dependencies = []\n# [tool.uv]\n# exclude-newer = '2024-01-01'\n# ///\n"
        assert names(read(block)) == []

    def test_without_dependencies(self, read: Read) -> None:
        assert names(read("# /// script\n# requires-python = '>=3'\n# ///\n")) == []

    @pytest.mark.parametrize(
        "source",
        [
            "import sys\n",
            "",
            "  # /// script\n  # ///\n",
            "# /// script x\n# ///\n",
            b"PK\x03\x04\xff\xfe",
            b"# coding: no\n",
        ],
    )
    def test_there_is_none(self, read: Read, source: str | bytes, warnings: list[str]) -> None:
        assert read(source) is None
        assert not warnings

    def test_one_that_is_not_closed_is_ignored_and_named(self, read: Read, warnings: list[str]) -> None:
        assert read("import x\n# /// script\n# dependencies = ['a']\n\n# ///\n") is None
        assert warnings[0].startswith("tool.py, line 2: '# /// script' is ignored (PEP 723): no line '# ///' closes it")

    @pytest.mark.parametrize(
        ("source", "line", "says"),
        [
            ("# /// script\n# dependencies = [\n# ///\n", 2, "it is not TOML: invalid"),
            ("\n# /// script\n# requires-python = '3'\n# dependencies = ['a' 'b']\n# ///\n", 4, "it is not TOML: "),
            ("# /// script\n# dependencies = 'a'\n# ///\n", 2, "dependencies is not a list of strings"),
            ("# /// script\n#\n# dependencies = [1]\n# ///\n", 3, "dependencies is not a list of strings"),
            ("# /// script\n# requires-python = 3.11\n# ///\n", 2, "requires-python is 3.11, which is no list"),
            ("# /// script\n# requires-python = 'new'\n# ///\n", 2, "requires-python is 'new', which is no list"),
            (
                EXAMPLE + EXAMPLE,
                11,
                "it is the second '# /// script' block, and there may be one only (the first is in line 1)",
            ),
        ],
    )
    def test_broken(self, read: Read, source: str, line: int, says: str) -> None:
        with pytest.raises(InvalidScript) as caught:
            read(source)
        assert (caught.value.file, caught.value.line) == ("tool.py", line)
        assert says in caught.value.reason

    def test_another_python(self, read: Read) -> None:
        script = read("# /// script\n# requires-python = '>=3.99'\n# ///\n")
        assert script is not None
        script.require_python("3.99.1")
        with pytest.raises(InvalidScript, match=r"tool.py, line 2: it needs Python >=3.99, and this is Python 3.12.1"):
            script.require_python("3.12.1")

    def test_no_such_file(self, read: Read) -> None:
        with pytest.raises(InvalidScript, match=r"absent\.py: No such file"):
            read_script("absent.py", print)


class TestAssignments:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("__requires__ = ['requests>=2', 'rich']", ["requests>=2", "rich"]),
            ("'''docs'''\nimport sys\n__requires__ = ('rich',)\nprint()", ["rich"]),
            ("__requires__: list[str] = [\n    'rich',  # why\n]", ["rich"]),
            ("__requires__ = 'rich\\nrequests\\n'", ["rich", "requests"]),
            ("__requires__ = []", []),
        ],
    )
    def test_requirements(self, read: Read, source: str, expected: list[str]) -> None:
        assert names(read(source)) == expected

    def test_an_index(self, read: Read) -> None:
        script = read("__requires__ = ['rich']\n__index_url__ = 'https://index/simple'\n")
        assert script is not None
        assert script.index_url == "https://index/simple"
        assert script.dependencies == [("rich", "line 1 of tool.py")]

    def test_a_block_comes_before_them(self, read: Read) -> None:
        assert names(read(EXAMPLE + "__requires__ = ['other']\n")) == ["requests<3", "rich"]

    @pytest.mark.parametrize(
        "source",
        [
            "def main():\n    __requires__ = ['rich']\n",
            "'''\n__requires__ = ['rich']\n'''\n",
            "__requires__ = [\n",
            "__index_url__ = 'https://index'\n",
            "__requires__: list[str]\n",
        ],
    )
    def test_there_is_none(self, read: Read, source: str) -> None:
        assert read(source) is None

    @pytest.mark.parametrize(
        ("source", "line", "says"),
        [
            ("\n__requires__ = read()\n", 2, "read() is no literal"),
            ("__requires__ = ['a', ...]\n", 1, "a guess from the imports"),
            ("__requires__ = {'a': 1}\n", 1, "not a list of strings"),
            ("__requires__ = ['a']\n__requires__ = ['b']\n", 2, "a second time"),
            ("__requires__ = ['a']\n__index_url__ = 3\n", 2, "__index_url__ is not a string"),
        ],
    )
    def test_broken(self, read: Read, source: str, line: int, says: str) -> None:
        with pytest.raises(InvalidScript) as caught:
            read(source)
        assert (caught.value.line, says in caught.value.reason) == (line, True)


class TestNotebooks:
    def test_cells(self, read: Read) -> None:
        cells = [
            ("markdown", "__requires__ = ['no']"),
            ("code", "%matplotlib inline\n!ls\n"),
            ("code", "%%bash\n__requires__ = ['no']\n"),
            ("code", "%load_ext x\n__requires__ = ['rich']\n"),
        ]
        script = read(notebook(*cells), "book.ipynb")
        assert script is not None
        assert script.dependencies == [("rich", "line 2 of book.ipynb, cell 4")]

    def test_a_block(self, read: Read) -> None:
        assert names(read(notebook(("code", "1 + 1"), ("code", EXAMPLE)), "book.ipynb")) == ["requests<3", "rich"]

    def test_two_blocks(self, read: Read) -> None:
        with pytest.raises(InvalidScript, match=r"book.ipynb, cell 2, line 1: .* line 1 of book.ipynb, cell 1"):
            read(notebook(("code", EXAMPLE), ("code", EXAMPLE)), "book.ipynb")

    @pytest.mark.parametrize("content", ["{", "[]", '{"cells": [{}]}', '{"cells": 3}'])
    def test_no_notebook(self, read: Read, content: Any) -> None:
        with pytest.raises(InvalidScript, match="is not a Jupyter notebook"):
            read(content, "book.ipynb")
