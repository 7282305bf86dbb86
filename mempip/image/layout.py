"""The byte layout of an image's index. Constants and value types only.

An image is a list of memory objects. Object 0 is the index; the others are wheels, verbatim. The index is
little-endian and has these parts, in this order:

``HEADER``
    magic, format version, number of directories, of entries, and the lengths of the parts below.
directories
    one ``DIRECTORY`` record each, sorted by path: number of its first entry, number of entries, where its
    children's names start in *names*, and their length.
entries
    one ``ENTRY`` record per file or subdirectory; the children of a directory are neighbours, sorted by name.
paths
    the directories' paths, UTF-8, separated by NUL, in the order of their records. The root is ``""``.
names
    the children's names, UTF-8, separated by NUL, directory by directory.
summary
    JSON: the distributions and what else describes the image as a whole.
data
    contents of files that no wheel holds (``INSTALLER``, ``direct_url.json``).

So opening an index is two splits, and listing a directory one more: nothing is parsed before it is wanted.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

MAGIC: Final = b"mempip\x00\x01"
HEADER: Final = struct.Struct("<8sIIQQQQ")  # magic, directories, entries, paths, names, summary, data (bytes)
DIRECTORY: Final = struct.Struct("<IIQI")  # first entry, entries, offset in names, bytes in names
ENTRY: Final = struct.Struct("<QQQIIHHBB2x")  # the fields of `Entry`, in order

INDEX_OBJECT: Final = 0
MAX_OFFSET: Final = 1 << 62  # bytes; more than any object has

STORED: Final = 0
DEFLATED: Final = 8

FILE: Final = 0
DIRECTORY_KIND: Final = 1


class Entry:
    """A file or a subdirectory of the environment.

    ``object``: number of the memory object that holds the file's bytes; ``offset`` and ``stored``: where they
    are in it, in bytes; ``method``: `STORED` or `DEFLATED` (raw deflate, RFC 1951); ``size`` and ``crc``: of the
    contents; ``mode``: permission bits; ``mtime``: seconds since the epoch; ``kind``: `FILE` or
    `DIRECTORY_KIND`.
    """

    __slots__ = ("crc", "kind", "method", "mode", "mtime", "object", "offset", "size", "stored")

    def __init__(
        self,
        offset: int,
        stored: int,
        size: int,
        crc: int = 0,
        mtime: int = 0,
        object: int = INDEX_OBJECT,  # noqa: A002 - the layout's own word
        mode: int = 0o444,
        method: int = STORED,
        kind: int = FILE,
    ) -> None:
        self.offset = offset
        self.stored = stored
        self.size = size
        self.crc = crc
        self.mtime = mtime
        self.object = object
        self.mode = mode
        self.method = method
        self.kind = kind

    @property
    def is_directory(self) -> bool:
        return self.kind == DIRECTORY_KIND

    def within(self, number: int) -> Entry:
        """Return the same file as an entry of the memory object with that number."""
        return Entry(
            self.offset, self.stored, self.size, self.crc, self.mtime, number, self.mode, self.method, self.kind
        )

    def pack(self) -> bytes:
        """Return the entry as an ``ENTRY`` record."""
        return ENTRY.pack(
            self.offset, self.stored, self.size, self.crc, self.mtime, self.object, self.mode, self.method, self.kind
        )


class Distribution:
    """An installed distribution: its name as its publisher writes it, and where its parts are.

    ``dist_info`` is the path of its ``.dist-info`` directory; ``object`` the number of its wheel's memory object;
    ``wheel`` the wheel's file name; ``sha256`` the hex digest of that object; ``requested`` whether the user
    asked for it by name; ``url`` where it came from, without credentials.
    """

    __slots__ = ("dist_info", "name", "object", "requested", "sha256", "url", "version", "wheel")

    def __init__(
        self,
        name: str,
        version: str,
        *,
        dist_info: str,
        object: int,  # noqa: A002 - the layout's own word
        wheel: str = "",
        sha256: str = "",
        requested: bool = False,
        url: str = "",
    ) -> None:
        self.name = name
        self.version = version
        self.dist_info = dist_info
        self.object = object
        self.wheel = wheel
        self.sha256 = sha256
        self.requested = requested
        self.url = url

    def within(self, number: int) -> Distribution:
        """Return the same distribution, its wheel being the memory object with that number."""
        return Distribution(**{**self.to_wire(), "object": number})  # type: ignore[arg-type]

    @property
    def key(self) -> str:
        """The name in the form that compares (PEP 503)."""
        return normalize(self.name)

    def __repr__(self) -> str:
        return f"Distribution({self.name!r}, {self.version!r})"

    def to_wire(self) -> dict[str, str | int | bool]:
        """Return the distribution as a JSON-able dictionary."""
        return {name: getattr(self, name) for name in self.__slots__}


def normalize(name: str) -> str:
    """Return the normalised form of a project's name: lower case, one ``-`` for each run of ``-_.`` (PEP 503)."""
    return "-".join(filter(None, name.lower().replace("_", "-").replace(".", "-").split("-")))
