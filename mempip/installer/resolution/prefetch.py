"""Recursive prefetch: the network works ahead of the resolver, so that it seldom waits.

What may live here: guesses at what will be asked for next. They warm the catalog and nothing else: whatever goes
wrong here goes wrong again, and is reported, when the resolver itself asks.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mempip.errors import MempipError
from mempip.installer.resolution.terms import Installed, VersionDemand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName
    from typing_extensions import Self

    from mempip.installer.index.model import Candidate
    from mempip.installer.resolution.candidates import Environment, Matcher
    from mempip.installer.resolution.terms import Catalog

#: About as many as a transport has connections to one index.
WORKERS = 8


class Prefetcher:
    """Follows each demand to its best candidate, to that one's metadata, and on to what it depends on.

    A context manager: at its end, what has not begun is dropped.
    """

    def __init__(self, catalog: Catalog, environment: Environment, matcher: Matcher, *, no_deps: bool) -> None:
        self._catalog = catalog
        self._environment = environment
        self._matcher = matcher
        self._no_deps = no_deps
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="prefetch")
        self._closed = False
        self._begun: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def project(self, demand: VersionDemand, extras: frozenset[NormalizedName]) -> None:
        """Begin to fetch what resolving `demand` is likely to need, and return at once."""
        key = demand.identifier, demand.key
        if key not in self._begun and not self._closed:
            self._begun.add(key)
            with suppress(RuntimeError):  # closed in the meantime
                self._pool.submit(self._follow, demand, extras)

    def metadata(self, sources: Iterable[Candidate | Installed]) -> None:
        """Begin to fetch the metadata of all of `sources` that are not installed, and return at once."""
        for source in sources:
            if not isinstance(source, Installed):
                self._catalog.prefetch_metadata(source)

    def _follow(self, demand: VersionDemand, extras: frozenset[NormalizedName]) -> None:
        try:
            specifier = self._matcher.specifier(demand.name, [demand])
            best = next(self._matcher.matches(demand.name, specifier), None)
            if best is None:
                return
            metadata = self._catalog.metadata(best)
        except MempipError:
            return
        if self._no_deps:
            return
        for requirement in metadata.requires:
            if requirement.url is None and self._environment.applies(requirement.marker, extras):
                wanted = frozenset(map(canonicalize_name, requirement.extras))
                name = canonicalize_name(requirement.name)
                self.project(VersionDemand.of(name, requirement.specifier, wanted), wanted)
