"""What one place lists of a project: files by version, read when somebody looks at them, since few ever are.

Pure: what there is to read of a file comes from a page, or is the file itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from mempip.installer.index.filenames import version_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from packaging.utils import NormalizedName

    from mempip.installer.index.model import ProjectFile

Row = TypeVar("Row")


class Listing(Generic[Row]):
    """The files of a project by version, as file names spell it (``releases``), in the order of their place."""

    def __init__(
        self,
        rows: Iterable[tuple[str, Row]],
        read: Callable[[Row], ProjectFile | None],
        project: NormalizedName,
        wanted: Callable[[str], bool] | None = None,
    ) -> None:
        """Take of `rows`, each with the name of its file, those that belong to `project` and are `wanted`, by name.

        `read` makes a file of a row, or returns ``None`` for one that cannot be read.
        """
        self.releases: dict[str, list[Row]] = {}
        self._read = read
        known: dict[str, bool] = {}
        for filename, row in rows:
            # Cheapest question first: most files of a page are for other systems.
            if wanted is None or wanted(filename):
                version = version_in(filename, project, known)
                if version is not None:
                    self.releases.setdefault(version, []).append(row)

    def files(self, version: str) -> Iterator[ProjectFile]:
        """Yield the files of a version, one of ``releases``."""
        return filter(None, map(self._read, self.releases[version]))

    def __iter__(self) -> Iterator[ProjectFile]:
        """Yield all files, version by version."""
        for version in self.releases:
            yield from self.files(version)


def listing_of(files: Iterable[ProjectFile], project: NormalizedName) -> Listing[ProjectFile]:
    """Return the listing of files that have been read."""
    return Listing(((file.filename, file) for file in files), _itself, project)


def _itself(file: ProjectFile) -> ProjectFile:
    return file
