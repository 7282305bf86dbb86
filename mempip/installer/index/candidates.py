"""Project files → candidates: which file of each version this interpreter takes.

Pure functions.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from mempip.installer.index.filenames import build_order, split_wheel_name, wheel_tag
from mempip.installer.index.model import SOURCE_RANK, Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from packaging.utils import NormalizedName

    from mempip.installer.index.listing import Listing
    from mempip.installer.index.model import ProjectFile
    from mempip.installer.requirements.hashes import Hashes
    from mempip.installer.target import Target


class Candidates:
    """The candidates of a project, newest version first: one of each version, chosen when somebody looks at it.

    A resolution looks at a few of thousands. Thread-safe.
    """

    def __init__(
        self,
        listings: Iterable[Listing[Any]],
        name: NormalizedName,
        target: Target,
        allow: Callable[[Iterable[ProjectFile]], Iterable[ProjectFile]] = iter,
    ) -> None:
        """Take the versions of `listings`; `allow` returns those of a version's files that may be used."""
        self._name = name
        self._target = target
        self._allow = allow
        known: dict[str, Version | None] = {}
        self._places: dict[Version, list[tuple[Listing[Any], str]]] = {}
        for listing in listings:
            for text in listing.releases:
                version = parse_version(text, known)
                if version is not None:
                    self._places.setdefault(version, []).append((listing, text))
        self._newest_first = sorted(self._places, reverse=True)
        self._best = cache(self._choose)

    def __iter__(self) -> Iterator[Candidate]:
        return filter(None, map(self._best, self._newest_first))

    def _choose(self, version: Version) -> Candidate | None:
        files = (file for listing, text in self._places[version] for file in listing.files(text))
        return best_candidate(self._allow(files), self._name, version, self._target)


def best_candidate(
    files: Iterable[ProjectFile], name: NormalizedName, version: Version, target: Target
) -> Candidate | None:
    """Return the best of a version's `files` that `target` can use: a wheel, or else a source.

    Best is: not yanked, then the best tag, then the highest build tag (PEP 427), then the file listed first.
    If all usable files are yanked it is one of those.
    """
    best: tuple[tuple[bool, int, int, str], Candidate] | None = None
    for file in files:
        wheel = split_wheel_name(file.filename) if file.is_wheel else None
        if file.is_wheel and wheel is None:
            continue
        rank = SOURCE_RANK if wheel is None else target.rank(wheel.tag)
        if rank is None or not target.accepts_python(file.requires_python):
            continue
        number, rest = build_order("" if wheel is None else wheel.build)
        order = (file.yanked is not None, rank, -number, rest)
        if best is None or _precedes(order, best[0]):
            best = order, Candidate(name, version, file, rank)
    return None if best is None else best[1]


def is_for(target: Target, file: ProjectFile) -> bool:
    """Whether a file is a source, or a wheel with a tag of `target`."""
    return not file.is_wheel or target.rank(wheel_tag(file.filename) or "") is not None


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
