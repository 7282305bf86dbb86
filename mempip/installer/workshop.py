"""From a resolution to an image, with the catalog, the downloads and the builds that both take."""

from __future__ import annotations

import sys
import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from mempip.errors import BuildRequirementsUnmet, HashesMissing, ResolutionError, WheelRefused
from mempip.installer.caches import Caches
from mempip.installer.hash_checking import line_of
from mempip.installer.index.catalog import Catalog
from mempip.installer.index.filenames import project_of, sdist_version
from mempip.installer.requirements import NO_HASHES, parse_requirements
from mempip.installer.resolution import resolve
from mempip.installer.sources.builds import Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from packaging.utils import NormalizedName

    from mempip.installer.downloads import Shelf
    from mempip.installer.index.model import Candidate, ProjectFile
    from mempip.installer.requirements import Hashes, UserRequirement
    from mempip.installer.resolution import Resolution
    from mempip.installer.target import Target
    from mempip.installer.transport import Transport
    from mempip.installer.wheels import Wheel
    from mempip.options import InstallOptions
    from mempip_native import Adapter

    Send = Callable[[dict[str, Any]], object]


class Workshop:
    """What turns a resolution into an image: the catalog, downloads, builds. A context manager.

    A build needs an image of its own; that comes from another workshop, whose `chain` names the sources that wait.
    `shelf` has wheels that need not be fetched, and ``config_settings`` are those of single builds, as `Wanted` has
    them; `build_constraints` limit what all builds require. `locked` says that the hashes of files are a lock file's.
    """

    def __init__(
        self,
        transport: Transport,
        options: InstallOptions,
        target: Target,
        adapter: Adapter,
        send: Send,
        hashes: Mapping[NormalizedName, Hashes] = MappingProxyType({}),
        config_settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        build_constraints: Sequence[UserRequirement] = (),
        chain: Sequence[str] = (),
        shelf: Shelf | None = None,
        *,
        locked: bool = False,
    ) -> None:
        self._shelf = shelf
        self._locked = locked
        self._chain = chain
        self._transport = transport
        self._options = options
        self._target = target
        self._adapter = adapter
        self._send = send
        self._hashes = hashes
        self._config_settings = config_settings
        self._build_constraints = build_constraints
        self._progress = Progress(send)
        self._caches = Caches(options.cache_dir)
        parts = self._settings, self._fetch, self._built, self._permit, self._provide, self._say, target
        self._sources = Sources(options, adapter, *parts, chain)
        self.catalog = Catalog(transport, options, target, self._sources.metadata, hashes)

    def __enter__(self) -> Workshop:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.catalog.close()
        self._sources.close()

    def image(self, resolution: Resolution) -> tuple[list[int], list[Wheel]]:
        """Download, build and verify what was resolved.

        Returns the descriptors of an image of it, the index first, and the wheels.
        """
        from mempip.installer import assembly, downloads  # which a resolution alone does without

        candidates = [pinned.candidate for pinned in resolution.pins.values()]
        wheels = downloads.download(
            candidates,
            self._transport,
            self._adapter,
            self._at_hand,
            self._remade,
            self._sources.wheel,
            self._progress,
            self._hashes,
            self._shelf,
        )
        for pinned, wheel in zip(resolution.pins.values(), wheels, strict=True):
            assembly.check_metadata(pinned, wheel)
        python = sys.executable if self._chain else self._target.executable  # builds run here
        return assembly.seal(resolution, wheels, self._adapter, self.commit_of, python), wheels

    def commit_of(self, file: ProjectFile) -> str:
        """Return what was checked out of a repository; empty for other files."""
        return self._sources.commits.get(file.url, "")

    def _fetch(self, file: ProjectFile) -> int:
        from mempip.installer import downloads

        whole = self._caches.read(file)
        return downloads.fetch(
            file, self._transport, self._adapter, self._progress, self._allowed(file), whole
        ).descriptor

    def _built(self, file: ProjectFile) -> tuple[str, bytes] | None:
        """Return a wheel that need not be built, unless the user has a say in what it is built of, or how."""
        if self._allowed(file) or self._settings(file) or self._build_constraints:
            return None
        return self._caches.built(file, self._target)

    def _settings(self, file: ProjectFile) -> Mapping[str, Any]:
        """Return the config settings that a source is built with."""
        known = self._config_settings
        return known.get(file.url) or known.get(project_of(file.filename) or "") or self._options.config_settings

    def _permit(self, file: ProjectFile) -> None:
        """Raise `HashesMissing` for a source that must have a hash, and has none, before anything of it is run."""
        vouched = self._allowed(file) or (file.hashes and not file.source)
        if self._options.require_hashes and not vouched and not self._chain:
            name = project_of(file.filename) or canonicalize_name(file.filename)
            version = sdist_version(file.filename, name) or ""
            raise HashesMissing([line_of(file, name, version, self._transport)])

    def _allowed(self, file: ProjectFile) -> Hashes:
        project = project_of(file.filename)
        return self._hashes.get(project, NO_HASHES) if project is not None else NO_HASHES

    def _at_hand(self, candidate: Candidate) -> bytes | None:
        """Return a whole wheel that need not be downloaded."""
        return self.catalog.take_wheel(candidate) or self._caches.read(candidate.file)

    def _remade(self, file: ProjectFile) -> Wheel | None:
        """Return a wheel with the contents of `file`, unless the user, and not an index, has said by which hash it is.

        They want those very bytes, and what another tool has unpacked are not those.
        """
        if self._locked or self._allowed(file) or not file.source:
            return None
        pieces = self._caches.unpacked(file)
        if pieces is None:
            return None
        from mempip.installer.wheels import verified_wheel

        try:
            return verified_wheel(file.filename, pieces, self._adapter)
        except WheelRefused:
            return None

    def _provide(self, requirements: Sequence[str], chain: Sequence[str]) -> list[int]:
        """Return an image with what a build environment must have."""
        wanted = parse_requirements(requirements, origin=f"the build of {chain[-1]}")
        parts = self._transport, self._options, self._target, self._adapter, self._send
        limits = self._build_constraints
        with Workshop(*parts, build_constraints=limits, chain=chain, shelf=self._shelf) as workshop:
            try:
                found = resolve(
                    wanted,
                    workshop.catalog,
                    self._target,
                    all_releases=self._options.all_releases,
                    only_final=self._options.only_final,
                    constraints=limits,
                    asked="its build asks for",
                )
            except ResolutionError as error:
                raise BuildRequirementsUnmet(chain[-1], str(error)) from error
            return workshop.image(found)[0]

    def _say(self, line: str) -> None:
        self._send({"type": "output", "text": line})


class Progress:
    """Passes on the progress of downloads, not more often than people can read."""

    INTERVAL = 0.05  # seconds

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._next = 0.0

    def __call__(self, filename: str, done: int, total: int | None) -> None:
        """Tell that `done` of `total` bytes of a file are there."""
        now = time.monotonic()
        with self._lock:
            if now < self._next and done != total:
                return
            self._next = now + self.INTERVAL
            self._send({"type": "progress", "phase": "download", "name": filename, "done": done, "total": total})
