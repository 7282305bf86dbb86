"""Project files → candidates: which file of each version this interpreter takes.

Pure functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from mempip.installer.index.filenames import build_order, sdist_version, split_wheel_name
from mempip.installer.index.model import SOURCE_RANK, Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.utils import NormalizedName

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.requirements.hashes import Hashes
    from mempip.installer.target import Target


def select_candidates(files: Iterable[ProjectFile], name: NormalizedName, target: Target) -> list[Candidate]:
    """Return one candidate per version, newest first: the best wheel for `target`, or else a source.

    Best is: not yanked, then the best tag, then the highest build tag (PEP 427), then the file listed first.
    Versions of which all usable files are yanked are kept, flagged.
    """
    rank_of = target.rank
    accepts_python = target.accepts_python
    versions: dict[str, Version | None] = {}
    best: dict[Version, tuple[tuple[bool, int, int, str], Candidate]] = {}
    for file in files:
        # Cheapest question first: most files of a page are for other interpreters.
        parts = split_wheel_name(file.filename)
        text = parts.version if parts is not None else sdist_version(file.filename, name)
        rank = rank_of(parts.tag) if parts is not None else SOURCE_RANK
        if text is None or rank is None or not accepts_python(file.requires_python):
            continue
        version = parse_version(text, versions)
        if version is None:
            continue
        number, rest = build_order(parts.build if parts is not None else "")
        order = (file.yanked is not None, rank, -number, rest)
        known = best.get(version)
        if known is None or _precedes(order, known[0]):
            best[version] = (order, Candidate(name, version, file, rank))
    return [best[version][1] for version in sorted(best, reverse=True)]


def _precedes(order: tuple[bool, int, int, str], known: tuple[bool, int, int, str]) -> bool:
    # The rest of a build tag counts upwards, like its number.
    return order[:3] < known[:3] or (order[:3] == known[:3] and order[3] > known[3])


def with_hashes(files: Sequence[ProjectFile], hashes: Hashes) -> Sequence[ProjectFile]:
    """Return the files that may have one of the `hashes` a user allows, and all of them if none does.

    As in pip: a file of which the index promises no hash may turn out to have one, and where nothing fits it is for
    the download to say which hash the file has.
    """
    if not hashes:
        return files
    answers = [hashes.matches(file.hashes) for file in files]
    if True not in answers:
        return files
    return [file for file, answer in zip(files, answers, strict=True) if answer is not False]


def parse_version(text: str, known: dict[str, Version | None]) -> Version | None:
    """Return the version that `text` stands for, or None if it is none (PEP 440); remember it in `known`."""
    try:
        return known[text]
    except KeyError:
        pass
    try:
        # "1.0_1" is how some wheels of old escape "1.0-1".
        version = Version(text.replace("_", "-"))
    except InvalidVersion:
        version = None
    known[text] = version
    return version
