"""An environment: an image made importable in this process, and the ones that are active now."""

from __future__ import annotations

import errno
import os
import sys

import mempip_native
from mempip.errors import AlreadyImported, DescriptorLimit, NotInstalled
from mempip.image.companions import Companions
from mempip.image.layout import normalize
from mempip.image.reader import Image
from mempip.runtime import adaptations, children, finder, projects, views
from mempip.runtime.programs import Programs
from mempip.runtime.pth import Additions
from mempip.runtime.sealed import SealedFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType, TracebackType
    from typing import Any

    from mempip.errors import LibraryNotLoadable
    from mempip.image.layout import Distribution, Entry
    from mempip.runtime.libraries import Libraries
    from mempip.runtime.views import View
    from mempip_native import Adapter
    from mempip_native.libraries import Anchor


#: Root → environment, for all environments that modules may still be imported from, in whatever view.
KNOWN: dict[str, Environment] = {}


class Environment:
    """Packages in memory, importable while their root is on ``sys.path``.

    Usable as a context manager: leaving it takes the environment off ``sys.path``. Modules that were imported
    stay, as they do when a directory is taken off, and go on importing their own submodules.

    ``root`` is the absolute path that stands for the environment in ``__file__`` and on ``sys.path``; ``view`` is
    the way in which files are reached below it.
    """

    def __init__(self, image: Image, adapter: Adapter, view: View, companions: Companions) -> None:
        self.image = image
        self.companions = companions
        self.view = view
        self.root = view.root
        self.files = SealedFiles(image, adapter)
        self.programs = Programs(image, self.files)
        self.adapter = adapter
        self._libraries: Libraries | None = None
        self._additions: Additions | None = None

    @classmethod
    def open(
        cls,
        descriptors: Sequence[int],
        adapter: str,
        files: str = "overlay",
        root: str = "",
        companions: Mapping[str, Any] | None = None,
    ) -> Environment:
        """Return the environment of the image in `descriptors`, which it owns from now on.

        `adapter` is the name of the memory adapter that was found to work here, and `files` that of the view. In a
        child process, `root` is the environment's root in its parent. `companions` is the table of those
        (`Companions.table`) whose objects are the last of the descriptors. Raises a `MempipError`, and `OSError` if
        nothing of the parent's is below `root`.
        """
        try:
            own, found = Companions.behind(descriptors, companions)
            image = Image(own)
            view = views.inherited(root) if root else views.make(files, image)
            return cls(image, mempip_native.get(adapter), view, found)
        except BaseException:
            for descriptor in descriptors:
                mempip_native.objects.close(descriptor)
            raise

    def __repr__(self) -> str:
        names = ", ".join(f"{row.name}=={row.version}" for row in self.distributions)
        return f"<Environment {self.root}: {names}>"

    def __enter__(self) -> Environment:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # -- on sys.path ------------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        """Whether the environment is on ``sys.path``."""
        return self.root in sys.path

    def activate(self) -> None:
        """Put the environment on ``sys.path``, behind the standard library and before every site-packages.

        Its ``.pth`` files are run.

        Raises `AlreadyImported` if a module in use belongs to another version of a project in it; then nothing
        has changed.
        """
        if self.active:
            return
        self._refuse_other_versions()
        if not KNOWN:
            adaptations.add(projects.ADAPTED)
        KNOWN[self.root] = self
        self.view.start(self)
        sys.path.insert(_position(), self.root)
        try:
            children.publish(active())
        except OSError as error:
            if mempip_native.objects.exhausted(error):
                raise DescriptorLimit(mempip_native.objects.limit(), 1) from error
            raise
        self._additions = Additions(self.root, self.image.listing("") or ())

    def close(self) -> None:
        """Take the environment off ``sys.path``, with what its ``.pth`` files added.

        Its memory is released if no module was imported from it.
        """
        if self._additions is not None:
            self._additions.remove()
            self._additions = None
        if self.root in sys.path:
            sys.path.remove(self.root)
        if self.root in KNOWN:  # whoever took it off the path did not tell children
            children.publish(active())
        if not self._in_use():
            KNOWN.pop(self.root, None)
            if not KNOWN:
                adaptations.remove(projects.ADAPTED)
            self.view.stop(self)
            self._forget_finders()
            self.files.clear()
            self.programs.close()
            self.companions.close()
            self.image.close()

    def _in_use(self) -> bool:
        inside = self.root + os.sep
        for module in list(sys.modules.values()):
            origin = getattr(getattr(module, "__spec__", None), "origin", None)
            if isinstance(origin, str) and origin.startswith(inside):
                return True
        return False

    def _forget_finders(self) -> None:
        """Have importlib ask anew what there is to import."""
        for path in [path for path in sys.path_importer_cache if finder.is_below(path, self.root)]:
            del sys.path_importer_cache[path]

    def _refuse_other_versions(self) -> None:
        tops = self.image.listing("") or {}
        imported: dict[int, str] = {}  # object → name of a module that is in use
        for child, number in tops.items():
            name = child.partition(".")[0]
            module = sys.modules.get(name)
            if module is None or getattr(module, "__file__", None) is None:
                continue  # not imported, or a namespace package, which many projects share
            entry = self.image.entry(number)
            if entry.is_directory:
                inside = self.image.find(f"{child}/__init__.py")
                if inside is None:
                    continue
                entry = inside
            imported.setdefault(entry.object, name)
        if not imported:
            return
        for row in self.distributions:
            if row.object in imported:
                version = _imported_version(row.name, sys.modules[imported[row.object]])
                if version is not None and version != row.version:
                    raise AlreadyImported(row.name, version, row.version)

    # -- what is installed --------------------------------------------------------------------------

    @property
    def distributions(self) -> list[Distribution]:
        """The distributions in the environment, in the order of their installation."""
        return self.image.distributions

    def distribution(self, project: str) -> Distribution | None:
        """Return the distribution of `project` (any spelling of its name), or ``None`` if it is not there."""
        key = normalize(project)
        return next((row for row in self.distributions if row.key == key), None)

    def uninstall(self, project: str) -> None:
        """Take a project out of the environment. Modules that are imported already stay.

        Raises `NotInstalled` if it is not there. If it fails, nothing has changed.
        """
        from mempip.image.projects import files_without
        from mempip.image.writer import write_index

        gone = self.distribution(project)
        if gone is None:
            raise NotInstalled(project)
        files = files_without(self.image, [gone])
        index = self.allocate("index", write_index(files, [row for row in self.distributions if row is not gone]))
        with children.unchanged():
            try:
                self.view.change(self.image.changed(index))
            except BaseException:
                mempip_native.objects.close(index)
                raise
            self.files.clear()
            before = self.image.replace_index(index)
            self._forget_finders()
            try:
                children.publish(active())
            finally:
                # Only now: a child that is started without the lock has the handover so far.
                mempip_native.objects.close(before)

    def allocate(self, name: str, data: bytes) -> int:
        """Return the descriptor of a sealed memory object that holds `data`."""
        return mempip_native.sealed(self.adapter, name, [data])

    # -- files ----------------------------------------------------------------------------------------

    def path(self, relative: str) -> str:
        """Return the absolute path of something in the environment; ``""`` is the root."""
        return f"{self.root}{os.sep}{relative.replace('/', os.sep)}" if relative else self.root

    def relative(self, path: str) -> str:
        """Return `path` relative to the root. Raises `FileNotFoundError` for a path outside of it."""
        if not finder.is_below(path, self.root):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return path[len(self.root) + 1 :].replace(os.sep, "/")

    def read(self, path: str) -> bytes:
        """Return the contents of the file at `path`. Raises `OSError`: no such file, or it is a directory."""
        return self.image.read(self._file(path))

    def code(self, path: str) -> bytes | None:
        """Return the marshalled code of the module whose source is at `path`, if a store compiled it."""
        entry = self.image.find(self.relative(path))
        return None if entry is None else self.companions.code(entry)

    def is_file(self, path: str) -> bool:
        """Return whether there is a file at `path`."""
        try:
            self._file(path)
        except OSError:
            return False
        return True

    def is_directory(self, path: str) -> bool:
        """Return whether `path` is a directory of the environment."""
        return finder.is_below(path, self.root) and self.image.is_directory(self.relative(path))

    def listdir(self, path: str) -> list[str]:
        """Return the names in the directory at `path`. Raises `OSError`: no such directory, or it is a file."""
        listing = self.image.listing(self.relative(path))
        if listing is None:
            code = errno.ENOTDIR if self.is_file(path) else errno.ENOENT
            raise OSError(code, os.strerror(code), path)
        return list(listing)

    def _file(self, path: str) -> Entry:
        relative = self.relative(path)
        entry = self.image.find(relative)
        if entry is None or entry.is_directory:
            code = errno.EISDIR if self.image.is_directory(relative) else errno.ENOENT
            raise OSError(code, os.strerror(code), path)
        return entry

    # -- libraries --------------------------------------------------------------------------------------

    def library(self, path: str) -> Anchor:
        """Return the anchor of the library at `path`, its bundled dependencies loaded.

        Raises `LibraryNotLoadable`.
        """
        return self._loader().load(self.relative(path))

    def explain(self, path: str, message: str) -> LibraryNotLoadable:
        """Return the error that tells what the dynamic linker's `message` about the library at `path` means."""
        return self._loader().explain(self.relative(path), message)

    def _loader(self) -> Libraries:
        if self._libraries is None:
            from mempip.runtime.libraries import Libraries

            self._libraries = Libraries(self.image, self.adapter, self.companions)
        return self._libraries


