"""Why a project has no usable file: a few short lines for a person. Pure functions; only run when all is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from mempip.installer.index.candidates import parse_version
from mempip.installer.index.filenames import sdist_version, split_wheel_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName

    from mempip.installer.index.model import ProjectFile
    from mempip.installer.target import Target

MOST_LINES = 6
MOST_VERSIONS = 5
MOST_TAGS = 4


def explain_absence(
    files: Iterable[ProjectFile], name: NormalizedName, specifier: SpecifierSet, target: Target
) -> list[str]:
    """Return lines that say why no file of a project satisfies `specifier` on `target`."""
    releases = _releases(files, name)
    if not releases:
        return ["the project has no files"]
    wanted = [version for version in releases if specifier.contains(version, prereleases=True)]
    usable = [version for version in releases if _refusal(releases[version], target) is None]
    lines = _grouped(releases, wanted, target)
    if usable and not set(usable) & set(wanted):
        lines.append(f"versions that this Python can use: {_shorten(usable, MOST_VERSIONS * 2)}")
    elif not wanted:
        lines.append(f"versions that exist: {_shorten(list(releases), MOST_VERSIONS * 2)}")
        lines += _grouped(releases, list(releases), target)
    return lines


def what_would_fit(
    left_out: Iterable[ProjectFile], name: NormalizedName, specifier: SpecifierSet, target: Target
) -> str:
    """Return the newest version of `left_out` that `target` could use for `specifier`, for the end of a sentence."""
    for version, files in _releases(left_out, name).items():
        if specifier.contains(version, prereleases=True) and _refusal(files, target) is None:
            return f"; {name} {version} among them would fit"
    return ""


def _grouped(releases: dict[Version, list[ProjectFile]], wanted: Sequence[Version], target: Target) -> list[str]:
    """Say for each version what is wrong with it; versions with the same trouble share a line."""
    reasons: dict[str, list[Version]] = {}
    for version in wanted:
        reason = _refusal(releases[version], target)
        if reason is None:
            reason = _reservation(version, releases[version])
        reasons.setdefault(reason, []).append(version)
    lines = [f"{_shorten(versions, MOST_VERSIONS)}: {reason}" for reason, versions in reasons.items()]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"… and {len(lines) - MOST_LINES} more groups of versions with other reasons"]
    return lines


def _releases(files: Iterable[ProjectFile], name: NormalizedName) -> dict[Version, list[ProjectFile]]:
    """Return the files by version, newest first."""
    known: dict[str, Version | None] = {}
    releases: dict[Version, list[ProjectFile]] = {}
    for file in files:
        wheel = split_wheel_name(file.filename)
        text = wheel.version if wheel else sdist_version(file.filename, name)
        version = parse_version(text, known) if text else None
        if version is not None:
            releases.setdefault(version, []).append(file)
    return dict(sorted(releases.items(), reverse=True))


def _refusal(files: Sequence[ProjectFile], target: Target) -> str | None:
    """Return why `target` can use none of one version's files; None if it can use one."""
    tags: dict[str, None] = {}
    pythons: dict[str, None] = {}
    for file in files:
        wheel = split_wheel_name(file.filename)
        if wheel is None:
            if target.accepts_python(file.requires_python):
                return None
            continue
        if target.rank(wheel.tag) is None:
            tags[wheel.tag] = None
        elif target.accepts_python(file.requires_python):
            return None
        else:
            pythons[file.requires_python] = None
    if pythons:
        return f"needs Python {' or '.join(pythons)}, this is {target.python_version}"
    needed = {file.requires_python for file in files}
    if not any(target.accepts_python(requires) for requires in needed):
        return f"needs Python {' or '.join(sorted(needed))}, this is {target.python_version}"
    best = target.tags[0] if target.tags else "nothing"
    return f"wheels exist for {_shorten_tags(tags)}; this Python takes {best} and what is compatible with it"


def _reservation(version: Version, files: Sequence[ProjectFile]) -> str:
    """Return what may speak against a version that is usable in principle."""
    yanked = [file.yanked for file in files if file.yanked is not None]
    if yanked:
        return f"yanked{': ' + yanked[0] if yanked[0] else ''} (only == of your own asks for it)"
    if version.is_prerelease:
        return "a pre-release (--pre allows it)"
    return "usable, but excluded by another requirement"


def _shorten(versions: Sequence[Version], most: int) -> str:
    text = ", ".join(map(str, versions[:most]))
    return text if len(versions) <= most else f"{text} and {len(versions) - most} older"


def _shorten_tags(tags: Iterable[str]) -> str:
    """Show interpreter and platform of a few tags, the part that people recognise."""
    names: dict[str, None] = {}
    for tag in tags:
        python, _, platform = tag.split("-", 2)
        names[f"{python} {platform.partition('.')[0]}"] = None
    shown = list(names)
    text = ", ".join(shown[:MOST_TAGS])
    return text if len(shown) <= MOST_TAGS else f"{text} and {len(shown) - MOST_TAGS} more"
