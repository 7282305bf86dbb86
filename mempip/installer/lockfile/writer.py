"""A resolution → a lock file for this kind of interpreter: each file that would be installed, with its hash."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
)
from packaging.version import Version

from mempip.installer.hash_checking import sha256_of
from mempip.installer.index.age import parse_time
from mempip.installer.index.filenames import SDIST_ENDINGS
from mempip.installer.sources.vcs import Repository, is_repository
from mempip.installer.transport import is_file_url, path_of, redact

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.resolution import Resolution
    from mempip.installer.resolution.result import Pinned
    from mempip.installer.target import Target
    from mempip.installer.transport import Transport

#: The markers that the choice of packages may have depended on; what they were makes the lock's ``environments``.
_MARKERS = ("python_version", "implementation_name", "sys_platform", "platform_machine")


def lock_text(
    resolution: Resolution,
    target: Target,
    transport: Transport,
    commit_of: Callable[[ProjectFile], str],
    directory: str,
) -> str:
    """Return ``pylock.toml`` (PEP 751) for `resolution`; paths in it are as seen from `directory`.

    Files of which nobody promises a sha256 are downloaded for it. Raises what the transport raises.
    """
    import tomli_w

    markers = (f"{name} == {target.environment[name]!r}" for name in _MARKERS)
    packages = [
        _package(pinned, transport, commit_of(pinned.candidate.file), directory)
        for _, pinned in sorted(resolution.pins.items())
    ]
    document = Pylock(
        lock_version=Version("1.0"),
        environments=[Marker(" and ".join(markers))],
        created_by="mempip",
        packages=packages,
    )
    document.validate()
    return tomli_w.dumps(dict(document.to_dict()))


def _package(pinned: Pinned, transport: Transport, commit: str, directory: str) -> Package:
    candidate, python = pinned.candidate, pinned.metadata.requires_python
    file = candidate.file
    common: dict[str, Any] = {"name": candidate.name, "requires_python": python if str(python) else None}
    if is_repository(file.url):
        repository = Repository.parse(file.url)
        vcs = PackageVcs(
            type="git",
            url=redact(repository.url),
            requested_revision=repository.revision or None,
            commit_id=commit,
            subdirectory=file.subdirectory or None,
        )
        return Package(**common, version=candidate.version, vcs=vcs)
    if not file.source and not file.filename.endswith((".whl", *SDIST_ENDINGS)):
        where = _path(file.url, directory) or path_of(file.url)
        tree = PackageDirectory(path=where, editable=file.editable or None, subdirectory=file.subdirectory or None)
        return Package(**common, directory=tree)  # its version may change with its files
    path = _path(file.url, directory)
    place: dict[str, Any] = {
        "path": path,
        "url": None if path else redact(file.url),
        "size": file.size,
        "hashes": {"sha256": sha256_of(file, transport)},
    }
    if not file.source:
        archive = PackageArchive(**place, subdirectory=file.subdirectory or None)
        return Package(**common, version=candidate.version, archive=archive)
    place |= {"name": file.filename, "upload_time": _time(file.upload_time)}
    index = file.source if "://" in file.source else None
    if file.is_wheel:
        return Package(**common, version=candidate.version, index=index, wheels=[PackageWheel(**place)])
    return Package(**common, version=candidate.version, index=index, sdist=PackageSdist(**place))


def _path(url: str, directory: str) -> str | None:
    """Return the path of a local file, relative to `directory` if it is below it; ``None`` for others."""
    if not is_file_url(url):
        return None
    path = path_of(url)
    relative = os.path.relpath(path, directory)
    return path if relative.startswith(os.pardir) else relative.replace(os.sep, "/")


def _time(text: str) -> datetime | None:
    try:
        return parse_time(text)
    except ValueError:
        return None
