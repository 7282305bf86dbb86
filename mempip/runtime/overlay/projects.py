"""Projects on PyPI whose C code opens paths of packaged files, and what their callers pass instead.

An adaptation is worth its lines if it makes what most programs do with a project work, through the project's own
public interface: bytes where it takes bytes, the path of a descriptor where the file's name does not matter. What it
returns puts everything back.
"""

from __future__ import annotations

import os

from mempip.runtime.finder import ENVIRONMENTS
from mempip.runtime.overlay.adapting import Readable, contents, replace_method
from mempip.runtime.overlay.linking import Loadable
from mempip.runtime.overlay.tree import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Undo = Callable[[], None]


def _set(owner: Any, **attributes: Any) -> Undo:
    """Set attributes; return what sets those that were there before."""
    before = {name: getattr(owner, name) for name in attributes}
    for name, value in attributes.items():
        setattr(owner, name, value)

    def undo() -> None:
        for name, value in before.items():
            setattr(owner, name, value)

    return undo


def _cv2(cv2: Any) -> Undo:
    """OpenCV reads cascades and images by path; it tells their formats by what is in them."""
    read, cascade = cv2.imread, cv2.CascadeClassifier

    def imread(filename: Any, *args: Any, **kwargs: Any) -> Any:
        with Readable(filename) as path:
            return read(path, *args, **kwargs)

    class Stand(type):  # in for a class that crashes when it is derived from
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, cascade)

        def __getattr__(cls, name: str) -> Any:
            return getattr(cascade, name)

    class CascadeClassifier(metaclass=Stand):
        __doc__ = cascade.__doc__
        __module__ = cascade.__module__

        def __new__(cls, *filename: Any) -> Any:
            if not filename:
                return cascade()
            with Readable(filename[0]) as path:
                return cascade(path, *filename[1:])

    imread.__doc__ = read.__doc__
    return _set(cv2, imread=imread, CascadeClassifier=CascadeClassifier)


def _lxml(etree: Any) -> Undo:
    """libxml2 opens documents by path, and what they include."""
    original = etree.parse

    class Resolver(etree.Resolver):  # type: ignore[misc]
        def resolve(self, url: str, public_id: str, context: Any) -> Any:
            found = locate(url.removeprefix("file://"))
            return None if found is None else self.resolve_string(contents(found), context, base_url=url)

    resolver = Resolver()

    def parse(source: Any, parser: Any = None, *, base_url: str | None = None) -> Any:
        found = locate(source)
        if found is None:
            return original(source, parser, base_url=base_url)
        parser = etree.XMLParser() if parser is None else parser
        parser.resolvers.add(resolver)
        with open(found.open(os.O_RDONLY), "rb") as stream:
            return original(stream, parser, base_url=base_url or os.fsdecode(source))

    parse.__doc__ = original.__doc__
    return _set(etree, parse=parse)


def _onnxruntime(module: Any) -> Undo:
    """Models are opened by path, but taken as bytes, too."""
    original = module.InferenceSession.__init__

    def start(self: Any, path_or_bytes: Any, *args: Any, **kwargs: Any) -> None:
        found = None if isinstance(path_or_bytes, bytes) else locate(path_or_bytes)
        original(self, path_or_bytes if found is None else contents(found), *args, **kwargs)

    return replace_method(module.InferenceSession, "__init__", start)


def _pycurl(pycurl: Any) -> Undo:
    """libcurl opens certificates by path, but takes them as bytes, too."""
    original = pycurl.Curl
    names = ("CAINFO", "PROXY_CAINFO", "SSLCERT", "SSLKEY", "ISSUERCERT")
    blobs = {
        getattr(pycurl, name): getattr(pycurl, f"{name}_BLOB") for name in names if hasattr(pycurl, f"{name}_BLOB")
    }

    class Curl(original):  # type: ignore[misc, valid-type]
        __doc__ = original.__doc__
        __module__ = original.__module__

        def setopt(self, option: int, value: Any) -> Any:
            found = locate(value) if option in blobs else None
            if found is None:
                return super().setopt(option, value)
            return super().setopt(blobs[option], contents(found))

    return _set(pycurl, Curl=Curl)


def _pygame(pkgdata: Any) -> Undo:
    """SDL opens a resource, such as the default font, by its stream's name; without one it reads the stream."""
    original = pkgdata.getResource

    def resource(*args: Any, **kwargs: Any) -> Any:
        from io import BytesIO

        stream = original(*args, **kwargs)
        found = locate(getattr(stream, "name", None))
        if found is None:
            return stream
        with stream:
            return BytesIO(stream.read())

    resource.__doc__ = original.__doc__
    return _set(pkgdata, getResource=resource)


