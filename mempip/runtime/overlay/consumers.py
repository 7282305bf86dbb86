"""Modules behind which the system's libraries open paths: ssl, sqlite3, ctypes of the standard library, and others."""

from __future__ import annotations

import os

from mempip.runtime import adaptations
from mempip.runtime.overlay.adapting import Readable, contents, replace_method
from mempip.runtime.overlay.linking import Loadable, cffi, sqlite_vec
from mempip.runtime.overlay.tree import locate
from mempip.runtime.patches import replace
from mempip_native import NativeError, objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mempip.runtime.overlay.tree import Location
    from mempip_native.libraries import Anchor


def install() -> None:
    """Adapt the modules that are imported, and the others once they are."""
    adaptations.add(_ADAPTED)


def remove() -> None:
    """Put the modules back to what they were."""
    adaptations.remove(_ADAPTED)


# --- ssl -----------------------------------------------------------------------------------------------


def _ssl(ssl: Any) -> Callable[[], None]:
    """OpenSSL opens certificates by path."""
    load_locations, load_chain = ssl.SSLContext.load_verify_locations, ssl.SSLContext.load_cert_chain

    def load_verify_locations(self: Any, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        found = None if objects.HAVE_PATHS else locate(cafile)
        if found is not None:
            load_locations(self, None, None, contents(found).decode("ascii", "ignore"))
            if capath is None and cadata is None:
                return
            cafile = None
        with Readable(cafile) as file:
            load_locations(self, file, capath, cadata)

    def load_cert_chain(self: Any, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
        with Readable(certfile) as certificate, Readable(keyfile) as key:
            load_chain(self, certificate, key, password)

    undo_locations = replace_method(ssl.SSLContext, "load_verify_locations", load_verify_locations)
    undo_chain = replace_method(ssl.SSLContext, "load_cert_chain", load_cert_chain)

    def undo() -> None:
        undo_locations()
        undo_chain()

    return undo


# --- sqlite3 -------------------------------------------------------------------------------------------


def _sqlite3(dbapi2: Any) -> Callable[[], None]:
    """SQLite follows the link that a descriptor's path is, so the database is handed over as bytes, read-only."""
    original = dbapi2.connect

    def connect(database: Any, *args: Any, **kwargs: Any) -> Any:
        found = _database(database, uri=kwargs.get("uri", args[6] if len(args) > 6 else False))
        if found is None:
            return original(database, *args, **kwargs)
        if found.entry is None:
            raise dbapi2.OperationalError("unable to open database file")
        if not hasattr(dbapi2.Connection, "deserialize"):
            raise dbapi2.OperationalError(f"unable to open {database!r}: databases in memory need Python 3.11")
        connection = original(":memory:", *args, **kwargs)
        connection.deserialize(_without_journal(contents(found)))
        connection.execute("PRAGMA query_only = 1")
        return connection

    connect.__doc__ = original.__doc__
    connect.__module__ = original.__module__
    connect.__wrapped__ = original  # type: ignore[attr-defined]
    replace({original: connect})
    return lambda: replace({connect: original})


def _database(database: Any, *, uri: bool) -> Location | None:
    if uri and isinstance(database, str) and database.startswith("file:"):
        from urllib.parse import unquote

        path = database[len("file:") :].partition("#")[0].partition("?")[0]
        if path.startswith("//"):  # an authority, which may be empty or localhost
            path = "/" + path[2:].partition("/")[2]
        database = unquote(path)
    return locate(database)


def _without_journal(data: bytes) -> bytes:
    """Return a database in rollback mode: SQLite has no write-ahead log for memory (file format, 1.3.3)."""
    return data[:18] + b"\x01\x01" + data[20:] if data[18:20] == b"\x02\x02" else data


# --- ctypes --------------------------------------------------------------------------------------------


def _ctypes(ctypes: Any) -> Callable[[], None]:
    """Libraries by path go through mempip_native, with what they need of the environment loaded before them."""
    original = ctypes.CDLL.__init__

    def load(
        self: Any, name: Any, mode: int = ctypes.DEFAULT_MODE, handle: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        with Loadable(name if handle is None else None) as loadable:
            anchor = loadable.anchor
            if anchor is not None and anchor.handle:
                original(self, os.fsdecode(name), mode, anchor.handle, *args, **kwargs)
                self._FuncPtr = _by_address(self._FuncPtr, anchor)
            else:
                original(self, name if handle is not None else loadable.path, mode, handle, *args, **kwargs)
        self._name = name

    return replace_method(ctypes.CDLL, "__init__", load)


def _by_address(function: Callable[..., Any], anchor: Anchor) -> Callable[[Any], Any]:
    """Return what makes a function of a library that ctypes cannot ask for names: the first of a key's parts."""

    def find(key: Any) -> Any:
        try:
            return function(anchor.address(key[0]))
        except NativeError as error:
            raise AttributeError(f"function {key[0]!r} not found") from error

    return find


_ADAPTED: dict[str, Callable[[Any], Callable[[], None]]] = {
    "ssl": _ssl,
    "sqlite3.dbapi2": _sqlite3,
    "ctypes": _ctypes,
    "_cffi_backend": cffi,
    "sqlite_vec": sqlite_vec,
}
