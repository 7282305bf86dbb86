"""A lock file → the resolution that it holds. Nothing is resolved: what a lock leaves open is an error."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from packaging.pylock import (
    PackageArchive,
    PackageDirectory,
    PackageVcs,
    Pylock,
    PylockSelectError,
    PylockValidationError,
)
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from mempip.errors import InvalidLockFile
from mempip.installer.index.filenames import wheel_tag
from mempip.installer.index.formats import formats_of
from mempip.installer.index.links import read_links
from mempip.installer.index.model import SOURCE_RANK, Candidate, ProjectFile
from mempip.installer.requirements.local_files import read_toml, shown
from mempip.installer.resolution.result import Pinned, Resolution
from mempip.installer.resolution.terms import installed_from
from mempip.installer.transport import file_url, is_file_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from packaging.pylock import Package, PackageSdist, PackageWheel

    from mempip.installer.index.catalog import Catalog
    from mempip.installer.requirements.parse import UserRequirement
    from mempip.installer.target import Target
    from mempip.installer.transport import Transport
    from mempip.options import InstallOptions

    Source = PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist

#: Of these, an entry must have one: others cannot be checked, or prove nothing.
HASHES = ("sha256", "sha384", "sha512")
_EXTRAS = re.compile(r"(?P<path>.*?)(?:\[(?P<extras>[^\[\]]*)\])?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Lock:
    """A valid lock file, and what of it is wanted; ``groups`` is ``None`` for those that are its default."""

    path: str
    document: Pylock
    extras: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None

    def error(self, reason: str) -> InvalidLockFile:
        """Return the error that names the file."""
        return InvalidLockFile(shown(self.path), reason)


def split_extras(name: str) -> tuple[str, frozenset[str]]:
    """Return the path and the extras of ``PATH[EXTRAS]``."""
    match = _EXTRAS.fullmatch(name)
    extras = (match and match["extras"]) or ""
    return (match["path"] if match else name), frozenset(canonicalize_name(e.strip()) for e in extras.split(",") if e)


def read_lock(name: str, groups: Sequence[str] = ()) -> Lock:
    """Read the lock file ``PATH[EXTRAS]``. Raises `InvalidLockFile`, which names the entry at fault."""
    path, extras = split_extras(name)
    table = read_toml(path, InvalidLockFile)
    try:
        document = Pylock.from_dict(table)
    except PylockValidationError as fault:
        raise InvalidLockFile(shown(path), _with_names(str(fault), table)) from fault
    return Lock(path, document, extras, frozenset(map(canonicalize_name, groups)) if groups else None)


def _with_names(reason: str, table: dict[str, Any]) -> str:
    """Return `reason` with the name of the package behind each ``packages[N]``."""

    def named(match: re.Match[str]) -> str:
        try:
            return f"{match[0]} ({table['packages'][int(match[1])]['name']})"
        except (LookupError, TypeError):
            return match[0]

    return re.sub(r"packages\[(\d+)\]", named, reason)


def locked_resolution(
    lock: Lock,
    target: Target,
    catalog: Catalog,
    transport: Transport,
    options: InstallOptions,
    constraints: Sequence[UserRequirement] = (),
) -> Resolution:
    """Return what `lock` says is to be installed for `target`, which must be within `constraints`.

    With ``--no-index``, and where ``--find-links`` has a file of the same name, that is taken; it must have the hash
    that the lock gives. With ``--require-hashes``, all must have one. Raises `InvalidLockFile`, and what the catalog
    raises.
    """
    beside = _Links(options, transport)
    installed = installed_from(options.installed)
    candidates, satisfied = {}, {}
    for package, named in chosen(lock, target):
        if options.require_hashes and not named.hashes:
            raise lock.error(
                f"{package.name}: {named.url} has no hash, and --require-hashes asks for one of everything"
            )
        here = installed.get(package.name)
        if here is not None and here.version == package.version:
            satisfied[package.name] = here
        elif named.source:
            file = beside.replacing(lock, package, named)
            if not formats_of(package.name, options).allow(file):
                kind = "a wheel" if file.is_wheel else "a source"
                raise lock.error(
                    f"{package.name}: {file.filename} is {kind}, which --only-binary or --no-binary forbids"
                )
            candidates[package.name] = _candidate(package, file, target)
            catalog.prefetch_metadata(candidates[package.name])
        else:
            candidates[package.name] = _direct(lock, package, named, catalog)
    for constraint in constraints:
        found = candidates.get(constraint.name)
        if found is None or not constraint.applies(target.environment):
            continue
        elsewhere = constraint.file is not None and constraint.file.url != found.file.url
        if elsewhere or not constraint.specifier.contains(found.version, prereleases=True):
            where = f" ({constraint.origin})" if constraint.origin else ""
            raise lock.error(
                f"it has {found.name} {found.version}, and the constraint {constraint}{where} forbids that"
            )
    metadata = {name: catalog.metadata(candidate) for name, candidate in candidates.items()}
    needed = {canonicalize_name(row.name) for found in metadata.values() for row in found.requires}
    pins = {
        name: Pinned(candidate, metadata[name], name not in needed, frozenset(), ())
        for name, candidate in candidates.items()
    }
    return Resolution(MappingProxyType(pins), MappingProxyType(satisfied))


def chosen(lock: Lock, target: Target) -> list[tuple[Package, ProjectFile]]:
    """Return the packages of `lock` that are wanted for `target`, and the file, directory or repository of each.

    What is named directly has no ``source``. Raises `InvalidLockFile`.
    """
    document = lock.document
    for kind, wanted, known in (
        ("extra", lock.extras, document.extras),
        (
            "dependency group",
            lock.groups or (),
            [*(document.dependency_groups or ()), *(document.default_groups or ())],
        ),
    ):
        declared = set(map(canonicalize_name, known or ()))
        for name in sorted(set(wanted) - declared):
            raise lock.error(f"it has no {kind} {name!r}; it has {', '.join(sorted(declared)) or 'none'}")
    try:
        selected = list(
            document.select(
                environment=target.environment,  # type: ignore[arg-type]
                tags=target.tags,
                extras=lock.extras,
                dependency_groups=lock.groups,
            )
        )
    except PylockSelectError as fault:
        raise lock.error(f"it has nothing for this interpreter: {fault}") from fault
    return [(package, _file(lock, package, source)) for package, source in selected]


def _file(lock: Lock, package: Package, source: Source) -> ProjectFile:
    """Return the file, directory or repository that an entry names."""
    if isinstance(source, PackageVcs):
        if source.type != "git":
            raise lock.error(f"{package.name}: of version control systems, only git is supported, not {source.type!r}")
        url = source.url or file_url(_beside(lock, source.path or ""))
        return ProjectFile(package.name, f"git+{url}@{source.commit_id}", subdirectory=source.subdirectory or "")
    if isinstance(source, PackageDirectory):
        url = file_url(_beside(lock, source.path))
        return ProjectFile(package.name, url, subdirectory=source.subdirectory or "", editable=bool(source.editable))
    url = source.url or file_url(_beside(lock, source.path or ""))
    if isinstance(source, PackageArchive):
        name, origin, subdirectory = url.rpartition("/")[2], "", source.subdirectory or ""
    else:
        name, origin, subdirectory = source.filename, package.index or shown(lock.path), ""
    hashes = {key: value for key, value in source.hashes.items() if key in HASHES}
    if not hashes:
        raise lock.error(f"{package.name}: {name} has no hash of {', '.join(HASHES)}, so it cannot be checked")
    return ProjectFile(name, url, hashes, size=source.size, source=origin, subdirectory=subdirectory)


def _beside(lock: Lock, path: str) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(lock.path)), path))


def _candidate(package: Package, file: ProjectFile, target: Target) -> Candidate:
    if not file.is_wheel:
        return Candidate(package.name, package.version or parse_sdist_filename(file.filename)[1], file, SOURCE_RANK)
    _, version, *_ = parse_wheel_filename(file.filename)
    rank = target.rank(wheel_tag(file.filename) or "")
    return Candidate(package.name, version, file, SOURCE_RANK - 1 if rank is None else rank)


def _direct(lock: Lock, package: Package, file: ProjectFile, catalog: Catalog) -> Candidate:
    if file.is_wheel:
        name, version, *_ = parse_wheel_filename(file.filename)
        candidate = Candidate(name, version, file, 0)
    else:
        candidate = catalog.direct(file)
    if candidate.name != package.name or package.version not in (None, candidate.version):
        wanted = f"{package.name} {package.version or ''}".rstrip()
        raise lock.error(f"{package.name}: what its entry names is {candidate.name} {candidate.version}, not {wanted}")
    return candidate


class _Links:
    """The files of ``--find-links``, which may stand in for those that a lock names."""

    def __init__(self, options: InstallOptions, transport: Transport) -> None:
        self._no_index = options.no_index
        self._pages = [read_links(place, transport) for place in options.find_links]

    def replacing(self, lock: Lock, package: Package, file: ProjectFile) -> ProjectFile:
        """Return the file to take for one that an entry names. Raises `InvalidLockFile`."""
        for page in self._pages:
            for other in page.get(package.name, ()):
                if other.filename == file.filename:
                    return ProjectFile(file.filename, other.url, file.hashes, size=other.size, source=file.source)
        if self._no_index and not is_file_url(file.url):
            raise lock.error(
                f"{package.name}: {file.filename} is not in --find-links, and --no-index forbids to fetch it"
            )
        return file
