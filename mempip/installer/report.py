"""Descriptions of an installation in formats that others defined: pip's installation report and PEP 610."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mempip
from mempip.installer.headers import body, scan_header
from mempip.installer.index.filenames import SDIST_ENDINGS
from mempip.installer.sources.vcs import Repository, is_repository
from mempip.installer.transport import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.resolution import Resolution
    from mempip.installer.resolution.result import Pinned
    from mempip.installer.target import Target

#: The fields of core metadata that may be there once, and those that may be there several times.
_SINGLE = frozenset(
    "metadata_version name version summary description description_content_type keywords home_page download_url author "
    "author_email maintainer maintainer_email license license_expression requires_python".split()
)
_LISTED = frozenset(
    "dynamic platform supported_platform license_file classifier requires_dist requires_external requires project_url "
    "provides_extra provides_dist provides obsoletes_dist obsoletes import_name import_namespace".split()
)


def installation_report(
    resolution: Resolution, target: Target, commit_of: Callable[[ProjectFile], str]
) -> dict[str, Any]:
    """Return what ``pip install --report`` writes for `resolution` (version 1 of pip's installation report).

    `commit_of` tells what was checked out of repositories.
    ``pip_version`` is mempip's own, as tools look for the key.
    """
    return {
        "version": "1",
        "pip_version": mempip.__version__,
        "install": [_item(pinned, commit_of(pinned.candidate.file)) for pinned in resolution.pins.values()],
        "environment": target.environment,
    }


def _item(pinned: Pinned, commit: str) -> dict[str, Any]:
    file = pinned.candidate.file
    item: dict[str, Any] = {
        "download_info": _download_info(file, commit),
        "is_direct": direct_url(file) is not None,
        "is_yanked": file.yanked is not None,
        "requested": pinned.requested,
    }
    if pinned.requested and pinned.extras:
        item["requested_extras"] = sorted(pinned.extras)
    return {**item, "metadata": _metadata(pinned.metadata.raw)}


def direct_url(file: ProjectFile, commit: str = "") -> dict[str, Any] | None:
    """Return the contents of ``direct_url.json`` (PEP 610), or ``None`` for a file that an index listed.

    `commit` is what was checked out of a repository.
    """
    return None if file.source else _download_info(file, commit)


def direct_reference(direct: dict[str, Any]) -> str:
    """Return what `direct_url` describes as the address in a requirement (PEP 440), pinned as ``pip freeze`` does."""
    url, fragments = direct["url"], []
    if "vcs_info" in direct:
        url = f"{direct['vcs_info']['vcs']}+{url}@{direct['vcs_info']['commit_id']}"
    if archive_hash := direct.get("archive_info", {}).get("hash"):
        fragments.append(archive_hash)
    if "subdirectory" in direct:
        fragments.append(f"subdirectory={direct['subdirectory']}")
    return f"{url}#{'&'.join(fragments)}" if fragments else str(url)


def _download_info(file: ProjectFile, commit: str) -> dict[str, Any]:
    info: dict[str, Any] = {"url": redact(file.url)}
    if file.subdirectory:
        info["subdirectory"] = file.subdirectory
    if is_repository(file.url):
        repository = Repository.parse(file.url)
        info["url"] = redact(repository.url)
        info["vcs_info"] = {"vcs": "git", "commit_id": commit}
        if repository.revision:
            info["vcs_info"]["requested_revision"] = repository.revision
        return info
    if not file.source and not file.is_wheel and not file.filename.endswith(SDIST_ENDINGS):
        info["dir_info"] = {"editable": True} if file.editable else {}
        return info
    archive: dict[str, Any] = {}
    for algorithm, digest in file.hashes.items():
        archive.setdefault("hash", f"{algorithm}={digest}")
        archive.setdefault("hashes", {})[algorithm] = digest
    info["archive_info"] = archive
    return info


def _metadata(raw: bytes) -> dict[str, Any]:
    """Return METADATA in the JSON form of PEP 566, as pip has it; fields that no specification knows are left out."""
    described: dict[str, Any] = {}
    for field, value in scan_header(raw):
        name = field.replace("-", "_")
        if name in _LISTED:
            described.setdefault(name, []).append(value)
        elif name in _SINGLE:
            described.setdefault(name, value)
    if keywords := described.get("keywords"):
        described["keywords"] = [word.strip() for word in keywords.split(",")] if "," in keywords else keywords.split()
    if description := body(raw):
        described["description"] = description
    return described