def _imported_version(project: str, module: ModuleType) -> str | None:
    """Return the version of `project` that the imported `module` is of, or ``None`` if nobody knows.

    A module from memory answers for its own environment, which may have left ``sys.path`` since.
    """
    from mempip.runtime.distributions import installed_version

    for root, environment in KNOWN.items():
        if (module.__file__ or "").startswith(root + os.sep):
            row = environment.distribution(project)
            return row.version if row is not None else None
    return installed_version(project)


def active() -> list[Environment]:
    """Return the environments on ``sys.path``, in its order."""
    known = (KNOWN.get(path) for path in sys.path)
    return [environment for environment in known if environment is not None]


def distributions() -> list[Distribution]:
    """Return the distributions that imports find in memory, sorted by name: of two versions, the one that shadows."""
    found: dict[str, Distribution] = {}
    for environment in active():
        for row in environment.distributions:
            found.setdefault(row.key, row)
    return [found[key] for key in sorted(found)]


def holding(project: str) -> Environment:
    """Return the first active environment that has `project`. Raises `NotInstalled`."""
    for environment in active():
        if environment.distribution(project) is not None:
            return environment
    raise NotInstalled(project)


def installed() -> list[dict[str, Any]]:
    """Return what an installer must know of the distributions in memory: name, version, requirements (PEP 508)."""
    if not KNOWN:
        return []
    from mempip.image.projects import describe

    return [describe(holding(row.name).image, row) for row in distributions()]


def _position() -> int:
    """Return where on ``sys.path`` a root belongs: before other roots and every site-packages directory."""
    for number, path in enumerate(sys.path[1:], start=1):  # the first is the program's own, whatever it is called
        name = os.path.basename(path.rstrip(os.sep)) if isinstance(path, str) else ""
        if name in ("site-packages", "dist-packages") or path in KNOWN:
            return number
    return len(sys.path)
