"""The sources of one installation: fetched once, built once, and only as far as somebody wants to know.

What may live here: which sources are being built, and what is known of them without building.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, parse_wheel_filename

import mempip_native
from mempip.errors import BuildForOther, SourceRefused, WheelRefused
from mempip.installer.headers import scan_header
from mempip.installer.sources.kinds import is_archive, is_directory
from mempip.installer.sources.vcs import is_repository
from mempip.installer.transport import path_of, redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from mempip.installer.index.model import Candidate, ProjectFile
    from mempip.installer.sources.builder import Build
    from mempip.installer.target import Target
    from mempip.installer.wheels import Wheel
    from mempip.options import InstallOptions
    from mempip_native import Adapter

#: Builds that wait for somebody to want their wheel. More are ended, and begun again if need be.
MOST_WAITING = 4

#: What metadata must promise not to change for it to be taken from the sdist (PEP 643).
_STATIC = {"requires-dist", "requires-python", "provides-extra", "name", "version"}


class Sources:
    """Turns project files that are no wheels into metadata and wheels. Thread-safe; a context manager.

    `settings` returns the config settings that a source is built with, `fetch` a sealed, hash-checked object of an
    archive; `built` the name and bytes of a wheel that was built of a source before, or ``None``; `permit` raises if
    nothing of a source may be run. ``provide(requirements, chain)`` returns an image with what a build environment must
    have, `chain` being the sources that wait for that. `say` takes lines of output. For a `target` that is not this
    interpreter nothing is built.
    """

    def __init__(
        self,
        options: InstallOptions,
        adapter: Adapter,
        settings: Callable[[ProjectFile], Mapping[str, Any]],
        fetch: Callable[[ProjectFile], int],
        built: Callable[[ProjectFile], tuple[str, bytes] | None],
        permit: Callable[[ProjectFile], object],
        provide: Callable[[Sequence[str], Sequence[str]], Sequence[int]],
        say: Callable[[str], object],
        target: Target,
        chain: Sequence[str] = (),
    ) -> None:
        self._options = options
        self._target = target
        self._adapter = adapter
        self._settings = settings
        self._fetch = fetch
        self._built = built
        self._permit = permit
        self._provide = provide
        self._say = say
        self._chain = chain
        self.commits: dict[str, str] = {}  # address of a repository → what was checked out
        self._lock = threading.RLock()  # builds use all of a machine: one at a time
        self._archives: dict[str, int] = {}
        self._metadata: dict[str, bytes] = {}
        self._wheels: dict[str, Wheel] = {}  # built before
        self._waiting: OrderedDict[str, Build] = OrderedDict()

    def __enter__(self) -> Sources:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """End all builds and forget the sources."""
        with self._lock:
            while self._waiting:
                self._waiting.popitem()[1].close()
            while self._archives:
                mempip_native.objects.close(self._archives.popitem()[1])
            while self._wheels:
                mempip_native.objects.close(self._wheels.popitem()[1].descriptor)

    def metadata(self, file: ProjectFile) -> bytes:
        """Return the METADATA that the wheel of `file` will have. Raises a `SourceError` and what fetching raises."""
        with self._lock:
            if file.url not in self._metadata:
                self._metadata[file.url] = self._old_metadata(file) or self._static_metadata(file) or self._begin(file)
            return self._metadata[file.url]

    def wheel(self, candidate: Candidate) -> Wheel:
        """Return the wheel that is built from a source, verified like any other. Raises like `metadata`."""
        file = candidate.file
        with self._lock:
            if file.url in self._wheels:
                return self._wheels.pop(file.url)
            if file.url not in self._waiting:
                self._begin(file)
            with self._waiting.pop(file.url) as build:
                filename, descriptor = build.wheel()
                try:
                    wheel = _verified(filename, _pieces(descriptor), self._adapter)
                finally:
                    os.close(descriptor)
        name, version, *_ = parse_wheel_filename(filename)
        if (name, version) != (candidate.name, candidate.version) or canonicalize_name(wheel.name) != name:
            raise SourceRefused(file.filename, f"its backend built {filename} instead of {name} {candidate.version}")
        return wheel

    # --- without building ---

    def _old_metadata(self, file: ProjectFile) -> bytes | None:
        """Return the metadata of a wheel that was built before, and keep that; ``None`` if there is no whole one."""
        found = self._built(file)
        if found is None:
            return None
        filename, content = found
        try:
            wheel = _verified(filename, [content], self._adapter)
        except WheelRefused:
            return None
        self._wheels[file.url] = wheel
        return wheel.read(f"{wheel.dist_info}/METADATA")

    def _static_metadata(self, file: ProjectFile) -> bytes | None:
        """Return the metadata of an sdist that promises them for every wheel (PEP 643), else ``None``."""
        if not is_archive(file) or file.subdirectory:
            return None
        from mempip.installer.sources import archives  # imports tarfile, which most installations do without

        with mempip_native.objects.reader(self._archive(file)) as stream:
            raw = archives.pkg_info(file.filename, stream)
        if raw is None:
            return None
        fields = list(scan_header(raw))
        version = next((value for field, value in fields if field == "metadata-version"), "1.0")
        dynamic = {value.lower() for field, value in fields if field == "dynamic"}
        if _numbers(version) < (2, 2) or dynamic & _STATIC:
            return None
        return raw

    # --- building ---

    def _begin(self, file: ProjectFile) -> bytes:
        """Begin a build, which then waits for somebody to want the wheel; return the metadata."""
        name = redact(file.url) if not file.source else file.filename
        if not self._target.is_current:
            raise BuildForOther(name, self._target.python_version)
        self._permit(file)
        from mempip.installer.sources import builder  # which most installations do without

        chain = builder.check_cycle(self._chain, name)
        order = builder.Order(
            source=name,
            archive=file.filename if is_archive(file) else "",
            directory=path_of(file.url) if is_directory(file) else "",
            repository=file.url if is_repository(file.url) else "",
            subdirectory=file.subdirectory,
            editable=file.editable,
            isolated=self._options.build_isolation,
            build_directory="" if file.editable else self._options.build_dir,  # a copy would not be where modules are
            config_settings=self._settings(file),
        )
        descriptors = [self._archive(file)] if is_archive(file) else []
        build = builder.Build(order, descriptors, lambda requirements: self._provide(requirements, chain), self._say)
        try:
            raw, commit = build.metadata()
        except BaseException:
            build.close()
            raise
        while len(self._waiting) >= MOST_WAITING:
            self._waiting.popitem(last=False)[1].close()
        self._waiting[file.url] = build
        if commit:
            self.commits[file.url] = commit
        return raw

    def _archive(self, file: ProjectFile) -> int:
        if file.url not in self._archives:
            self._archives[file.url] = self._fetch(file)
        return self._archives[file.url]


def _pieces(descriptor: int) -> Iterator[bytes]:
    offset = 0
    while piece := mempip_native.objects.read_at(descriptor, 1 << 20, offset):
        yield piece
        offset += len(piece)


def _verified(filename: str, pieces: Iterable[bytes], adapter: Adapter) -> Wheel:
    """Return a wheel that was built here. Raises `WheelRefused`."""
    from mempip.installer.wheels import verified_wheel  # which most resolutions do without

    return verified_wheel(filename, pieces, adapter)


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.strip().split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else (1, 0)
