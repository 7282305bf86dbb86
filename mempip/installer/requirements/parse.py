"""One string → one requirement: PEP 508, and what pip takes beside it (the path or address of a wheel).

What may live here: reading what a user or a METADATA file wrote, and saying clearly what is wrong with it.
Nothing here looks at an index; a local wheel is only checked for being there.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement as Pep508Error
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from mempip.errors import InvalidRequirement
from mempip.installer.index.filenames import SDIST_ENDINGS
from mempip.installer.index.model import ProjectFile
from mempip.installer.requirements.hashes import NO_HASHES, Hashes
from mempip.installer.requirements.slips import diagnose
from mempip.installer.sources.vcs import is_other_repository, is_repository
from mempip.installer.transport import file_url, hide_credentials, is_file_url, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from packaging.markers import Marker
    from packaging.utils import NormalizedName

#: Hash names that may stand in the fragment of an address, with the length of their hex digests.
HASH_LENGTHS = {"sha512": 128, "sha384": 96, "sha256": 64, "sha224": 56, "sha1": 40, "md5": 32}


class UserRequirement(NamedTuple):
    """One thing that the user asked for, or one constraint.

    ``file`` is the wheel that a direct requirement names; its name and version are those of the filename. ``text``
    is what the user wrote, without credentials, and ``origin`` where (``""``: an argument).
    """

    name: NormalizedName
    specifier: SpecifierSet
    extras: frozenset[NormalizedName]
    marker: Marker | None
    file: ProjectFile | None
    text: str
    origin: str = ""
    hashes: Hashes = NO_HASHES  #: those of ``--hash`` beside it

    def applies(self, environment: Mapping[str, str]) -> bool:
        """Whether the marker, if any, is true in `environment` (`Target.environment`)."""
        return self.marker is None or marker_applies(self.marker, environment)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=32768)
def pep508(text: str) -> Requirement:
    """Parse `text` as PEP 508, remembering the answer; the value is shared and must not be changed.

    Raises `packaging.requirements.InvalidRequirement`.
    """
    return Requirement(text)


def marker_applies(marker: Marker, environment: Mapping[str, str], extras: AbstractSet[str] = frozenset()) -> bool:
    """Whether `marker` is true in `environment` for one of `extras` (for no extra, if there are none).

    A marker that compares what cannot be compared, or names a variable that does not exist, is false.
    """
    try:
        return any(marker.evaluate({**environment, "extra": extra}) for extra in extras or ("",))
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def parse_requirement(text: str, *, origin: str = "", hashes: Hashes = NO_HASHES) -> UserRequirement:
    """Parse what a user may ask for: PEP 508, or the path or URL of a wheel or source (extras and marker may follow).

    The name of a source that has none in front of it is ``""``: only its metadata tell.

    `origin` is where the text stands, for messages; `hashes` are those that its file may have.

    Raises `InvalidRequirement`, which says what is wrong with it and how it is meant to be written.
    """
    text = text.strip()
    try:
        if _is_address(text):
            return _parse_address(text, origin, hashes)
        parsed = _parse_pep508(text)
        name = canonicalize_name(parsed.name)
        file = None
        if parsed.url is not None:
            file = _file_at(parsed.url)
            _require_same_project(name, file)
    except _Fault as fault:
        raise InvalidRequirement(hide_credentials(text), hide_credentials(str(fault)), origin) from fault.__cause__
    return UserRequirement(
        name=name,
        specifier=parsed.specifier,
        extras=frozenset(map(canonicalize_name, parsed.extras)),
        marker=parsed.marker,
        file=file,
        text=hide_credentials(text),
        origin=origin,
        hashes=hashes,
    )


def parse_constraint(text: str, *, origin: str = "", hashes: Hashes = NO_HASHES) -> UserRequirement:
    """Parse a constraint, as pip's ``-c``: it limits versions, or names the one file, and asks for nothing.

    Raises `InvalidRequirement`.
    """
    constraint = parse_requirement(text, origin=origin, hashes=hashes)
    if not constraint.name:
        reason = "a constraint needs the project's name in front of the address: write 'NAME @ URL'"
        raise InvalidRequirement(constraint.text, reason, origin)
    if constraint.extras:
        raise InvalidRequirement(constraint.text, "a constraint cannot have extras; remove the brackets", origin)
    return constraint


def parse_requirements(texts: Iterable[str], *, origin: str = "") -> list[UserRequirement]:
    """Parse each of `texts`; see `parse_requirement`."""
    return [parse_requirement(text, origin=origin) for text in texts]


def parse_dependency(text: str, *, origin: str = "") -> Requirement:
    """Parse what metadata asks for (``Requires-Dist``). Raises `InvalidRequirement`."""
    try:
        return _parse_pep508(text)
    except _Fault as fault:
        raise InvalidRequirement(hide_credentials(text), hide_credentials(str(fault)), origin) from fault.__cause__


def parse_editable(text: str, *, origin: str = "") -> UserRequirement:
    """Parse what ``--editable`` takes: a local directory, with extras, or its address behind the project's name.

    Raises `InvalidRequirement`.
    """
    is_address = any(pattern.match(text) for pattern in (_SCHEME, _VCS, _NAMED))
    address = text if is_address else os.path.join(os.curdir, os.path.expanduser(text))
    found = parse_requirement(address, origin=origin)
    if found.file is None or not (is_file_url(found.file.url) and os.path.isdir(path_of(found.file.url))):
        reason = "only a local directory can be editable; clone a repository first"
        raise InvalidRequirement(hide_credentials(text), reason, origin)
    return found._replace(file=found.file._replace(editable=True))


def file_at(url: str) -> ProjectFile:
    """Return the wheel or source that `url` names, its hash taken from the fragment.

    Raises `InvalidRequirement` if the address is not one of either.
    """
    try:
        return _file_at(url)
    except _Fault as fault:
        raise InvalidRequirement(hide_credentials(url), hide_credentials(str(fault))) from fault.__cause__


class _Fault(Exception):
    """Why a text is no requirement; becomes the reason of an `InvalidRequirement` at the door."""


# --- addresses and paths ---------------------------------------------------------------------------

_SCHEME = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]+://|file:)")
_VCS = re.compile(r"(?i)(?:git|hg|svn|bzr)(?:\+|://)|git@")
#: An address with the project's name in front of it.
_NAMED = re.compile(r"(?i)[a-z0-9][a-z0-9._-]*\s*(?:\[[^\[\]]*\])?\s*@\s*[a-z][a-z0-9+.-]+:")
#: An address, and the extras and the marker that may follow it.
_ADDRESS = re.compile(r"(?P<address>.+?)\s*(?P<rest>(?:\[[^\[\]]*\])?\s*(?:;.*)?)", re.DOTALL)


def _is_address(text: str) -> bool:
    """Whether `text` is a path or an address, and not a name with something behind it."""
    if _SCHEME.match(text) or _VCS.match(text) or text.startswith((".", "/", "\\", "~")):
        return True
    if re.match(r"[A-Za-z]:[\\/]", text):  # a Windows path
        return True
    subject = re.split(r"[\s;@<>=!~\[]", text, maxsplit=1)[0]
    return subject.endswith((".whl", *SDIST_ENDINGS)) or "/" in subject or os.sep in subject


def _parse_address(text: str, origin: str, hashes: Hashes) -> UserRequirement:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise _Fault("it is empty")
    address = match["address"]
    file = _file_at(address if _SCHEME.match(address) or _VCS.match(address) else _path_url(address))
    name = parse_wheel_filename(file.filename)[0] if file.is_wheel else ""
    if hashes and not name:
        raise _Fault("a --hash needs the project's name in front of the address: write 'NAME @ URL'")
    parsed = _parse_pep508((name or "unnamed") + match["rest"])
    return UserRequirement(
        name=canonicalize_name(name),
        specifier=SpecifierSet(),
        extras=frozenset(map(canonicalize_name, parsed.extras)),
        marker=parsed.marker,
        file=file,
        text=hide_credentials(text),
        origin=origin,
        hashes=hashes,
    )


def _path_url(address: str) -> str:
    path, _, fragment = address.partition("#")
    url = file_url(os.path.expanduser(path))
    return f"{url}#{fragment}" if fragment else url


def _file_at(url: str) -> ProjectFile:
    """The wheel or source that an absolute address names; it must exist if it is a local one."""
    if is_other_repository(url):
        raise _Fault("of version control systems, only Git is supported: write git+https://HOST/PROJECT@REVISION")
    parts = urlsplit(url)
    path = unquote(parts.path)
    plain = url.partition("#")[0]
    subdirectory = _subdirectory(parts.fragment)
    if is_repository(url):
        name = path.partition("@")[0].rstrip("/").rpartition("/")[2]
        return ProjectFile(name, plain, subdirectory=subdirectory)
    if parts.scheme not in ("https", "http", "file"):
        raise _Fault(f"addresses of kind '{parts.scheme}:' cannot be fetched; use https, http, file or git+https")
    filename = path.rstrip("/").rpartition("/")[2]
    if is_file_url(url) and os.path.isdir(path_of(url)):
        return ProjectFile(filename, plain, subdirectory=subdirectory)
    if filename.endswith(".whl"):
        try:
            parse_wheel_filename(filename)
        except InvalidWheelFilename as error:
            raise _Fault(f"{filename!r} is not the name of a wheel (NAME-VERSION-PYTHON-ABI-PLATFORM.whl)") from error
    elif not filename.endswith(SDIST_ENDINGS):
        raise _Fault(f"it names neither a wheel (….whl) nor a source archive ({', '.join(SDIST_ENDINGS)})")
    if is_file_url(url) and not os.path.isfile(path_of(url)):
        raise _Fault(f"there is no file {path_of(url)}")
    return ProjectFile(filename, plain, _hashes(parts.fragment), subdirectory=subdirectory)


def _subdirectory(fragment: str) -> str:
    """What ``subdirectory=`` in a fragment says."""
    pairs = (pair.partition("=") for pair in fragment.split("&"))
    return next((unquote(value).strip("/") for key, _, value in pairs if key == "subdirectory"), "")


def _hashes(fragment: str) -> dict[str, str]:
    """The hashes among the ``key=value`` pairs of a fragment, as indexes and pip write them."""
    hashes = {}
    for pair in filter(None, fragment.split("&")):
        algorithm, _, digest = pair.partition("=")
        if algorithm not in HASH_LENGTHS:
            continue
        if not re.fullmatch(rf"[0-9a-fA-F]{{{HASH_LENGTHS[algorithm]}}}", digest):
            raise _Fault(f"the {algorithm} after '#' must have {HASH_LENGTHS[algorithm]} hexadecimal digits")
        hashes[algorithm] = digest.lower()
    return hashes


def _require_same_project(name: NormalizedName, file: ProjectFile) -> None:
    if not file.is_wheel:
        return  # its metadata tell
    project, *_ = parse_wheel_filename(file.filename)
    if project != name:
        raise _Fault(f"the address names a wheel of {project!r}, not of {name!r}")


# --- PEP 508 ----------------------------------------------------------------------------------------------


def _parse_pep508(text: str) -> Requirement:
    try:
        parsed = pep508(text)
    except Pep508Error as error:
        raise _Fault(diagnose(text, error)) from error
    if parsed.url is not None and not _SCHEME.match(parsed.url) and not _VCS.match(parsed.url):
        raise _Fault(diagnose(text, None))
    if re.search(r"\.(?:txt|toml|in)$", text):
        raise _Fault("it is the name of a file, not of a project")
    return parsed
