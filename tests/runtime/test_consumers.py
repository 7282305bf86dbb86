"""ssl, sqlite3, ctypes and cffi, whose C code opens paths itself, on files below an environment's root."""

from __future__ import annotations

import ctypes
import os
import platform
import sqlite3
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import _cffi_backend
import cffi
import pytest

from mempip.runtime import adaptations
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mempip.runtime.environment import Environment

PEM = (Path(__file__).parents[1] / "support" / "loopback.pem").read_bytes()


def active(files: dict[str, str | bytes]) -> Environment:
    env = environment(build_wheel("made", "1.0", files))
    env.activate()
    return env


class TestSsl:
    @pytest.fixture
    def root(self) -> Iterator[str]:
        with active({"certs/both.pem": PEM}) as env:
            yield env.root

    def test_certificate_authorities(self, root: str) -> None:
        context = ssl.create_default_context(cafile=f"{root}/certs/both.pem")
        assert context.cert_store_stats()["x509"] == 1
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(Path(root, "certs/both.pem"))
        assert context.cert_store_stats()["x509"] == 1

    def test_certificates_and_keys(self, root: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{root}/certs/both.pem")
        context.load_cert_chain(f"{root}/certs/both.pem", keyfile=f"{root}/certs/both.pem")

    def test_what_is_not_there(self, root: str) -> None:
        with pytest.raises(FileNotFoundError):
            ssl.create_default_context(cafile=f"{root}/certs/none.pem")
        with pytest.raises(FileNotFoundError):
            ssl.create_default_context(cafile="/elsewhere/none.pem")
        with pytest.raises(TypeError):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations()

    def test_the_class_is_put_back(self) -> None:
        before = dict(vars(ssl.SSLContext))
        with active({}):
            assert dict(vars(ssl.SSLContext)) != before
        assert dict(vars(ssl.SSLContext)) == before


class TestSqlite:
    @pytest.fixture(params=["delete", "wal"])
    def database(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
        with sqlite3.connect(tmp_path / "x.db") as connection:
            connection.execute(f"PRAGMA journal_mode = {request.param}")
            connection.execute("CREATE TABLE t (a)")
            connection.execute("INSERT INTO t VALUES (7)")
        connection.close()
        with active({"data/x y.db": (tmp_path / "x.db").read_bytes()}) as env:
            yield f"{env.root}/data/x y.db"

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="sqlite3 takes a database as bytes since 3.11")
    @pytest.mark.filterwarnings("ignore:Passing more than 1 positional:DeprecationWarning")
    @pytest.mark.parametrize("spelling", ["path", "uri", "authority", "positional"])
    def test_reading(self, database: str, spelling: str) -> None:
        quoted = database.replace(" ", "%20")
        arguments: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
            "path": ((Path(database),), {"timeout": 1}),
            "uri": ((f"file:{quoted}?mode=ro",), {"uri": True}),
            "authority": ((f"file://localhost{quoted}",), {"uri": True, "check_same_thread": False}),
            "positional": ((database, 5.0, 0, "", True, sqlite3.Connection, 100, False), {}),
        }
        positional, named = arguments[spelling]
        connection = sqlite3.connect(*positional, **named)
        assert connection.execute("SELECT a FROM t").fetchall() == [(7,)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("INSERT INTO t VALUES (8)")
        connection.close()

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="autocommit is new in 3.12")
    def test_in_a_transaction_from_the_start(self, database: str) -> None:
        connection = sqlite3.connect(database, autocommit=False)
        assert connection.execute("SELECT a FROM t").fetchall() == [(7,)]
        connection.close()

    def test_older_pythons_say_so(self, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
        if sys.version_info >= (3, 11):
            monkeypatch.setattr(sqlite3.dbapi2, "Connection", object)
        with pytest.raises(sqlite3.OperationalError, match=r"need Python 3\.11"):
            sqlite3.connect(database)

    def test_what_is_not_there(self, database: str) -> None:
        with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
            sqlite3.connect(os.path.dirname(database) + "/none.db")

    def test_elsewhere(self, database: str, tmp_path: Path) -> None:
        connection = sqlite3.connect(f"file:{tmp_path}/x.db?mode=ro", uri=True)
        assert connection.execute("SELECT a FROM t").fetchall() == [(7,)]
        connection.close()
        sqlite3.connect(":memory:").close()

    def test_is_adapted_when_imported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("sqlite3", "sqlite3.dbapi2"):
            monkeypatch.delitem(sys.modules, name)
        with active({"none.txt": ""}):
            import sqlite3 as again

            loader = again.dbapi2.__spec__.loader  # type: ignore[attr-defined]
            assert "exec_module" not in vars(loader)
            assert again.connect is again.dbapi2.connect
            adapted = again.connect
            assert adapted.__wrapped__.__name__ == "connect"  # type: ignore[attr-defined]
        assert again.connect is adapted.__wrapped__  # type: ignore[attr-defined]

    def test_is_not_adapted_when_the_environment_is_gone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "sqlite3.dbapi2")
        with active({}):
            import importlib.util

            spec = importlib.util.find_spec("sqlite3.dbapi2")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert not hasattr(module.connect, "__wrapped__")


