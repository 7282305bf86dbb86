"""The light half's reader of ELF headers against pyelftools, on every library of wheels that people use."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from mempip_native.analysis.elf import analyse, preflight, system_lacks
from mempip_native.linux import linker
from mempip_native.linux.elf import Elf
from platform_tests.support.index import download

if TYPE_CHECKING:
    from pathlib import Path

PROJECTS = ["numpy", "scipy", "pandas", "pyarrow", "pillow", "lxml"]


def read_libraries(directory: Path) -> dict[str, bytes]:
    found = {}
    for wheel in directory.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if ".so" in name.rpartition("/")[2] and (content := archive.read(name)).startswith(b"\x7fELF"):
                    found[name] = content
    return found


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    directory = tmp_path_factory.mktemp("wheels")
    download(PROJECTS, directory)
    return read_libraries(directory)


@pytest.mark.network
def test_both_readers_agree(libraries: dict[str, bytes]) -> None:
    assert len(libraries) > 200
    for path, content in libraries.items():
        read, report = Elf(content), analyse(io.BytesIO(content), path)
        ours = (read.bits, read.soname, read.needed, read.runpath or read.rpath, read.glibc(), read.tls_size)
        theirs = (report.bits, report.soname, report.needed, report.rpath, report.glibc, report.tls_size)
        assert ours == theirs, path


@pytest.mark.network
def test_this_machine_lacks_nothing(libraries: dict[str, bytes]) -> None:
    openers = {path: lambda content=content: io.BytesIO(content) for path, content in libraries.items()}
    machine = analyse(io.BytesIO(next(iter(libraries.values()))), "any").machine
    assert preflight(openers, machine=machine, glibc=linker.glibc_version(), lacking=system_lacks) == []
