"""``mempip tree`` and ``mempip check``: rows of `mempip.tree` → lines. Pure functions."""

from __future__ import annotations

from mempip.errors import UsageError
from mempip.image.layout import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

REPEATED = " (*)"


def problems(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each requirement that is not met, as ``pip check`` words it; what is missing first."""
    missing: dict[str, None] = {}  # dictionaries, since a requirement may be there twice
    unfit: dict[str, None] = {}
    for row in rows:
        for required in row["requires"]:
            who, name, version = f"{row['name']} {row['version']}", required["name"], required["version"]
            if version is None:
                missing[f"{who} requires {name}, which is not installed."] = None
            elif not required["satisfied"]:
                unfit[f"{who} has requirement {required['requirement']}, but you have {name} {version}."] = None
    return [*missing, *unfit]


def draw(
    rows: Iterable[Mapping[str, Any]], *, packages: Sequence[str] = (), depth: int | None = None, invert: bool = False
) -> Iterator[str]:
    """Yield the lines of a tree as ``uv pip tree`` draws it: below each project what it requires.

    With `invert` it is what requires it. On top are `packages`; or else what was requested; or else, and with `invert`,
    what is below nothing. What was drawn before is not drawn again, so circles end. Levels below `depth` are left out.
    Raises `UsageError` for a package that is not there.
    """
    rows = list(rows)
    below = _below(rows, invert=invert)
    labels = {row["name"]: f"{row['name']} v{row['version']}" for row in rows}
    if packages:
        tops = [normalize(package) for package in packages]
        for name in tops:
            if name not in below:
                raise UsageError("--package", f"{name} is not among what the tree is of")
    else:
        requested = [row["name"] for row in rows if row["requested"]]
        tops = requested if requested and not invert else list(_roots(below))
    seen: set[str] = set()
    repeated = False
    for line in _lines(tops, below, labels, seen, depth):
        repeated = repeated or line.endswith(REPEATED)
        yield line
    if repeated:
        yield "(*) Package tree already displayed"


def _below(rows: Iterable[Mapping[str, Any]], *, invert: bool) -> dict[str, list[str]]:
    """Return, for each project, what is drawn below it, sorted."""
    below: dict[str, set[str]] = {row["name"]: set() for row in rows}
    for row in rows:
        for requirement in row["requires"]:
            name = requirement["name"]
            if name in below and name != row["name"]:
                above, under = (name, row["name"]) if invert else (row["name"], name)
                below[above].add(under)
    return {name: sorted(several) for name, several in below.items()}


def _roots(below: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the projects that are below none; and of each circle that this would miss, the first by name."""
    under = {name for several in below.values() for name in several}
    seen: set[str] = set()
    for name in [*(name for name in below if name not in under), *below]:
        if name not in seen:
            yield name
        todo = [name]
        while todo:
            if (one := todo.pop()) not in seen:
                seen.add(one)
                todo += below[one]


def _lines(
    tops: Iterable[str],
    below: Mapping[str, Sequence[str]],
    labels: Mapping[str, str],
    seen: set[str],
    depth: int | None,
) -> Iterator[str]:
    todo = [(name, "", "", 0) for name in tops][::-1]
    while todo:
        name, first, rest, level = todo.pop()
        children = below[name] if depth is None or level < depth else ()
        if name in seen and children:
            yield first + labels[name] + REPEATED
            continue
        yield first + labels[name]
        if children:
            seen.add(name)
        ends = [("├── ", "│   ")] * (len(children) - 1) + [("└── ", "    ")]
        rows = [(child, rest + mark, rest + bar, level + 1) for child, (mark, bar) in zip(children, ends, strict=False)]
        todo += reversed(rows)
