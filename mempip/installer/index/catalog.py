"""All indexes and link locations as one catalog of candidates and their metadata."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from mempip.errors import HashMismatch, IndexUnavailable, ProjectNotFound
from mempip.installer.index.age import is_older, latest_upload
from mempip.installer.index.archive import TAIL, read_metadata
from mempip.installer.index.candidates import Candidates, is_for, with_hashes
from mempip.installer.index.explain import explain_absence, what_would_fit
from mempip.installer.index.flights import Flights
from mempip.installer.index.formats import formats_of
from mempip.installer.index.links import read_links
from mempip.installer.index.listing import listing_of
from mempip.installer.index.metadata import identity, parse_metadata
from mempip.installer.index.model import SOURCE_RANK, Candidate
from mempip.installer.index.places import Directory
from mempip.installer.index.simple import ACCEPT, parse_project_page
from mempip.installer.requirements.hashes import NO_HASHES
from mempip.installer.transport import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

    from mempip.installer.index.formats import Formats
    from mempip.installer.index.listing import Listing
    from mempip.installer.index.model import Metadata, ProjectFile
    from mempip.installer.requirements.hashes import Hashes
    from mempip.installer.target import Target
    from mempip.installer.transport import Transport
    from mempip.options import InstallOptions

THREADS = 8
#: Strongest first. The last two prove nothing against an attacker, but some mirrors have no others.
HASHES = ("sha512", "sha384", "sha256", "sha1", "md5")


class Catalog:
    """Answers which candidates there are and what they need. Thread-safe; a context manager.

    Every page and every metadata file is fetched once. All sources are equal, as in pip: the best version of all
    wins, and the earlier source if there are equals; but a project that is bound to an index comes from there alone.
    `build_metadata` returns the METADATA that the wheel of a source
    will have.
    """

    def __init__(
        self,
        transport: Transport,
        options: InstallOptions,
        target: Target,
        build_metadata: Callable[[ProjectFile], bytes],
        hashes: Mapping[NormalizedName, Hashes] = MappingProxyType({}),
    ) -> None:
        self._transport = transport
        self._build_metadata = build_metadata
        self._target = target
        self._hashes = hashes
        self._formats = partial(formats_of, options=options)
        self._prefer_binary = options.prefer_binary
        self._latest_upload = latest_upload(options)
        self.undated: set[str] = set()  #: indexes of which files were left out because they do not tell upload times
        self._directory = Directory(options)
        self._requirements: dict[str, Requirement] = {}
        self._wheels: dict[str, bytes] = {}
        self._wheels_lock = threading.Lock()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="mempip-catalog")
        self._pages: Flights[Listing[Any] | None] = Flights(self._pool)
        self._link_pages: Flights[dict[NormalizedName, list[ProjectFile]]] = Flights(self._pool)
        self._projects: Flights[Iterable[Candidate]] = Flights(self._pool)
        self._metadata: Flights[Metadata] = Flights(self._pool)

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop fetching ahead. What is being fetched is finished; its results are lost."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def candidates(self, name: NormalizedName) -> Iterable[Candidate]:
        """Return the best file of each version of a project that the target can use, newest version first.

        Empty if the project has no usable file. Raises `ProjectNotFound` if no source knows it, and
        `IndexUnavailable`, `InvalidIndexPage`, `RedirectRefused` if a source cannot be read.
        """
        return self._projects.get(name, partial(self._select, name)).result()

    def metadata(self, candidate: Candidate) -> Metadata:
        """Return what `candidate` requires.

        Raises `HashMismatch` or `WheelRefused` for a wheel that is not what it should be, `IndexUnavailable`, and a
        `SourceError` for a source that cannot be built.
        """
        return self._metadata.get(candidate.file.url, partial(self._read_metadata, candidate)).result()

    def direct(self, file: ProjectFile) -> Candidate:
        """Return the candidate that a source named by its address is; its metadata tells. Raises like `metadata`."""
        name, version = identity(redact(file.url), self._build_metadata(file))
        return Candidate(name, version, file, SOURCE_RANK)

    def prefetch(self, name: NormalizedName) -> None:
        """Begin to find the candidates of a project; `candidates` will wait for that."""
        self._projects.start(name, partial(self._select, name))

    def prefetch_metadata(self, candidate: Candidate) -> None:
        """Begin to fetch a candidate's metadata; `metadata` will wait for that. Nothing is built on suspicion."""
        if candidate.file.is_wheel:
            self._metadata.start(candidate.file.url, partial(self._read_metadata, candidate))

    def take_wheel(self, candidate: Candidate) -> bytes | None:
        """Hand out, and forget, the whole wheel if it had to be downloaded for its metadata."""
        with self._wheels_lock:
            return self._wheels.pop(candidate.file.url, None)

    def explain(self, name: NormalizedName, requirement: Requirement) -> list[str]:
        """Return lines that say why no candidate of a project satisfies `requirement`. Raises like `candidates`."""
        pages = [self._page(index, name) for index in self._directory.of(name).indexes]
        files = [file for listing in self._listings(name, pages) for file in listing]
        allowed = list(filter(self._formats(name).allow, files))
        old = self._old_enough(allowed)
        lines = explain_absence(old, name, requirement.specifier, self._target) if old or not files else []
        here = self._target.is_current
        by_format = "--no-binary or --only-binary" if here else "that nothing can be built for another Python"
        by_age = "--exclude-newer or --uploaded-prior-to"
        for why, before, after in ((by_format, files, allowed), (by_age, allowed, old)):
            kept = {file.url for file in after}
            if left_out := [file for file in before if file.url not in kept]:
                fits = what_would_fit(left_out, name, requirement.specifier, self._target)
                lines.append(f"{why} leaves out {len(left_out)} of {len(files)} files{fits}")
        return lines

    # --- finding files -----------------------------------------------------------------------------

    def _select(self, name: NormalizedName) -> Iterable[Candidate]:
        indexes = self._directory.of(name).indexes
        begin = self._pages.start if len(indexes) > 1 else self._pages.get
        flights = [begin((index, name), partial(self._page, index, name, self._target.may_take)) for index in indexes]
        listings = self._listings(name, [flight.result() for flight in flights])
        allow = partial(self._allowed, formats=self._formats(name))
        if hashes := self._hashes.get(name):
            files = [file for listing in listings for file in listing if is_for(self._target, file)]
            candidates = Candidates([listing_of(with_hashes(allow(files), hashes), name)], name, self._target)
        else:
            candidates = Candidates(listings, name, self._target, allow)
        if self._prefer_binary:
            return sorted(candidates, key=lambda candidate: not candidate.file.is_wheel)  # by version among each kind
        return candidates

    def _allowed(self, files: Iterable[ProjectFile], formats: Formats) -> list[ProjectFile]:
        """Return the files that the user's options allow."""
        return self._old_enough(list(filter(formats.allow, files)))

    def _old_enough(self, files: list[ProjectFile]) -> list[ProjectFile]:
        """Return the files that were uploaded before the moment that the user names, if any."""
        if self._latest_upload is None:
            return files
        ages = [is_older(file, self._latest_upload) for file in files]
        self.undated.update(file.source for file, older in zip(files, ages, strict=True) if older is None)
        return [file for file, older in zip(files, ages, strict=True) if older]

    def _page(
        self, index: str, name: NormalizedName, wanted: Callable[[str], bool] | None = None
    ) -> Listing[Any] | None:
        """Return what one index lists of a project; None if it does not know it."""
        page = self._transport.get(f"{index}{name}/", headers={"Accept": ACCEPT})
        if page.status != 200:
            return None
        content_type = page.headers.get("content-type", "")
        return parse_project_page(page.body, content_type, page.url, name, redact(index), wanted)

    def _listings(self, name: NormalizedName, pages: Iterable[Listing[Any] | None]) -> list[Listing[Any]]:
        """Return what all places list, links first, as in pip. Raises `ProjectNotFound`."""
        places = self._directory.of(name)
        links = [self._link_pages.get(place, partial(read_links, place, self._transport)) for place in places.links]
        linked = [listing_of(files, name) for link in links if (files := link.result().get(name))]
        found = [*linked, *(page for page in pages if page is not None)]
        if not found:
            raise ProjectNotFound(name, places.shown())
        return found

    # --- reading metadata --------------------------------------------------------------------------

    def _read_metadata(self, candidate: Candidate) -> Metadata:
        file = candidate.file
        if not file.is_wheel:
            raw = self._build_metadata(file)
        elif file.core_metadata is None:
            raw = self._embedded_metadata(candidate)
        else:
            raw = self._advertised_metadata(file)
        return parse_metadata(raw, candidate, self._requirements)

    def _advertised_metadata(self, file: ProjectFile) -> bytes:
        """Fetch the metadata file that the index announces beside the wheel (PEP 658)."""
        path, mark, query = file.url.partition("?")
        page = self._transport.get(f"{path}.metadata{mark}{query}", headers={"Accept": "*/*"})
        if page.status != 200:
            raise IndexUnavailable(redact(page.url), f"the index announces it, but answered {page.status}")
        check_hashes(f"{file.filename}.metadata", page.body, file.core_metadata or {})
        return page.body

    def _embedded_metadata(self, candidate: Candidate) -> bytes:
        """Read METADATA out of the wheel: by ranges, or all of it from a server that has no ranges."""
        file = candidate.file
        answer = self._transport.get_range(file.url, suffix=TAIL)
        if answer is None:
            wheel = self._whole_wheel(candidate)
            answer = wheel, len(wheel)

        def read(start: int, end: int) -> bytes:
            part = self._transport.get_range(file.url, start=start, end=end)
            return self._whole_wheel(candidate)[start:end] if part is None else part[0]

        return read_metadata(file.filename, *answer, read)

    def _whole_wheel(self, candidate: Candidate) -> bytes:
        """Download a wheel and keep it for `take_wheel`."""
        file = candidate.file
        pieces = bytearray()
        self._transport.download(file.url, pieces.extend, expected_size=file.size)
        wheel = bytes(pieces)
        check_hashes(file.filename, wheel, file.hashes)
        allowed = self._hashes.get(candidate.name, NO_HASHES)
        allowed.check(file.filename, {name: hashlib.new(name, wheel).hexdigest() for name in allowed.allowed})
        with self._wheels_lock:
            self._wheels[file.url] = wheel
        return wheel


def check_hashes(filename: str, content: bytes, hashes: Mapping[str, str]) -> None:
    """Raise `HashMismatch` if `content` has not the strongest of the promised `hashes`."""
    for algorithm in HASHES:
        expected = hashes.get(algorithm)
        if expected:
            actual = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
            if actual != expected.lower():
                raise HashMismatch(filename, algorithm, expected, actual)
            return
