"""Source distributions made to measure, with a build backend of their own inside: they need nothing to be built."""

from __future__ import annotations

import io
import tarfile
import textwrap
from typing import TYPE_CHECKING

from tests.support.wheel_factory import core_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: A whole backend (PEP 517, PEP 660). It takes name, version and requirements from project.txt.
BACKEND = """
import os, zipfile

NAME, VERSION, *REQUIRES = open("project.txt").read().splitlines()
INFO = f"{NAME}-{VERSION}.dist-info"
METADATA = f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: {VERSION}\\n" + "".join(
    f"Requires-Dist: {requirement}\\n" for requirement in REQUIRES
)
WHEEL = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"


def _wheel(directory, files):
    files = {**files, f"{INFO}/METADATA": METADATA, f"{INFO}/WHEEL": WHEEL}
    name = f"{NAME}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        import base64, hashlib
        rows = []
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            rows.append(f"{path},sha256={digest},{len(text.encode())}\\n")
        archive.writestr(f"{INFO}/RECORD", "".join([*rows, f"{INFO}/RECORD,,\\n"]))
    return name


def build_wheel(directory, config_settings=None, metadata_directory=None):
    print("building", NAME)
    settings = repr(sorted((config_settings or {}).items()))
    return _wheel(directory, {f"{NAME}.py": open(f"{NAME}.py").read() + f"\\nsettings = {settings}\\n"})


def build_editable(directory, config_settings=None, metadata_directory=None):
    return _wheel(directory, {f"{NAME}.pth": os.getcwd() + "\\n"})
"""

PYPROJECT = '[build-system]\nrequires = {requires}\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def project_files(
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    build_requires: Iterable[str] = (),
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the files of a project; its module has an ``answer``. `more` is added to them, or replaces some."""
    return {
        "pyproject.toml": PYPROJECT.format(requires=list(build_requires)),
        "backend.py": BACKEND,
        "project.txt": "\n".join([name, version, *requires]),
        f"{name}.py": "answer = 42\n",
        **{path: textwrap.dedent(text) for path, text in (more or {}).items()},
    }


def build_sdist(name: str, version: str, **options: object) -> tuple[str, bytes]:
    """Return the file name and the bytes of an sdist; `options` are those of `project_files`."""
    stem = f"{name}-{version}"
    files = project_files(name, version, **options)  # type: ignore[arg-type]
    return f"{stem}.tar.gz", archive({f"{stem}/{path}": text.encode() for path, text in files.items()})


def static_sdist(
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    requires_python: str | None = None,
) -> tuple[str, bytes]:
    """Return the file name and the bytes of an sdist that says all of itself without being built (PEP 643)."""
    stem = f"{name.replace('-', '_')}-{version}"
    text = core_metadata(name, version, requires, extras or {}, requires_python, metadata_version="2.2")
    return f"{stem}.tar.gz", archive({f"{stem}/PKG-INFO": text.encode()})


def archive(members: Mapping[str, bytes | tarfile.TarInfo]) -> bytes:
    """Return a .tar.gz of `members`: contents, or a whole `TarInfo` for what is no file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for path, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()
