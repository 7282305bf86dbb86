"""Where the files of a project are looked for: all indexes and links, or the one index that the project is bound to.

Pure: nothing is fetched here.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from mempip.errors import InsecureIndex, UsageError
from mempip.installer.transport.addresses import file_url, is_secure, origin_of, redact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName

    from mempip.options import InstallOptions

_PATTERN = re.compile(r"[A-Za-z0-9*?](?:[\w.*?-]*[A-Za-z0-9*?])?", re.ASCII)


class Places(NamedTuple):
    """Indexes, each with a slash at its end, and other locations (``--find-links``)."""

    indexes: tuple[str, ...]
    links: tuple[str, ...]

    def shown(self) -> list[str]:
        """Return all of them, fit to be shown."""
        return [redact(place) for place in (*self.indexes, *self.links)]


class Directory:
    """Knows the places of every project.

    A project that is bound to an index (``--project-index NAME=INDEX``) is looked for there alone, so that nobody can
    offer it, in a higher version, elsewhere. Its own name counts for more than a pattern.
    """

    def __init__(self, options: InstallOptions) -> None:
        """Read `options`.

        Raises `UsageError` for bindings that are none, or that contradict each other, and `InsecureIndex`.
        """
        indexes = () if options.no_index else (options.index_url, *options.extra_index_urls)
        self._all = Places(
            tuple(dict.fromkeys(map(_with_slash, filter(None, indexes)))), tuple(dict.fromkeys(options.find_links))
        )
        self._bound = {} if options.no_index else _bindings(options.project_index)
        for place in (*self._all.indexes, *self._all.links, *self._bound.values()):
            if not is_secure(place, options.trusted_hosts):
                raise InsecureIndex(redact(place), origin_of(place).host)

    def of(self, name: NormalizedName) -> Places:
        """Return where a project is looked for. Raises `UsageError` if patterns bind it to several indexes."""
        if name in self._bound:
            return Places((self._bound[name],), ())
        found = {index: pattern for pattern, index in self._bound.items() if fnmatchcase(name, pattern)}
        if len(found) > 1:
            raise _contradiction(name, *list(found)[:2])
        return Places(tuple(found), ()) if found else self._all


def _bindings(entries: Iterable[str]) -> dict[str, str]:
    """Return the index of each name and pattern, all normalised (PEP 503)."""
    bound: dict[str, str] = {}
    for entry in entries:
        pattern, _, index = entry.partition("=")
        if not index or _PATTERN.fullmatch(pattern) is None:
            raise UsageError(
                "project_index", f"{redact(pattern)!r} begins no NAME=INDEX, such as acme-*=https://host/simple/"
            )
        pattern, index = re.sub(r"[-_.]+", "-", pattern).lower(), _with_slash(index)
        if bound.setdefault(pattern, index) != index:
            raise _contradiction(pattern, bound[pattern], index)
    return bound


def _contradiction(name: str, first: str, second: str) -> UsageError:
    several = f"{redact(first)} and to {redact(second)}"
    return UsageError("project_index", f"{name} is bound to {several}; it can come from one index only")


def _with_slash(index: str) -> str:
    """Return the address of an index, which may be given as an absolute path, with a slash at its end."""
    address = file_url(index) if os.path.isabs(index) else index
    return address.rstrip("/") + "/"
