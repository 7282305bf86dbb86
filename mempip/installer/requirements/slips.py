"""What people write instead of PEP 508, and what they mean: the reason that an error gives.

What may live here: patterns of mistakes and their words. Only run when a text is no requirement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import InvalidRequirement

SUPPORTED = (
    "write a name such as 'requests>=2.31', 'NAME @ URL', or the path or URL of a wheel, a source archive, a directory "
    "or a Git repository"
)

_NAME = r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\s*\[[^\]]*\])?)"

#: What people write, and what they mean: a pattern for the whole text and the reason, which may use its groups.
#: Compiled only when a text is wrong: that costs milliseconds, which every start would pay.
_SLIPS: tuple[tuple[str, str], ...] = (
    (r"", "it is empty"),
    (r"-.*", "it is an option, not a requirement"),
    (r"""(?P<quote>['"])(?P<inner>.*)(?P=quote)""", "there are quotes in it; write {inner}"),
    (r"(?P<op>===|[<>=!~]=|[<>]).*", "the name of the project is missing in front of '{op}'"),
    (_NAME + r"\s*=\s*(?P<version>[^=<>~!\s]+)", "'=' is not an operator; write '{name}=={version}'"),
    (_NAME + r"\s*=(?P<op>[<>~!])\s*(?P<version>\S+)", "'={op}' is not an operator; write '{name}{op}={version}'"),
    (_NAME + r"\s*(?P<op>===|[<>=!~]=|[<>=])", "a version is missing after '{op}'"),
    (_NAME + r"\s*\^\s*(?P<version>\S+)", "'^' is not an operator of PEP 440; write '{name}>={version}'"),
    (_NAME + r"\s*@\s*v?(?P<version>\d[\w.]*)", "'@' is for addresses; write '{name}=={version}'"),
    (_NAME + r"\s+v?(?P<version>\d[\w.*]*)", "an operator is missing; write '{name}=={version}'"),
    (_NAME + r"\s*~=\s*(?P<version>\d+)", "'~=' takes two numbers or more; write '{name}~={version}.0'"),
    (
        _NAME + r"\s*==\s*(?P<version>\d[\d.]*?)\.?[xX]",
        "a version is written with '*' for any; write '{name}=={version}.*'",
    ),
    (
        _NAME + r"\s*(?P<op>[<>]=?|~=)\s*(?P<version>\d[\d.]*)\.\*",
        "'.*' goes with '==' and '!=' only; write '{name}{op}{version}'",
    ),
    (_NAME + r"\s*(?P<op>[<>=!~]=|[<>])\s*(?P<version>[A-Za-z]\w*)", "{version!r} is not a version (PEP 440)"),
    (
        _NAME + r"\s*(?P<first>(?:[<>=!~]=|[<>])\s*[^\s,;]+)\s+(?P<second>(?:[<>=!~]=|[<>]).*)",
        "a comma is missing between specifiers; write '{name}{first},{second}'",
    ),
    (_NAME + r"\s*(?:[<>=!~]=[^\s,;]+)?(?:\s*,|\s)\s*[A-Za-z].*", "give one requirement at a time"),
    (r"[^\]]*\[[^\]]*", "the bracket of the extras is not closed"),
    (_NAME + r"[^;]*;\s*", "a marker is missing after ';'"),
    (
        r"[^;]+;.*(?P<op>[<>=!~]=|[<>])\s*(?P<value>[\w.]+)(?:\s.*)?",
        "values in a marker are quoted; write {op} '{value}'",
    ),
)


def diagnose(text: str, error: InvalidRequirement | None) -> str:
    """Return why `text` is no requirement; `error` is packaging's, ``None`` if what follows ``@`` is no address."""
    for pattern, reason in _SLIPS:
        if match := re.fullmatch(pattern, text, re.DOTALL):
            return reason.format(**{key: value.strip() for key, value in match.groupdict().items() if value})
    if error is None:
        return f"what follows '@' is not an address; {SUPPORTED}"
    # packaging's message is three lines: what was expected, the text, and a mark below the culprit.
    expected, *lines = str(error).split("\n")
    column = lines[-1].find("^") - 4 if lines else -1
    found = repr(text[column:].strip()) if 0 <= column < len(text) else "its end"
    return f"{expected[:1].lower()}{expected[1:]}, found {found}"
