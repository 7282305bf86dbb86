"""Scripts and notebooks that say what they need → their requirements, without running them.

PEP 723 blocks first; where there is none, ``__requires__`` and ``__index_url__``, as pip-run reads them.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from mempip.errors import InvalidScript
from mempip.installer.requirements.local_files import parse_toml, read, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NOTEBOOK = ".ipynb"
_OPENING = re.compile(r"# /// script[ \t]*")
_CLOSING = "# ///"
_MAGIC = re.compile(r"\s*[%!?]")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a program's source: all of a script, or one cell of a notebook."""

    file: str  #: fit to be shown; the cell is part of it
    text: str

    def error(self, reason: str, line: int, hint: str = "") -> InvalidScript:
        """Return the error that names a line of the passage."""
        return InvalidScript(self.file, reason, line, hint)


@dataclass(frozen=True, slots=True)
class Script:
    """What a script says that it needs.

    ``dependencies`` are pairs: a requirement (PEP 508), and where it stands. ``python`` limits the version of Python,
    and stands at ``python_place``. ``index_url`` is empty if the script names no index.
    """

    dependencies: Sequence[tuple[str, str]]
    python: SpecifierSet = field(default_factory=SpecifierSet)
    python_place: tuple[str, int] = ("", 0)
    index_url: str = ""

    def require_python(self, version: str) -> None:
        """Raise `InvalidScript` if the script cannot be run by Python `version`."""
        if not self.python.contains(version, prereleases=True):
            file, line = self.python_place
            reason = f"it needs Python {self.python}, and this is Python {version}"
            raise InvalidScript(file, reason, line, "Run it with such a Python, which needs mempip too.")


def read_script(path: str, warn: Callable[[str], object]) -> Script | None:
    """Return what the script or notebook at `path` needs, or ``None`` if it does not say.

    Sentences for the user go to `warn`. Raises `InvalidScript` that names file and line.
    """
    passages = list(_cells(path) if path.endswith(NOTEBOOK) else _whole(path))
    blocks = [block for passage in passages for block in _blocks(passage, warn)]
    if len(blocks) > 1:
        passage, line, _ = blocks[1]
        raise passage.error(f"it is the second '# /// script' block, and there may be one only{_first(blocks)}", line)
    return _from_block(*blocks[0]) if blocks else _from_assignments(passages)


def _first(blocks: Sequence[tuple[Passage, int, str]]) -> str:
    (first, line, _), (second, *_) = blocks[:2]
    return f" (the first is in line {line}{'' if first == second else f' of {first.file}'})"


# --- passages --------------------------------------------------------------------------------------


def _whole(path: str) -> Iterator[Passage]:
    source = read(path, InvalidScript)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        return  # a zip application, bytecode: the interpreter knows what to do with it
    yield Passage(shown(path), _unix(text))


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cells(path: str) -> Iterator[Passage]:
    """Yield the code cells of a notebook; those in other languages (``%%bash``) and lines for IPython are empty."""
    try:
        cells = json.loads(read(path, InvalidScript))["cells"]
        for number, cell in enumerate(cells, start=1):
            if cell["cell_type"] == "code":
                text = _unix("".join(cell["source"]))
                lines = ["" if _MAGIC.match(line) else line for line in text.split("\n")]
                yield Passage(f"{shown(path)}, cell {number}", "" if text.startswith("%%") else "\n".join(lines))
    except (ValueError, KeyError, TypeError) as fault:
        raise InvalidScript(shown(path), "it is not a Jupyter notebook (nbformat 4)") from fault


# --- PEP 723 ---------------------------------------------------------------------------------------


def _blocks(passage: Passage, warn: Callable[[str], object]) -> Iterator[tuple[Passage, int, str]]:
    """Yield each ``script`` block: its passage, the number of its first line, and the TOML in it."""
    lines = passage.text.split("\n")
    number = 0
    while number < len(lines):
        if not _OPENING.fullmatch(lines[number]):
            number += 1
            continue
        end = number + 1
        while end < len(lines) and (lines[end] == "#" or lines[end].startswith("# ")):
            end += 1
        closing = max((at for at in range(number + 1, end) if lines[at] == _CLOSING), default=0)
        if closing:
            yield passage, number + 1, "".join(line[2:] + "\n" for line in lines[number + 1 : closing])
        else:
            reason = "no line '# ///' closes it; each line between the two begins with '# ', or is '#'"
            warn(f"{passage.file}, line {number + 1}: '# /// script' is ignored (PEP 723): {reason}")
        number = end


def _from_block(passage: Passage, start: int, text: str) -> Script:
    table = parse_toml(text, passage.file, InvalidScript, start + 1)
    dependencies = table.get("dependencies", [])
    python = table.get("requires-python", "")

    def line_of(word: str) -> int:
        at = next((at for at, line in enumerate(text.split("\n")) if word in line), -1)
        return start + 1 + at

    if not _strings(dependencies):
        raise passage.error("dependencies is not a list of strings", line_of("dependencies"))
    try:
        specifiers = SpecifierSet(python)
    except (InvalidSpecifier, AttributeError, TypeError) as fault:
        reason = f"requires-python is {python!r}, which is no list of versions (PEP 440), such as '>=3.11'"
        raise passage.error(reason, line_of("requires-python")) from fault
    return Script(
        [(dependency, f"line {line_of(dependency)} of {passage.file}") for dependency in dependencies],
        specifiers,
        (passage.file, line_of("requires-python")),
    )


def _strings(value: Any) -> bool:
    """Whether `value` is a list of strings."""
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)


# --- __requires__ ----------------------------------------------------------------------------------

_NOT_A_LIST = "__requires__ is not a list of strings that is written out, such as ['requests>=2', 'rich']"


def _from_assignments(passages: Sequence[Passage]) -> Script | None:
    found: dict[str, tuple[Passage, ast.expr]] = {}
    for passage in passages:
        for name, value in _assignments(passage):
            if name in found:
                raise passage.error(f"{name} is assigned a second time", value.lineno)
            found[name] = passage, value
    if "__requires__" not in found:
        return None
    passage, node = found["__requires__"]
    requires = _literal(passage, node)
    if isinstance(requires, str):
        requires = requires.splitlines()
    if not _strings(requires):
        guess = isinstance(requires, (list, tuple)) and ... in requires
        reason = "'...' stands for a guess from the imports, which mempip does not make" if guess else _NOT_A_LIST
        raise passage.error(reason, node.lineno)
    origin = f"line {node.lineno} of {passage.file}"
    dependencies = [(text, origin) for text in requires if text.strip()]
    return Script(dependencies, index_url=_index_url(*found["__index_url__"]) if "__index_url__" in found else "")


def _index_url(passage: Passage, node: ast.expr) -> str:
    url = _literal(passage, node)
    if not isinstance(url, str):
        raise passage.error("__index_url__ is not a string", node.lineno)
    return url


def _assignments(passage: Passage) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that the passage assigns at its top, and the expressions; none if it is no Python."""
    if "__requires__" not in passage.text and "__index_url__" not in passage.text:
        return
    try:
        body = ast.parse(passage.text).body
    except (SyntaxError, ValueError):
        return
    for statement in body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            continue
        for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
            if isinstance(target, ast.Name) and target.id in ("__requires__", "__index_url__"):
                yield target.id, statement.value


def _literal(passage: Passage, node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError as fault:
        reason = f"{ast.unparse(node)} is no literal, and nothing is run to find its value"
        raise passage.error(reason, node.lineno) from fault
