"""The seam to mempip_native: an environment's libraries as its loader wants to see them, errors translated."""

from __future__ import annotations

import mempip_native
from mempip.errors import DescriptorLimit, InvalidImage, LibraryNotLoadable
from mempip_native.errors import LoadError, NativeError
from mempip_native.libraries import LibraryLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from mempip.image.companions import Companions
    from mempip.image.layout import Entry
    from mempip.image.reader import Image
    from mempip_native import Adapter
    from mempip_native.libraries import Anchor


class Libraries:
    """Loads the libraries of an image. Paths are relative to the environment's root."""

    def __init__(self, image: Image, adapter: Adapter, companions: Companions) -> None:
        self._image = image
        self._companions = companions
        self._by_name: dict[str, list[str]] | None = None
        self._loader = LibraryLoader(adapter, self)

    def load(self, path: str) -> Anchor:
        """Return the anchor of the library at `path`, its bundled dependencies loaded.

        Raises `LibraryNotLoadable`, and `DescriptorLimit` if there is no descriptor left for it.
        """
        try:
            return self._loader.load(path)
        except LoadError as error:
            raise LibraryNotLoadable(error.library, error.reason, error.hint) from error
        except (NativeError, InvalidImage) as error:
            raise LibraryNotLoadable(path, str(error)) from error
        except OSError as error:
            if mempip_native.objects.exhausted(error):
                raise DescriptorLimit(mempip_native.objects.limit(), 1) from error
            raise LibraryNotLoadable(path, str(error)) from error

    def explain(self, path: str, message: str) -> LibraryNotLoadable:
        """Return the error that tells what the dynamic linker's `message` about `path` means."""
        error = self._loader.explain(path, message)
        return LibraryNotLoadable(error.library, error.reason, error.hint)

    # -- what mempip_native asks (its LibrarySource) ------------------------------------------------

    def exists(self, path: str) -> bool:
        return self._image.find(path) is not None

    def find(self, name: str) -> Sequence[str]:
        """Return the paths of all libraries that are needed by `name`."""
        if self._by_name is None:
            self._by_name = {}
            for directory in self._image.directories:
                for child in self._image.listing(directory) or ():
                    if key := LibraryLoader.name_of(child):
                        path = f"{directory}/{child}" if directory else child
                        self._by_name.setdefault(key, []).append(path)
        return self._by_name.get(name, [])

    def identity(self, path: str) -> object:
        entry = self._entry(path)
        return entry.size, entry.crc

    def inflate(self, path: str, fd: int) -> None:
        """Write the library's bytes into `fd`. Raises `InvalidImage` if they are damaged."""
        for piece in self._image.pieces(self._entry(path)):
            mempip_native.objects.write(fd, piece)

    def sealed(self, path: str) -> int | None:
        """Return a new descriptor of the library if a store has inflated it, else ``None``."""
        return self._companions.library(self._entry(path))

    def _entry(self, path: str) -> Entry:
        entry = self._image.find(path)
        if entry is None:
            raise InvalidImage(f"there is no library {path}")
        return entry
