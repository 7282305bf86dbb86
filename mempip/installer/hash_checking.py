"""pip's hash-checking mode: once one requirement has a hash, all must, and be pinned.

What may live here: what is asked of a resolution before anything is downloaded. That a file has its hash is checked
where its bytes arrive.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mempip.errors import HashesMissing
from mempip.installer.requirements.hashes import NO_HASHES
from mempip.installer.resolution.terms import pins
from mempip.installer.sources.kinds import is_archive
from mempip.installer.transport import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.utils import NormalizedName

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.requirements.gather import Wanted
    from mempip.installer.requirements.hashes import Hashes
    from mempip.installer.requirements.parse import UserRequirement
    from mempip.installer.resolution import Resolution
    from mempip.installer.resolution.result import Pinned
    from mempip.installer.target import Target
    from mempip.installer.transport import Transport


def check_promises(resolution: Resolution, hashes: Mapping[NormalizedName, Hashes]) -> None:
    """Raise `HashMismatch` for a file whose index promises other hashes than those that the user allows."""
    for name, pinned in resolution.pins.items():
        allowed, file = hashes.get(name, NO_HASHES), pinned.candidate.file
        if allowed.allowed.keys() <= file.hashes.keys():
            allowed.check(file.filename, {algorithm: digest.lower() for algorithm, digest in file.hashes.items()})


def refuse_what_has_none(requirements: Iterable[UserRequirement], target: Target) -> None:
    """Raise `HashesMissing` for repositories and directories, before anything of them is run.

    There is nothing of them that a hash could be of.
    """
    applying = [row for row in requirements if row.applies(target.environment)]
    if unhashable := [row.text for row in applying if row.file is not None and not is_archive(row.file)]:
        raise HashesMissing(unhashable=unhashable)


def require_hashes(resolution: Resolution, wanted: Wanted, target: Target, transport: Transport) -> None:
    """Raise `HashesMissing` if a file that is to be installed has no hash of the user's, or may change its version.

    A hash in the address of a file counts. A requirement is pinned by ``==``, by an address, or by a constraint that
    has a hash.
    """
    hashes = wanted.hashes(target)
    constrained = {constraint.name for constraint in wanted.constraints if constraint.hashes}
    pinned_names = {
        requirement.name
        for requirement in wanted.requirements
        if requirement.applies(target.environment) and pins(requirement.specifier)
    }
    missing, unpinned, unhashable = [], [], []
    for name, pinned in resolution.pins.items():
        file = pinned.candidate.file
        direct = not file.source
        if not is_archive(file):
            unhashable.append(f"{name} @ {redact(file.url)}")
        elif not hashes.get(name) and not (direct and file.hashes):
            missing.append(_line(pinned, transport))
        elif not direct and name not in pinned_names | constrained:
            unpinned.append(_line(pinned, transport))
    if missing or unpinned or unhashable:
        raise HashesMissing(missing, unpinned, unhashable)


def _line(pinned: Pinned, transport: Transport) -> str:
    """Return the line of a requirement file that pins what was chosen, with its hash."""
    candidate = pinned.candidate
    extras = f"[{','.join(sorted(pinned.extras))}]" if pinned.extras else ""
    line = line_of(candidate.file, f"{candidate.name}{extras}", str(candidate.version), transport)
    return f"{line}  # required by {', '.join(pinned.required_by)}" if not pinned.requested else line


def line_of(file: ProjectFile, project: str, version: str, transport: Transport) -> str:
    """Return the line of a requirement file that asks for a version of `project`, and `file` in particular."""
    where = f"=={version}" if file.source else f" @ {redact(file.url)}"
    return f"{project}{where} --hash=sha256:{sha256_of(file, transport)}"


def sha256_of(file: ProjectFile, transport: Transport) -> str:
    """Return the digest that the index promises, or that of the file as it is downloaded for this."""
    if promised := file.hashes.get("sha256"):
        return promised.lower()
    digest = hashlib.sha256()
    transport.download(file.url, digest.update, expected_size=file.size)
    return digest.hexdigest()
