"""The ``mount`` view: packages' files in a read-only directory in memory that the kernel knows.

The import system, pathlib and C treat it as any directory, but for one thing: its path leads over a link, and what
that points to, the kernel's name for the directory, is no path that can be opened. So `os.path.realpath` is taught to
keep the root, and code in C that looks at links (`mempip_native.interposition`).
"""

from __future__ import annotations

import errno
import os
import posixpath
from importlib.machinery import ExtensionFileLoader
from pathlib import PurePosixPath

import mempip_native
from mempip.errors import DescriptorLimit, NotEnoughMemory, ViewUnavailable
from mempip.runtime.finder import ROOT_NAME, is_below
from mempip.runtime.patches import replace
from mempip_native.errors import AdapterUnavailable, HelperDied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from mempip.image.layout import Entry
    from mempip.image.reader import Image
    from mempip.runtime.environment import Environment
    from mempip_native import Adapter

DIRECTORY_MODE = 0o555
FILE_MODE = 0o444
EXECUTABLE = 0o111
_NO_ROOM = (errno.ENOSPC, errno.ENOMEM)

trees = mempip_native.trees
interposition = mempip_native.interposition


def check() -> None:
    """Raise `ViewUnavailable` if this machine forbids the view."""
    os.close(_build("check", lambda _: None, 0))


class Mount:
    """A directory tree under a descriptor of its own, whose number is part of its path and means nothing else, ever.

    The dynamic linker remembers the paths of what it loaded. A child that inherits the descriptor finds the tree at
    the same path. (See `mempip.runtime.views.View`.)
    """

    name = "mount"

    def __init__(self, number: int) -> None:
        self.number = number
        self.root = f"{trees.path(number)}/{ROOT_NAME}"

    @classmethod
    def of(cls, image: Image, files: Mapping[str, Entry] | None = None) -> Mount:
        """Return the view of a new tree with the files of `image`, or only with `files`. Raises a `MempipError`."""
        tree = _tree(image, dict(image.walk()) if files is None else files, os.urandom(6).hex())
        try:
            return cls(trees.place(tree))
        except OSError as error:
            raise DescriptorLimit(mempip_native.objects.limit(), 1) from error

    @classmethod
    def inherited(cls, root: str) -> Mount:
        """Return the view of the tree at `root`, which this process inherited. Raises `OSError` if there is none."""
        number = int(posixpath.basename(posixpath.dirname(root)))
        trees.adopt(number)
        return cls(number)

    def start(self, environment: Environment) -> None:
        """See `View.start`."""
        if not _known_as:
            replace({_kernels_realpath: realpath})
            if interposition.follow():
                ExtensionFileLoader.create_module = create_module  # type: ignore[method-assign]
        _known_as[trees.kernel_path(self.number)] = trees.path(self.number)
        _adapters[self.root] = environment.adapter

    def stop(self, environment: Environment) -> None:
        """See `View.stop`."""
        if self.number < 0:
            return
        _adapters.pop(self.root, None)
        if _known_as.pop(trees.kernel_path(self.number), None) and not _known_as:
            replace({realpath: _kernels_realpath})
            ExtensionFileLoader.create_module = _create_module  # type: ignore[method-assign]
            interposition.unfollow()
        self.close()

    def close(self) -> None:
        """Let go of the tree."""
        os.close(self.number)
        self.number = -1

    def descriptors(self) -> Sequence[int]:
        """See `View.descriptors`."""
        return (self.number,)

    def change(self, image: Image) -> None:
        """See `View.change`. What is open or mapped stays as it is; the tree so far is gone with the last of it."""
        name = posixpath.basename(trees.kernel_path(self.number))
        trees.replace(self.number, _tree(image, dict(image.walk()), name))


# --- filling a tree ----------------------------------------------------------------------------------------


def _tree(image: Image, files: Mapping[str, Entry], name: str) -> int:
    """Return the descriptor of a new tree called `name` with `files` of `image`. Raises a `MempipError`."""
    size = sum(entry.size for entry in files.values())
    return _build(name, lambda directory: _fill(image, files, directory), size)


def _build(name: str, fill: Callable[[int], None], size: int) -> int:
    """Return the descriptor of a new tree that `fill` fills with `size` bytes. Raises a `MempipError`."""
    try:
        return trees.build(name, fill)
    except AdapterUnavailable as error:
        raise ViewUnavailable("mount", str(error), f"{trees.REMEDY} files='overlay' needs neither.") from error
    except HelperDied as error:
        raise NotEnoughMemory(size, f"{error} while it wrote them, as when a limit is reached") from error
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NotEnoughMemory(size, os.strerror(error.errno)) from error
        if mempip_native.objects.exhausted(error):
            raise DescriptorLimit(mempip_native.objects.limit(), 1) from error
        raise ViewUnavailable("mount", str(error)) from error


def _fill(image: Image, files: Mapping[str, Entry], directory: int) -> None:
    """Write `files` to `ROOT_NAME` below the descriptor `directory`, with their times and modes."""
    parents = sorted({parent.as_posix() for path in files for parent in PurePosixPath(ROOT_NAME, path).parents})
    for path in parents[1:]:  # without "."
        os.mkdir(path, 0o755, dir_fd=directory)
    for path, entry in files.items():
        _write(image, path, entry, directory)
    for path in parents:
        os.utime(path, ns=(image.mtime_ns, image.mtime_ns), dir_fd=directory)
        os.chmod(path, DIRECTORY_MODE, dir_fd=directory)


def _write(image: Image, path: str, entry: Entry, directory: int) -> None:
    mode = FILE_MODE | entry.mode & EXECUTABLE
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(posixpath.join(ROOT_NAME, path), flags, mode, dir_fd=directory)
    try:
        for piece in image.pieces(entry):
            mempip_native.objects.write(descriptor, piece)
        os.utime(descriptor, (entry.mtime, entry.mtime))
    finally:
        os.close(descriptor)


# --- extension modules -------------------------------------------------------------------------------------

_adapters: dict[str, Adapter] = {}  # of memory objects, by root
_create_module = ExtensionFileLoader.create_module


def create_module(self: ExtensionFileLoader, spec: ModuleSpec) -> ModuleType:
    """Create an uninitialized extension module"""
    for root, adapter in _adapters.items():
        if is_below(self.path, root):
            interposition.connect_loaded(self.path, root, adapter)
    return _create_module(self, spec)


# --- realpath ----------------------------------------------------------------------------------------------

_known_as: dict[str, str] = {}  # the kernel's name for a tree → the path that programs know
_kernels_realpath = posixpath.realpath


def realpath(filename: Any, *, strict: Any = False) -> Any:
    """Return the canonical path of the specified filename, eliminating any symbolic links encountered in the path."""
    found = _kernels_realpath(filename)
    inside = _below_a_root(found)
    if inside is None:
        return _kernels_realpath(filename, strict=strict) if strict else found
    if strict is True:  # and not ALLOW_MISSING
        os.lstat(inside)
    return inside


realpath.__module__ = _kernels_realpath.__module__


def _below_a_root(found: Any) -> Any:
    """Return what `found`, the kernel's name of something in a tree, is for programs; ``None`` for other paths."""
    text = os.fsdecode(found)
    for name, root in _known_as.items():
        if text == name or text.startswith(name + "/"):
            path = root + text[len(name) :]
            return os.fsencode(path) if isinstance(found, bytes) else path
    return None
