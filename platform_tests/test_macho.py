"""macOS wheels that people use, looked at on any system: the light half's reader, delocate's graph, a dyld of rules."""

from __future__ import annotations

import os
import types
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mempip_native.analysis import macho as analysis
from mempip_native.macos import macho, objects, staging
from mempip_native.macos.adapter import SharedMemory
from mempip_native.macos.loader import LibraryLoader
from mempip_native.macos.resolution import resolve, search_path
from platform_tests.support.index import download
from tests.support.dyld import FakeDyld
from tests.support.libraries import MemorySource

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECTS = ["numpy", "scipy", "pillow", "pyyaml", "shapely", "lxml", "cryptography", "torch"]
ARCHITECTURES = ["arm64", "x86_64"]
VERSIONS = ["10_9", "10_12", "10_13", "10_14", "10_15", "11_0", "12_0", "13_0", "14_0"]

pytestmark = pytest.mark.network


class Source(MemorySource):
    """A wheel that is unpacked, as an environment."""

    def inflate(self, path: str, fd: int) -> None:
        objects.write(fd, self.files[path])


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """(project, architecture) → the directory where its wheel is unpacked."""
    found = {}
    for architecture in ARCHITECTURES:
        tags = [f"--platform=macosx_{version}_{kind}" for version in VERSIONS for kind in (architecture, "universal2")]
        options = [
            "--no-deps",
            "--python-version=3.12",
            "--implementation=cp",
            "--abi=cp312",
            "--abi=abi3",
            "--abi=none",
        ]
        for project in PROJECTS:
            directory = tmp_path_factory.mktemp(f"{project}-{architecture}")
            download([project], directory, [*options, *tags])
            (wheel,) = directory.glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(directory / "tree")
            found[project, architecture] = directory / "tree"
    return found


@pytest.fixture(scope="module")
def reports(wheels: dict[tuple[str, str], Path]) -> dict[tuple[str, str], analysis.Report]:
    return {which: analysis.analyse(str(tree)) for which, tree in wheels.items()}


def libraries(tree: Path, report: analysis.Report) -> Iterator[tuple[str, bytes]]:
    for path in report.slices:
        yield path, (tree / path).read_bytes()


def test_nothing_is_broken_or_missing(reports: dict[tuple[str, str], analysis.Report]) -> None:
    assert {which: (report.broken, report.missing) for which, report in reports.items()} == dict.fromkeys(
        reports, ({}, {})
    )


def test_both_readers_agree(
    wheels: dict[tuple[str, str], Path], reports: dict[tuple[str, str], analysis.Report]
) -> None:
    count: Counter[str] = Counter()
    for which, tree in wheels.items():
        for path, content in libraries(tree, reports[which]):
            ours = [
                analysis.Slice(
                    one.architecture,
                    analysis.KINDS[one.kind],
                    one.install_name,
                    one.needed,
                    one.rpaths,
                    one.signed,
                )
                for one in macho.slices(content)
            ]
            assert ours == reports[which].slices[path], (which, path)
            count["files"] += 1
            count["slices"] += len(ours)
    print(dict(count))
    assert count["files"] > 300


def test_libraries_are_found_where_delocate_finds_them(
    wheels: dict[tuple[str, str], Path], reports: dict[tuple[str, str], analysis.Report]
) -> None:
    count = 0
    for which, tree in wheels.items():
        report = reports[which]
        source = Source(dict(libraries(tree, report)))
        graph: dict[str, dict[str, str]] = {}
        for path, content in source.files.items():
            for part in macho.slices(content):
                for name in part.needed:
                    found = resolve(name, path, search_path(part, path, ()), source) or name
                    graph.setdefault(found, {})[path] = name
        assert graph == report.graph, which
        count += sum(len(users) for library, users in graph.items() if not library.startswith("/"))
    print(f"{count} dependencies within wheels")
    assert count > 100


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_bundle_loads_by_dylds_rules(
    wheels: dict[tuple[str, str], Path],
    reports: dict[tuple[str, str], analysis.Report],
    architecture: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each library comes once, whoever needs it; no file of a bundle stays, and none at all at the end."""
    monkeypatch.setenv(staging.VARIABLE, str(tmp_path))
    monkeypatch.setattr(os, "uname", lambda: types.SimpleNamespace(machine=architecture))
    for project in PROJECTS:
        which = project, architecture
        source = Source(dict(libraries(wheels[which], reports[which])))
        dyld = FakeDyld(architecture)
        loader = LibraryLoader(SharedMemory(), source, dyld)  # type: ignore[arg-type]
        ways: Counter[str] = Counter()
        for path, content in source.files.items():
            kind = macho.slice_for(content, architecture).kind
            if kind == macho.MH_BUNDLE or path.endswith(".abi3.so"):
                with loader.load(path) as anchor:
                    ways["linked" if anchor.handle else "staged"] += 1
                    if not anchor.handle:
                        dyld.dlopen(anchor.path)
        print(project, architecture, dict(ways), len(dyld.images), "images")
        assert ways
        assert dyld.leaked == 0
        contents = Counter(image.content for image in dyld.images)
        assert set(contents.values()) == {1}
        left = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert all(macho.slice_for(path.read_bytes(), architecture).kind == macho.MH_DYLIB for path in left)
        assert loader._stage is not None
        loader._stage.close()
        assert list(tmp_path.iterdir()) == []
