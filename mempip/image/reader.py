"""Answers questions about an image: which directories, which files, which bytes."""

from __future__ import annotations

from mempip.errors import InvalidImage
from mempip.image import contents
from mempip.image.layout import DIRECTORY, ENTRY, HEADER, INDEX_OBJECT, MAGIC, MAX_OFFSET, Distribution, Entry
from mempip_native import objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Directories whose listings are kept: those that a program's imports go back and forth between.
KEPT = 256


class Image:
    """An open image: the index and the memory objects that it points into.

    `descriptors` are those of the objects by number, the index first; the image owns them and closes them. Raises
    `InvalidImage` if the index is damaged. Its time is later than `after`, in nanoseconds.
    """

    def __init__(self, descriptors: Sequence[int], *, after: int = 0) -> None:
        self.descriptors = list(descriptors)
        self.mtime_ns = after
        self._open_index()

    def _open_index(self) -> None:
        self._index = index = _read_all(self.descriptors[INDEX_OBJECT])
        if len(index) < HEADER.size or not index.startswith(MAGIC):
            raise InvalidImage("the index has no or another format's header")
        _, directories, entries, *lengths = HEADER.unpack_from(index)
        bounds = [HEADER.size, HEADER.size + directories * DIRECTORY.size]
        bounds.append(bounds[-1] + entries * ENTRY.size)
        for length in lengths:
            bounds.append(bounds[-1] + length)
        if bounds[-1] != len(index):
            raise InvalidImage(f"the index has {len(index)} bytes where its header promises {bounds[-1]}")
        self._directory_table, self._entry_table, paths, self._names, self._summary, self._data, _ = bounds
        self._entries = entries
        known = self._texts(paths, self._names)
        if len(known) != directories:
            raise InvalidImage("the index does not name each of its directories once")
        self._directories = dict(zip(known, range(directories), strict=True))
        self._distributions: list[Distribution] | None = None
        self._listed: dict[str, dict[str, int]] = {}  # paths are often looked up beside each other
        # When and for whom the tree came to be; a later one of the same image is always newer.
        status = objects.status(self.descriptors[INDEX_OBJECT])
        self.mtime_ns = max(status.st_mtime_ns, self.mtime_ns + 10**6)
        self.owner = status.st_uid, status.st_gid

    # -- the tree ---------------------------------------------------------------------------------

    @property
    def directories(self) -> Sequence[str]:
        """Paths of all directories, sorted, the root (``""``) first."""
        return list(self._directories)

    def listing(self, directory: str) -> dict[str, int] | None:
        """Return the children of `directory` as name → entry number, or ``None`` if there is no such directory."""
        listed = self._listed.get(directory)
        if listed is not None:
            return listed
        number = self._directories.get(directory)
        if number is None:
            return None
        at = self._directory_table + number * DIRECTORY.size
        first, count, start, length = DIRECTORY.unpack_from(self._index, at)
        start += self._names
        names = self._texts(start, start + length) if count else []
        if len(names) != count or start + length > self._summary or first + count > self._entries:
            raise InvalidImage(f"the directory {directory!r} points outside of the index")
        children = dict(zip(names, range(first, first + count), strict=True))
        if len(self._listed) == KEPT:
            self._listed.clear()
        self._listed[directory] = children
        return children

    def _texts(self, start: int, end: int) -> list[str]:
        """Return the texts in a part of the index."""
        try:
            return self._index[start:end].decode().split("\0")
        except UnicodeDecodeError as error:
            raise InvalidImage(f"the index is not UTF-8 between {start} and {end}") from error

    def entry(self, number: int) -> Entry:
        """Return the entry with that number."""
        return Entry(*ENTRY.unpack_from(self._index, self._entry_table + number * ENTRY.size))

    def is_directory(self, path: str) -> bool:
        """Return whether `path` is a directory."""
        return path in self._directories

    def find(self, path: str) -> Entry | None:
        """Return the entry at `path`, or ``None`` if there is none. The root has no entry."""
        number = self.number(path)
        return None if number is None else self.entry(number)

    def number(self, path: str) -> int | None:
        """Return the number of the entry at `path`, or ``None`` if there is none."""
        parent, _, name = path.rpartition("/")
        return (self.listing(parent) or {}).get(name)

    def walk(self) -> Iterator[tuple[str, Entry]]:
        """Yield the path and entry of every file."""
        for directory in self._directories:
            for name, number in (self.listing(directory) or {}).items():
                entry = self.entry(number)
                if not entry.is_directory:
                    yield f"{directory}/{name}" if directory else name, entry

    # -- contents ---------------------------------------------------------------------------------

    def read(self, entry: Entry) -> bytes:
        """Return the contents of a file. Raises `InvalidImage` if they are not what the index promises."""
        return contents.read(*self._placed(entry))

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """Yield the contents of a file piece by piece; raises like `read`, after the last piece at the latest."""
        return contents.pieces(*self._placed(entry))

    def _placed(self, entry: Entry) -> tuple[int, Entry]:
        """Return the entry's object and the entry, with its offset from the object's start for files in the index."""
        if entry.object >= len(self.descriptors) or entry.offset + entry.stored > MAX_OFFSET:
            raise InvalidImage(f"an entry points to {entry.offset} in object {entry.object}, which is not there")
        if entry.object == INDEX_OBJECT:
            entry = Entry(entry.offset + self._data, entry.stored, entry.size, entry.crc)
        return self.descriptors[entry.object], entry

    # -- the whole ----------------------------------------------------------------------------------

    @property
    def distributions(self) -> list[Distribution]:
        """The distributions in the image, in the order of their installation."""
        if self._distributions is None:
            import json

            try:
                summary = json.loads(self._index[self._summary : self._data])
                self._distributions = [Distribution(**row) for row in summary["distributions"]]
            except (KeyError, RecursionError, TypeError, ValueError) as error:
                raise InvalidImage(f"the index's summary cannot be read ({error})") from error
        return self._distributions

    def changed(self, descriptor: int) -> Image:
        """Return what this image would be with the index in `descriptor`; the objects stay this one's to close."""
        objects = (number for at, number in enumerate(self.descriptors) if at != INDEX_OBJECT)
        return Image([descriptor, *objects], after=self.mtime_ns)

    def replace_index(self, descriptor: int) -> int:
        """Answer from the index in `descriptor` from now on; it points into the same objects.

        Returns the descriptor of the one so far, which is the caller's to close.
        """
        before = self.descriptors[INDEX_OBJECT]
        self.descriptors[INDEX_OBJECT] = descriptor
        self._open_index()
        return before

    def close(self) -> None:
        """Close the descriptors. Nothing can be read afterwards."""
        while self.descriptors:
            objects.close(self.descriptors.pop())


def _read_all(descriptor: int) -> bytes:
    size = objects.status(descriptor).st_size
    data = objects.read_at(descriptor, size, 0)
    while len(data) < size:
        more = objects.read_at(descriptor, size - len(data), len(data))
        if not more:
            raise InvalidImage("the index is shorter than its object")
        data += more
    return data
