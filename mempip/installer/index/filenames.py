"""The names of distribution files, split by hand: an index page has thousands of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz", ".tar.Z", ".tar")


class WheelName(NamedTuple):
    """The parts of a wheel's file name (binary distribution format specification)."""

    project: str  #: as written, not normalised
    version: str
    build: str  #: build tag or empty
    tag: str  #: lower case, may be a compressed set: ``py2.py3-none-any``


def split_wheel_name(filename: str) -> WheelName | None:
    """Split `filename`, or return None if it is not the name of a wheel."""
    if not filename.endswith(".whl"):
        return None
    parts = filename[:-4].split("-")
    if len(parts) == 5:
        project, version, python, abi, platform = parts
        build = ""
    elif len(parts) == 6 and parts[2][:1].isdigit():
        project, version, build, python, abi, platform = parts
    else:
        return None
    return WheelName(project, version, build, f"{python}-{abi}-{platform}".lower())


def wheel_tag(filename: str) -> str | None:
    """Return the tag in a wheel's file name, lower case, or None if it is not the name of a wheel.

    It is what most files of a page are passed over for, so it has to be quick; whether the rest of the name is right
    is for `split_wheel_name` to say.
    """
    if not filename.endswith(".whl"):
        return None
    parts = filename.rsplit("-", 3)
    return "-".join(parts[1:])[:-4].lower() if len(parts) == 4 else None


def version_in(filename: str, project: NormalizedName, known: dict[str, bool]) -> str | None:
    """Return the version in the name of a file, as it is written, or None if it is no file of `project`.

    `known` remembers which first parts of wheels' names are the project's: those of a page are nearly all the same.
    Whether the rest of a wheel's name is right is for `split_wheel_name` to say.
    """
    if not filename.endswith(".whl"):
        return sdist_version(filename, project)
    name, _, rest = filename.partition("-")
    if name not in known:
        known[name] = canonicalize_name(name) == project
    return rest.partition("-")[0] if known[name] else None


def build_order(build: str) -> tuple[int, str]:
    """Return what build tags are ordered by: their leading number, then the rest. No tag comes first."""
    digits = len(build) - len(build.lstrip("0123456789"))
    return (int(build[:digits]) if digits else -1, build[digits:])


def project_of(filename: str) -> NormalizedName | None:
    """Return the project that a wheel's or source archive's name belongs to; None for other files."""
    if filename.endswith(".whl"):
        return canonicalize_name(filename.partition("-")[0])
    stem = sdist_stem(filename)
    return canonicalize_name(stem.rpartition("-")[0]) if stem and "-" in stem else None


def sdist_version(filename: str, project: NormalizedName) -> str | None:
    """Return the version in the name of a source archive of `project`, or None if it is none."""
    stem = sdist_stem(filename)
    if stem is None:
        return None
    # The project's name may hold dashes and so may versions of old; the split is where the name ends. Nearly always it
    # is written as long as it is when normalised, and that is quickly seen.
    length = len(project)
    if stem[length : length + 1] == "-" and stem[:length].lower().replace("_", "-").replace(".", "-") == project:
        return stem[length + 1 :]
    for position, character in enumerate(stem):
        if character == "-" and canonicalize_name(stem[:position]) == project:
            return stem[position + 1 :]
    return None


def sdist_stem(filename: str) -> str | None:
    """Return `filename` without the ending of a source archive, or None if it has none of those."""
    for ending in SDIST_ENDINGS:
        if filename.endswith(ending):
            return filename[: -len(ending)]
    return None
