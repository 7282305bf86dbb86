"""What an adapter supports, found by trying it. A program: run with an adapter's name, it prints a JSON object.

It runs in the Python that is asked, on any system; the index that its environment names is `conformance.index`.
Standard library and mempip only.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata
import importlib.resources
import json
import mmap
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from typing import TYPE_CHECKING

import mempip

if TYPE_CHECKING:
    from collections.abc import Callable

ADAPTER = sys.argv[1] if __name__ == "__main__" else ""
FEATURES: dict[str, Callable[[], object]] = {}


def feature(name: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register what shows a feature: it is there if that returns something true."""

    def register(function: Callable[[], object]) -> Callable[[], object]:
        FEATURES[name] = function
        return function

    return register


@feature("pure Python, `importlib.metadata`")
def pure() -> object:
    import made

    return made.__version__ == importlib.metadata.version("made") == "1.0" and "made==1.0" in mempip.freeze()


@feature("extension modules")
def extension_modules() -> object:
    import yaml

    return yaml.load("a: [1]", yaml.CSafeLoader) == {"a": [1]}


@feature("files by path: `open`, `os`, `pathlib`")
def files_by_path() -> object:
    import made

    directory = os.path.dirname(made.__file__)
    with open(made.__file__, encoding="utf-8") as file:
        return "__init__.py" in os.listdir(directory) and file.read() == pathlib.Path(made.__file__).read_text()


@feature("descriptors of files: `fileno()`, `mmap`")
def descriptors() -> object:
    import made

    with open(made.__file__, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return mapped[:] == file.read()


@feature("files by path for code in C (view `mount`)")
def mount() -> object:
    with mempip.install("by-mount", adapter=ADAPTER, files="mount"):
        import by_mount

        return subprocess.check_output(["cat", by_mount.__file__]) == pathlib.Path(by_mount.__file__).read_bytes()


@feature("`ctypes.CDLL` by path")
def ctypes_libraries() -> object:
    return library().PyInit__yaml


@feature("… with prototypes")
def ctypes_prototypes() -> object:
    return ctypes.CFUNCTYPE(ctypes.c_void_p)(("PyInit__yaml", library()))


def library() -> ctypes.CDLL:
    import yaml._yaml

    return ctypes.CDLL(yaml._yaml.__file__)


@feature("children: `subprocess`")
def children() -> object:
    return b"1.0" in subprocess.check_output([sys.executable, "-c", "import made, yaml; print(made.__version__)"])


@feature("children: `multiprocessing`, spawn")
def spawned() -> object:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(importlib.metadata.version, ("made",)) == "1.0"


@feature("children: `os.fork`")
def forked() -> object:
    process = os.fork()
    if not process:
        import yaml

        os._exit(yaml.__name__ != "yaml")
    return os.waitpid(process, 0)[1] == 0


@feature("programs of packages")
def programs() -> object:
    import made

    script = os.path.join(os.path.dirname(os.path.dirname(made.__file__)), "bin", "a-script")
    return subprocess.check_output([script]).split() == [b"ran"]


@feature("builds of sources")
def builds() -> object:
    with mempip.install("demo", adapter=ADAPTER):
        import demo

        return demo.answer == 42


@feature("store: installer of one call")
def one_call() -> object:
    with mempip.install("by-one-call", adapter=ADAPTER, daemon=""):
        import by_one_call

        return by_one_call.__version__ == "1.0"


@feature("store: `mempipd`")
def daemon() -> object:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "socket")
        process = subprocess.Popen(
            [sys.executable, "-m", "mempip", "daemon", "start", "--socket", path], stdout=subprocess.DEVNULL
        )
        try:
            while not os.path.exists(path):
                if process.poll() is not None:
                    return False
                time.sleep(0.02)
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # which it would be that an installer of one call took its place
                with mempip.install("by-daemon", adapter=ADAPTER, daemon=path):
                    import by_daemon

                    return by_daemon.__version__ == "1.0"
        finally:
            process.kill()
            process.wait()


def found(shows: Callable[[], object]) -> bool:
    try:
        return bool(shows())
    except Exception:  # noqa: BLE001 - whatever it is, the feature is not there
        traceback.print_exc()
        return False


if __name__ == "__main__":
    mempip.install("made", "pyyaml", adapter=ADAPTER)
    with contextlib.redirect_stdout(sys.stderr):
        results = {name: found(shows) for name, shows in FEATURES.items()}
    print(json.dumps(results))
