"""Values that the index rooms hand to the resolver: project files, candidates and their metadata.

All are tuples: there may be thousands of them, and dataclasses take several times as long to be made and defined.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from packaging.version import Version

#: The rank of a source: every wheel is better.
SOURCE_RANK = 1 << 30


class ProjectFile(NamedTuple):
    """One file that a Simple API page or a directory of wheels lists (PEP 503, 592, 691, 700, 714).

    A source that the user names directly is one, too: an archive, a directory, or a repository.
    """

    filename: str
    url: str  #: absolute; ``file:`` for local files
    hashes: Mapping[str, str] = MappingProxyType({})  #: algorithm → hex digest
    requires_python: str = ""
    yanked: str | None = None  #: ``None``: not yanked; otherwise the reason, which may be empty
    core_metadata: Mapping[str, str] | None = None  #: hashes of ``url + ".metadata"``; ``None``: not advertised
    size: int | None = None  #: bytes
    source: str = ""  #: the index or directory that listed it, without credentials
    subdirectory: str = ""  #: where in a source the project is
    upload_time: str = ""  #: RFC 3339, as the index has it (PEP 700)
    editable: bool = False  #: a directory whose modules are imported from where they are

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel; everything else has to be built."""
        return self.filename.endswith(".whl")


class Candidate(NamedTuple):
    """The best file of a project's version that this interpreter can use: a wheel, or else a source to build."""

    name: NormalizedName
    version: Version
    file: ProjectFile
    rank: int  #: position of its best tag among the interpreter's, or `SOURCE_RANK`; lower is better

    @property
    def yanked(self) -> bool:
        return self.file.yanked is not None


class Metadata(NamedTuple):
    """What the resolver needs of a wheel's METADATA (core metadata specification)."""

    name: NormalizedName
    version: Version
    requires: Sequence[Requirement]
    provides_extras: frozenset[NormalizedName]
    requires_python: SpecifierSet
    raw: bytes = b""  #: the file itself
