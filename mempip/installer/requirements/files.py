"""Requirement files, as pip reads them (``-r``, ``-c``): bytes → lines with their options.

What may live here: pip's requirements file format. What lines mean for an installation is `gather`'s.
"""

from __future__ import annotations

import argparse
import codecs
import locale
import os
import re
import shlex
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from mempip.errors import InvalidRequirementFile
from mempip.installer.requirements import local_files
from mempip.installer.transport import hide_credentials, path_of, redact
from mempip.options import OPPOSITES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import NoReturn

_ADDRESS = re.compile(r"(?i)(?:https?|file):")
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")  # PEP 263
#: The longer ones first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, continuation lines joined: a requirement and its options, or options that hold for everything.

    ``options`` has a value for every option that was given, by pip's name with underscores.
    """

    file: str  #: path or address, fit to be shown
    number: int
    requirement: str = ""
    constraint: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    directory: str = ""  #: where the file is, if it is a local one

    @property
    def origin(self) -> str:
        """Where the line stands, for messages."""
        return f"line {self.number} of {self.file}"

    def error(self, reason: str) -> InvalidRequirementFile:
        """Return the error that names this line."""
        return InvalidRequirementFile(self.file, reason, self.number)


def read_lines(
    name: str,
    fetch: Callable[[str], bytes],
    environ: Mapping[str, str],
    *,
    constraint: bool = False,
) -> Iterator[Line]:
    """Yield the lines of the file `name` (a path, or an http, https or ``file:`` address) and of those it includes.

    `fetch` returns the bytes at a web address; `environ` has the variables that ``${NAME}`` stands for.

    Raises `InvalidRequirementFile` that names file and line, and what `fetch` raises.
    """
    yield from _read(name, fetch, environ, constraint, ())


def _read(
    name: str, fetch: Callable[[str], bytes], environ: Mapping[str, str], constraint: bool, including: tuple[str, ...]
) -> Iterator[Line]:
    name = _absolute(name, including[-1] if including else "")
    if name in including:
        circle = " → ".join(_shown(file) for file in (*including[including.index(name) :], name))
        raise InvalidRequirementFile(_shown(name), f"it includes itself ({circle})")
    local = path_of(name) if name[:5].lower() == "file:" else "" if _ADDRESS.match(name) else name
    text = _decode(local_files.read(local, InvalidRequirementFile) if local else fetch(name), _shown(name))
    for number, content in _logical_lines(text, environ):
        line = _parse(content, Line(_shown(name), number, "", constraint, {}, os.path.dirname(local)))
        options = line.options
        if line.requirement or not ("requirement" in options or "constraint" in options):
            yield line
            continue
        for nested in options.get("requirement", ()):
            yield from _read(nested, fetch, environ, False, (*including, name))
        for nested in options.get("constraint", ()):
            yield from _read(nested, fetch, environ, True, (*including, name))


def _absolute(name: str, including: str) -> str:
    """Return `name` as seen from the file that includes it; from the working directory if none does."""
    if _ADDRESS.match(including):
        return urljoin(including, name)
    if _ADDRESS.match(name):
        return name
    return os.path.abspath(os.path.join(os.path.dirname(including), os.path.expanduser(name)))


def _shown(name: str) -> str:
    """Return a file's name, or its address without credentials, for messages."""
    return redact(name) if _ADDRESS.match(name) else local_files.shown(name)


def _decode(data: bytes, file: str) -> str:
    """Decode by the byte order mark, by a PEP 263 comment, as UTF-8, or as the locale has it; in this order."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            data = data[len(mark) :]
            encodings = [encoding]
            break
    else:
        declared = (_CODING.search(line) for line in data.split(b"\n")[:2] if line.startswith(b"#"))
        encodings = [match.group(1).decode() for match in declared if match]
        encodings = encodings[:1] or ["utf-8", locale.getpreferredencoding(do_setlocale=False)]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise InvalidRequirementFile(file, f"it says that its encoding is {encoding!r}, which is unknown") from None
    raise InvalidRequirementFile(file, f"it is not text in {encodings[0]}; a comment '# coding: NAME' says otherwise")


def _logical_lines(text: str, environ: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield what is left of the lines, and the number of the first of each, in pip's order of steps.

    Lines that end in a backslash are joined with the next; comments go; ``${NAME}`` is replaced if it has a value.
    """
    for number, joined in _joined(text.splitlines()):
        content = _COMMENT.sub("", joined).strip()
        if content:
            yield number, _VARIABLE.sub(lambda match: environ.get(match[1]) or match[0], content)


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    first, parts = 0, ""
    for number, line in enumerate(lines, start=1):
        first = first or number
        comment = _COMMENT.match(line)
        if line.endswith("\\") and not comment:
            parts += line.strip("\\")
            continue
        # A comment ends what was continued, and stays a comment if that did not end in white space.
        yield first, parts + (" " if comment else "") + line
        first, parts = 0, ""
    if first:
        yield first, parts


# --- options ---------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _pair(option: str, value: str) -> tuple[str, str]:
    """Keep an option with its value, as the order of those that contradict each other counts."""
    return option, value


@cache
def _option_parser() -> _Parser:
    """Return the parser of all that pip takes in a requirement file."""
    parser = _Parser(add_help=False, usage=argparse.SUPPRESS, argument_default=argparse.SUPPRESS)
    add = parser.add_argument
    add("-i", "--index-url", "--pypi-url", dest="index_url")
    for names in (("-r", "--requirement"), ("-c", "--constraint"), ("-e", "--editable"), ("-f", "--find-links")):
        add(*names, action="append")
    for name in ("--extra-index-url", "--trusted-host", "--use-feature", "--hash"):
        add(name, action="append")
    add("-C", "--config-settings", "--config-setting", dest="config_settings", action="append")
    for name in ("--no-index", "--pre", "--prefer-binary", "--require-hashes"):
        add(name, action="store_true", default=argparse.SUPPRESS)
    add("--no-require-hashes", dest="require_hashes", action="store_false", default=argparse.SUPPRESS)
    for name in OPPOSITES:
        add(f"--{name.replace('_', '-')}", dest="choices", action="append", type=partial(_pair, name))
    return parser


def _parse(content: str, line: Line) -> Line:
    """Return `line` with what `content` says: everything up to the first word with a dash is the requirement."""
    words = content.split(" ")
    at = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    requirement = " ".join(words[:at]).strip()
    options: dict[str, Any] = {}
    if at < len(words):
        try:
            options = vars(_option_parser().parse_args(shlex.split(" ".join(words[at:]))))
        except ValueError as error:
            raise line.error(hide_credentials(f"{error} (in {content!r})")) from error
    return Line(line.file, line.number, requirement, line.constraint, options, line.directory)
