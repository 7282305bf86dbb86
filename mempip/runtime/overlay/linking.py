"""Libraries that are opened by path with dlopen, for `consumers`: what ctypes, cffi and SQLite have in common.

cffi is not of the standard library, but what ctypes is to it is cffi to many packages: the way to open a library.
"""

from __future__ import annotations

import os

from mempip.runtime.overlay.tree import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip_native.libraries import Anchor


class Loadable:
    """``path`` is one that dlopen can open while the ``with`` statement lasts, with what the library needs loaded.

    It is the path given unless that is one of an environment's, which have an ``anchor``. Raises `OSError` in the
    dynamic linker's words.
    """

    def __init__(self, path: Any) -> None:
        self.path = path
        self.anchor: Anchor | None = None

    def __enter__(self) -> Loadable:
        if locate(self.path) is not None:
            self.anchor = library(self.path)
            self.path = self.anchor.path
        return self

    def __exit__(self, *error: object) -> None:
        if self.anchor is not None:
            self.anchor.close()


def library(path: Any) -> Anchor:
    """Return the anchor of the library at `path`, in memory. Raises `OSError` in the dynamic linker's words."""
    found = locate(path)
    if found is None or found.entry is None or found.environment is None:
        raise OSError(f"{os.fsdecode(path)}: {_UNREADABLE[found is not None and found.is_directory]}")
    try:
        return found.environment.library(found.environment.path(found.relative))
    except ImportError as error:
        raise OSError(str(error)) from error


_UNREADABLE = {
    True: "cannot read file data: Is a directory",
    False: "cannot open shared object file: No such file or directory",
}


def cffi(backend: Any) -> Callable[[], None]:
    """Adapt cffi's extension module: ``dlopen`` of its own FFI class, and the function that `cffi.FFI` calls."""
    original_function, original_class = backend.load_library, backend.FFI

    def load_library(name: Any = None, flags: int = 0) -> Any:
        with Loadable(name) as library:
            return original_function(library.path, flags)

    class FFI(original_class):  # type: ignore[misc, valid-type]  # its methods cannot be replaced, as a builtin's cannot
        __doc__ = original_class.__doc__
        __module__ = original_class.__module__

        def dlopen(self, name: Any, flags: int = 0) -> Any:
            with Loadable(name) as library:
                return super().dlopen(library.path, flags)

    FFI.__qualname__ = "FFI"
    load_library.__doc__ = original_function.__doc__
    backend.load_library, backend.FFI = load_library, FFI

    def undo() -> None:
        backend.load_library, backend.FFI = original_function, original_class

    return undo


def sqlite_vec(package: Any) -> Callable[[], None]:
    """Adapt sqlite-vec: SQLite opens an extension by path, and tells by its name what to call, unless it is told."""
    original = package.load

    def load(conn: Any) -> None:
        path = f"{package.loadable_path()}.so"
        if locate(path) is None:
            original(conn)
            return
        with Loadable(path) as library:
            conn.execute("SELECT load_extension(?, 'sqlite3_vec_init')", (library.path,))

    load.__doc__ = original.__doc__
    package.load = load
    return lambda: setattr(package, "load", original)