def _pyopenssl(module: Any) -> Undo:
    """OpenSSL opens certificates and keys by path."""
    context = module.Context
    load_locations = context.load_verify_locations

    def load_verify_locations(self: Any, cafile: Any, capath: Any = None) -> None:
        with Readable(cafile) as file:
            load_locations(self, file, capath)

    def reading(original: Callable[..., None]) -> Callable[..., None]:
        def use(self: Any, file: Any, *args: Any) -> None:
            with Readable(file) as path:
                original(self, path, *args)

        return use

    names = ("use_certificate_chain_file", "use_certificate_file", "use_privatekey_file")
    undo = [replace_method(context, name, reading(getattr(context, name))) for name in names]
    undo.append(replace_method(context, "load_verify_locations", load_verify_locations))

    def undo_all() -> None:
        for once in undo:
            once()

    return undo_all


def _opencc(opencc: Any) -> Undo:
    """C++ opens configurations and dictionaries by path, but newer versions take all of them in an archive, too."""
    original = opencc.OpenCC.__init__
    share = os.path.join(os.path.dirname(opencc.__file__), "clib", "share", "opencc")

    def start(self: Any, config: str = "t2s", *args: Any, **options: Any) -> None:
        found = locate(share)
        environment = None if found is None else found.environment
        if len(args) > 1 or "resource_zip" in options or environment is None or os.path.isfile(config):
            original(self, config, *args, **options)
            return
        from io import BytesIO
        from zipfile import ZipFile

        data = BytesIO()
        with ZipFile(data, "w") as archive:
            for name in os.listdir(share):
                archive.write(os.path.join(share, name), name)
        descriptor = environment.allocate("opencc", data.getvalue())
        try:
            original(self, config, *args, resource_zip=f"/proc/self/fd/{descriptor}", **options)
        finally:
            os.close(descriptor)
        self.config = os.path.join(share, self.config)

    if "resource_zip" not in original.__code__.co_varnames:
        return lambda: None
    return replace_method(opencc.OpenCC, "__init__", start)


def _protoc(compiler: Any) -> Undo:
    """protoc opens definitions by path; in the place of a directory of them, it takes each with the path of its own."""
    original = compiler.run_main

    def run_main(args: Sequence[bytes]) -> Any:
        from contextlib import ExitStack
        from glob import glob

        words: list[str] = []
        for word in map(os.fsdecode, args):
            if words and words[-1] in ("-I", "--proto_path"):
                words[-1] = f"-I{word}"
            else:
                words.append(word)
        given: list[str] = []
        with ExitStack() as files:
            for word in words:
                directory = word.removeprefix("-I").removeprefix("--proto_path=")
                if directory == word or locate(directory) is None:
                    given.append(word)
                    continue
                for path in glob(os.path.join(directory, "**", "*.proto"), recursive=True):
                    name = os.path.relpath(path, directory)
                    given.append(f"-I{name}={files.enter_context(Readable(path))}")
            return original([os.fsencode(word) for word in given])

    return _set(compiler, run_main=run_main)


def _sqlite_vec(package: Any) -> Undo:
    """SQLite opens an extension by path, and tells by the file's name what to call, unless it is told."""
    original = package.load

    def load(conn: Any) -> None:
        path = f"{package.loadable_path()}.so"
        if locate(path) is None:
            original(conn)
            return
        with Loadable(path) as library:
            conn.execute("SELECT load_extension(?, 'sqlite3_vec_init')", (library.path,))

    load.__doc__ = original.__doc__
    return _set(package, load=load)


def _jupyter(paths: Any) -> Undo:
    """Jupyter looks for templates, kernels and pages below ``sys.prefix``, where wheels install them."""
    shares = [f"{root}/share/jupyter" for root in ENVIRONMENTS]
    settings = [f"{root}/etc/jupyter" for root in ENVIRONMENTS]
    paths.ENV_JUPYTER_PATH[:0] = shares
    paths.ENV_CONFIG_PATH[:0] = settings

    def undo() -> None:
        for path in shares:
            paths.ENV_JUPYTER_PATH.remove(path)
        for path in settings:
            paths.ENV_CONFIG_PATH.remove(path)

    return undo


ADAPTED: dict[str, Callable[[Any], Undo]] = {
    "cv2": _cv2,
    "grpc_tools._protoc_compiler": _protoc,
    "jupyter_core.paths": _jupyter,
    "lxml.etree": _lxml,
    "onnxruntime.capi.onnxruntime_inference_collection": _onnxruntime,
    "opencc": _opencc,
    "OpenSSL.SSL": _pyopenssl,
    "pycurl": _pycurl,
    "pygame.pkgdata": _pygame,
    "sqlite_vec": _sqlite_vec,
}
