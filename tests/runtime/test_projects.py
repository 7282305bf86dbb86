"""Projects whose C code opens paths: modules that stand in for them ask the kernel, as their code in C does.

The projects themselves are in platform_tests/programs.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from mempip.runtime.overlay import consumers, projects
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("these modules ask a POSIX kernel", allow_module_level=True)
if sys.platform == "linux":
    from mempip_native.linux import probe_library

posix = __import__("posix")

KERNEL = '''
import posix

def read(path):
    """What fopen would: in the kernel's name space, not in Python's."""
    descriptor = posix.open(path, posix.O_RDONLY)
    try:
        return posix.read(descriptor, 100).decode()
    finally:
        posix.close(descriptor)
'''

CV2 = """
from kernel import read

imread = read

class CascadeClassifier:
    @classmethod
    def convert(cls):
        return "converted"
    def __init__(self, *filename):
        self.text = read(*filename) if filename else ""
"""

ETREE = """
from kernel import read

class Resolver:
    def resolve_string(self, data, context, *, base_url):
        return data, base_url

class XMLParser:
    def __init__(self):
        self.resolvers = set()

def parse(source, parser=None, *, base_url=None):
    text = source.read().decode() if hasattr(source, "read") else read(source)
    included = [resolver.resolve(url, "", None) for url in text.split()[1:] for resolver in parser.resolvers]
    return text, base_url, included
"""

ONNXRUNTIME = """
from kernel import read

class InferenceSession:
    def __init__(self, path_or_bytes, providers=()):
        self.model = path_or_bytes.decode() if isinstance(path_or_bytes, bytes) else read(path_or_bytes)
        self.providers = providers
"""

OPENSSL = """
from kernel import read

class Context:
    def load_verify_locations(self, cafile, capath=None):
        self.found = read(cafile)
    def use_certificate_chain_file(self, certfile):
        self.found = read(certfile)
    def use_certificate_file(self, certfile, filetype=1):
        self.found = read(certfile), filetype
    def use_privatekey_file(self, keyfile, filetype=1):
        self.found = read(keyfile), filetype
"""

PYCURL = """
from kernel import read

CAINFO, CAINFO_BLOB, URL = 1, 2, 3

class Curl:
    def setopt(self, option, value):
        self.found = read(value) if option == CAINFO else value
"""

PKGDATA = """
import os

def getResource(identifier, pkgname=__name__):
    return open(os.path.join(os.path.dirname(__file__), identifier), "rb")
"""

OPENCC = """
from zipfile import ZipFile

from kernel import read

class OpenCC:
    def __init__(self, config="t2s", include_tofu_risk_dictionaries=True, resource_zip=None):
        self.config = config if "." in config else config + ".json"
        self.tofu = include_tofu_risk_dictionaries
        self.text = read(config) if resource_zip is None else ZipFile(resource_zip).read(self.config).decode()
"""

PROTOC = """
from kernel import read

def run_main(args):
    names = [word[2:].decode() for word in args[1:-1]]
    return [name if "=" not in name else (name.partition("=")[0], read(name.partition("=")[2])) for name in names]
"""

SQLITE_VEC = """
import os

def loadable_path():
    return os.path.join(os.path.dirname(__file__), "vec0")

def load(conn):
    conn.load_extension(loadable_path())
