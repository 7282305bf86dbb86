"""Options that come in pairs, and of which each lists projects: ``--no-binary`` and ``--only-binary``, and their like.

Pure functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from packaging.utils import NormalizedName


def choice(yes: Iterable[str], no: Iterable[str]) -> Callable[[NormalizedName], bool | None]:
    """Return a function that tells which of two lists has a project: ``True``, ``False``, or ``None`` for neither.

    A project's own name counts for more than ``:all:``, as in pip.
    """
    found: dict[str, bool] = {}
    for entries, answer in ((no, False), (yes, True)):
        found |= {entry if entry == ":all:" else canonicalize_name(entry): answer for entry in entries}
    return lambda name: found.get(name, found.get(":all:"))