class TestWatcher:
    def test_finds_what_the_others_find(self) -> None:
        with active({}):
            assert adaptations._Watcher.find_spec("json") is None
            assert adaptations._Watcher.find_spec("ssl").name == "ssl"  # type: ignore[union-attr]

    def test_finds_nothing_where_the_others_do_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with active({}):
            monkeypatch.setattr(sys, "meta_path", [adaptations._Watcher])
            assert adaptations._Watcher.find_spec("ssl") is None

    def test_leaves_loaders_that_are_classes_alone(self) -> None:
        from importlib.machinery import BuiltinImporter

        adaptations._adapt_when_run(BuiltinImporter)
        adaptations._adapt_when_run(None)
        assert BuiltinImporter.exec_module.__name__ == "exec_module"


@pytest.fixture
def libraries() -> Iterator[str]:
    from mempip_native.linux import probe_library

    library = probe_library.build(probe_library.MACHINES[platform.machine()])
    with active({"made/libprobe.so": library, "made/broken.so": b"\x7fELF nonsense", "made/text.txt": "x"}) as env:
        yield env.root


@pytest.mark.skipif(sys.platform != "linux", reason="libraries are loaded from memory on Linux")
class TestCtypes:
    @pytest.fixture
    def root(self, libraries: str) -> str:
        return libraries

    def test_loading(self, root: str) -> None:
        for path in (f"{root}/made/libprobe.so", f"{root}/made/../made/libprobe.so"):
            library = ctypes.CDLL(path)
            assert library.mempip_probe() == 42
            assert library._name == path
            assert path in repr(library)

    def test_all_ways(self, root: str) -> None:
        path = f"{root}/made/libprobe.so"
        assert ctypes.CDLL(name=path, mode=ctypes.RTLD_GLOBAL).mempip_probe() == 42
        assert ctypes.cdll.LoadLibrary(path).mempip_probe() == 42
        assert ctypes.PyDLL(path).mempip_probe() == 42
        assert ctypes.CDLL(path, use_errno=True).mempip_probe() == 42
        handle = ctypes.CDLL(path)._handle
        assert ctypes.CDLL(path, handle=handle).mempip_probe() == 42

    @pytest.mark.parametrize(
        ("name", "message"), [("none.so", "No such file"), ("", "directory"), ("broken.so", "broken.so")]
    )
    def test_errors_are_those_of_ctypes(self, root: str, name: str, message: str) -> None:
        with pytest.raises(OSError, match=message):
            ctypes.CDLL(f"{root}/made/{name}")

    def test_elsewhere(self, root: str) -> None:
        assert ctypes.CDLL(None).getpid() == os.getpid()
        with pytest.raises(OSError, match="nowhere"):
            ctypes.CDLL("/nowhere/lib.so")


@pytest.mark.skipif(sys.platform != "linux", reason="libraries are loaded from memory on Linux")
class TestCffi:
    """Both of its FFI classes: the one in Python, and the one in C that modules written by ``emit_python_code`` use."""

    @pytest.fixture(params=["declared here", "declared in a module"])
    def ffi(self, request: pytest.FixtureRequest, libraries: str, tmp_path: Path) -> Any:
        ffi = cffi.FFI()
        ffi.cdef("int mempip_probe(void); int getpid(void);")
        if request.param == "declared here":
            return ffi
        ffi.set_source("made_declarations", None)
        ffi.emit_python_code(str(tmp_path / "made_declarations.py"))
        namespace: dict[str, Any] = {}
        exec((tmp_path / "made_declarations.py").read_text(), namespace)
        return namespace["ffi"]

    def test_loading(self, ffi: Any, libraries: str) -> None:
        for path in (f"{libraries}/made/libprobe.so", f"{libraries}/made/../made/libprobe.so"):
            library = ffi.dlopen(path, ffi.RTLD_NOW)
            assert library.mempip_probe() == 42
            ffi.dlclose(library)

    @pytest.mark.parametrize(
        ("name", "message"), [("none.so", "No such file"), ("", "directory"), ("broken.so", "broken.so")]
    )
    def test_errors_are_those_of_cffi(self, ffi: Any, libraries: str, name: str, message: str) -> None:
        with pytest.raises(OSError, match=message):
            ffi.dlopen(f"{libraries}/made/{name}")

    def test_elsewhere(self, ffi: Any, libraries: str) -> None:
        assert ffi.dlopen(None).getpid() == os.getpid()
        with pytest.raises(OSError, match="nowhere"):
            ffi.dlopen("/nowhere/lib.so")

    def test_is_put_back(self) -> None:
        before = _cffi_backend.FFI, _cffi_backend.load_library
        with active({}):
            assert _cffi_backend.FFI is not before[0]
            assert isinstance(_cffi_backend.FFI(), before[0])
        assert (_cffi_backend.FFI, _cffi_backend.load_library) == before