"""

PATHS = """
ENV_JUPYTER_PATH, ENV_CONFIG_PATH = ["/prefix/share/jupyter"], ["/prefix/etc/jupyter"]
"""

LIBRARY = probe_library.build(probe_library.MACHINES[platform.machine()]) if sys.platform == "linux" else b""

FILES: dict[str, str | bytes] = {
    "kernel.py": KERNEL,
    "cv2.py": CV2,
    "grpc_tools/_protoc_compiler.py": PROTOC,
    "grpc_tools/_proto/google/time.proto": "time",
    "grpc_tools/_proto/tea.proto": "tea",
    "jupyter_core/paths.py": PATHS,
    "lxml/etree.py": ETREE,
    "onnxruntime/capi/onnxruntime_inference_collection.py": ONNXRUNTIME,
    "opencc/__init__.py": OPENCC,
    "opencc/clib/share/opencc/s2t.json": "simplified to traditional",
    "OpenSSL/SSL.py": OPENSSL,
    "pycurl.py": PYCURL,
    "pygame/pkgdata.py": PKGDATA,
    "pygame/font.ttf": "a font",
    "sqlite_vec/__init__.py": SQLITE_VEC,
    "sqlite_vec/vec0.so": LIBRARY,
    "data/file": "a file",
}


class Project:
    """The module called `name`, from an active environment at `root`."""

    def __init__(self, name: str) -> None:
        self.environment = environment(build_wheel("made", "1.0", FILES))
        self.environment.activate()
        self.root = self.environment.root
        self.file = f"{self.root}/data/file"
        self.module: Any = importlib.import_module(name)


@pytest.fixture
def project(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    for name in list(sys.modules):
        if name.partition(".")[0] in {path.partition("/")[0].removesuffix(".py") for path in FILES}:
            monkeypatch.delitem(sys.modules, name)
    found = Project(request.param)
    yield found
    found.environment.close()


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("project", [name], indirect=True)


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    path = tmp_path / "file"
    path.write_text("elsewhere")
    return str(path)


@of("cv2")
def test_cv2(project: Project, elsewhere: str) -> None:
    cv2 = project.module
    adapted = cv2.CascadeClassifier
    assert (cv2.imread(project.file), cv2.imread(elsewhere)) == ("a file", "elsewhere")
    assert (adapted(project.file).text, adapted(elsewhere).text, adapted().text) == ("a file", "elsewhere", "")
    assert isinstance(adapted(), adapted)
    assert adapted.convert() == "converted"
    with pytest.raises(FileNotFoundError):
        adapted(f"{project.root}/data/none")
    consumers.remove()
    assert cv2.CascadeClassifier is not adapted
    with pytest.raises(FileNotFoundError):
        cv2.imread(project.file)


@of("jupyter_core.paths")
def test_jupyter(project: Project) -> None:
    paths = project.module
    found = (paths.ENV_JUPYTER_PATH, paths.ENV_CONFIG_PATH)
    assert found == (
        [f"{project.root}/share/jupyter", "/prefix/share/jupyter"],
        [f"{project.root}/etc/jupyter", "/prefix/etc/jupyter"],
    )
    consumers.remove()
    assert (paths.ENV_JUPYTER_PATH, paths.ENV_CONFIG_PATH) == (["/prefix/share/jupyter"], ["/prefix/etc/jupyter"])


@of("lxml.etree")
def test_lxml(project: Project, elsewhere: str, tmp_path: Path) -> None:
    etree = project.module
    assert etree.parse(project.file) == ("a file", project.file, [None])
    assert etree.parse(project.file, etree.XMLParser(), base_url="base") == ("a file", "base", [None])
    assert etree.parse(elsewhere, etree.XMLParser()) == ("elsewhere", None, [])
    parser = etree.XMLParser()
    etree.parse(project.file, parser)
    (tmp_path / "including").write_text(f"including file://{project.file} {elsewhere}")
    included = [(b"a file", f"file://{project.file}"), None]
    assert etree.parse(str(tmp_path / "including"), parser)[2] == included


@of("onnxruntime.capi.onnxruntime_inference_collection")
def test_onnxruntime(project: Project, elsewhere: str) -> None:
    start = project.module.InferenceSession
    assert (start(project.file).model, start(elsewhere).model, start(b"bytes").model) == (
        "a file",
        "elsewhere",
        "bytes",
    )
    assert start(project.file, providers=["one"]).providers == ["one"]


@of("opencc")
def test_opencc(project: Project, elsewhere: str, tmp_path: Path) -> None:
    start = project.module.OpenCC
    found = start("s2t", False)
    assert (found.text, found.tofu) == ("simplified to traditional", False)
    assert found.config == f"{project.root}/opencc/clib/share/opencc/s2t.json"
    assert start(elsewhere).text == "elsewhere"
    with ZipFile(tmp_path / "resources.zip", "w") as archive:
        archive.writestr("s2t.json", "own")
    assert start("s2t", resource_zip=str(tmp_path / "resources.zip")).text == "own"


def test_opencc_that_takes_no_archives() -> None:
    class OpenCC:
        def __init__(self, config: str = "t2s") -> None: ...

    start = OpenCC.__init__
    projects.ADAPTED["opencc"](SimpleNamespace(OpenCC=OpenCC, __file__=__file__))()
    assert OpenCC.__init__ is start


@of("grpc_tools._protoc_compiler")
def test_protoc(project: Project) -> None:
    shipped = f"{project.root}/grpc_tools/_proto"
    found = [("google/time.proto", "time"), ("tea.proto", "tea")]
    for given in ([f"-I{shipped}"], ["-I", shipped], [f"--proto_path={shipped}"], ["--proto_path", shipped]):
        words = ["protoc", "-I.", *given, "own.proto"]
        first, *others = project.module.run_main([word.encode() for word in words])
        assert (first, sorted(others)) == (".", found)


class Connection:
    """A connection of SQLite, which opens libraries itself; it keeps what it was told to call."""

    def load_extension(self, path: str) -> None:
        posix.close(posix.open(f"{path}.so", os.O_RDONLY))
        self.called = None

    def execute(self, statement: str, values: tuple[str]) -> None:
        posix.close(posix.open(values[0], os.O_RDONLY))
        self.called = statement


@pytest.mark.skipif(sys.platform != "linux", reason="libraries are loaded from memory on Linux")
@of("sqlite_vec")
def test_sqlite_vec(project: Project, monkeypatch: pytest.MonkeyPatch, elsewhere: str) -> None:
    connection = Connection()
    project.module.load(connection)
    assert connection.called == "SELECT load_extension(?, 'sqlite3_vec_init')"
    os.rename(elsewhere, f"{elsewhere}.so")
    monkeypatch.setattr(project.module, "loadable_path", lambda: elsewhere)
    project.module.load(connection)
    assert connection.called is None


@of("OpenSSL.SSL")
def test_pyopenssl(project: Project, elsewhere: str) -> None:
    context = project.module.Context()
    for path, expected in ((project.file, "a file"), (elsewhere, "elsewhere")):
        context.load_verify_locations(path)
        assert context.found == expected
        context.use_certificate_chain_file(path)
        assert context.found == expected
        for method in (context.use_certificate_file, context.use_privatekey_file):
            method(path, 2)
            assert context.found == (expected, 2)
    consumers.remove()
    with pytest.raises(FileNotFoundError):
        context.load_verify_locations(project.file)


@of("pycurl")
def test_pycurl(project: Project, elsewhere: str) -> None:
    pycurl = project.module
    curl = pycurl.Curl()
    curl.setopt(pycurl.CAINFO, project.file)
    assert curl.found == b"a file"
    curl.setopt(pycurl.CAINFO, elsewhere)
    assert curl.found == "elsewhere"
    curl.setopt(pycurl.URL, project.file)
    assert curl.found == project.file


@of("pygame.pkgdata")
def test_pygame(project: Project, elsewhere: str) -> None:
    with project.module.getResource("font.ttf") as stream:
        assert (stream.read(), hasattr(stream, "name")) == (b"a font", False)
    with project.module.getResource(elsewhere) as stream:
        assert (stream.read(), stream.name) == (b"elsewhere", elsewhere)
