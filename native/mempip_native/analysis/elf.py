"""What the ELF libraries of an environment ask of a machine, told before anything is loaded.

Heavy half: pyelftools, which reads sections and symbol versions by name. The light half reads what the
dynamic linker needs with `mempip_native.linux.elf`; the tests hold the two against each other.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from elftools.common.exceptions import ELFError
from elftools.construct import ConstructError
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from mempip_native.errors import InvalidElf

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    Kind = Literal["broken", "machine", "glibc", "missing", "collision"]

# What pyelftools raises for files that lie; it checks less than it reads.
FAULTS = (
    ELFError,
    ConstructError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
)
HASHED_NAME = re.compile(r"-[0-9a-f]{8,}\.")  # auditwheel's: such names tell versions apart by themselves


@dataclass(frozen=True)
class Report:
    """One library. ``glibc`` is the newest GLIBC version it needs, empty for none; ``tls_size`` is in bytes."""

    path: str
    machine: str  # pyelftools' name: "x64", "AArch64"
    bits: int
    soname: str
    needed: tuple[str, ...]
    rpath: str
    glibc: tuple[int, ...]
    tls_size: int


@dataclass(frozen=True)
class Finding:
    """Something that would fail, or behave unlike on disk, when `library` is loaded. ``detail`` is a sentence."""

    library: str
    kind: Kind
    detail: str


def analyse(stream: BinaryIO, path: str) -> Report:
    """Return the report on the library in `stream`, at `path` in its environment. Raises `InvalidElf`."""
    try:
        elf = ELFFile(stream)
        tags: dict[str, list[str]] = defaultdict(list)
        tls_size = 0
        for segment in elf.iter_segments():
            if isinstance(segment, DynamicSegment):
                for tag in segment.iter_tags():
                    for name in ("needed", "soname", "rpath", "runpath"):
                        if hasattr(tag, name):
                            tags[name].append(getattr(tag, name))
            elif segment["p_type"] == "PT_TLS":
                tls_size = segment["p_memsz"]
        return Report(
            path=path,
            machine=elf.get_machine_arch(),
            bits=elf.elfclass,
            soname="".join(tags["soname"][:1]),
            needed=tuple(tags["needed"]),
            rpath="".join((tags["runpath"] or tags["rpath"])[:1]),
            glibc=max(_glibc_versions(elf), default=()),
            tls_size=tls_size,
        )
    except FAULTS as error:
        raise InvalidElf(f"not a readable ELF file: {error}") from error


def preflight(
    libraries: Mapping[str, Callable[[], BinaryIO]],
    *,
    machine: str,
    glibc: tuple[int, ...],
    lacking: Callable[[Collection[str]], Collection[str]],
) -> list[Finding]:
    """Return what would fail if each of `libraries` (opened by path) were loaded, ordered by path.

    `machine` is as in `Report`, `glibc` the version of the target (empty: not glibc, versions are not
    compared). `lacking` says which of the named system libraries the target does not have;
    `system_lacks` is the one for this machine.
    """
    reports, findings = [], []
    for path, open_library in sorted(libraries.items()):
        with open_library() as stream:
            try:
                reports.append(analyse(stream, path))
            except InvalidElf as error:
                findings.append(Finding(path, "broken", str(error)))
    for report in reports:
        findings += _own_faults(report, machine, glibc)
    findings += _missing(reports, lacking)
    findings += _collisions(reports)
    return sorted(findings, key=lambda finding: (finding.library, finding.kind, finding.detail))


def system_lacks(names: Collection[str]) -> set[str]:
    """Return which of the libraries `names` the dynamic linker of this machine does not find.

    They are loaded in a child process, so that nothing of them stays here; one that crashes exists.
    """
    import os

    from mempip_native.linux import linker
    from mempip_native.linux.probe import fork

    reader, writer = os.pipe()
    child = fork()
    if child == 0:
        try:
            for name in names:
                try:
                    linker.dlopen(name, linker.LATER)
                except OSError as error:
                    if str(error).startswith(name):  # and not one that it needs in its turn
                        os.write(writer, os.fsencode(name) + b"\n")
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        missing = pipe.read().splitlines()
    os.waitpid(child, 0)
    return {os.fsdecode(name) for name in missing}


def _own_faults(report: Report, machine: str, glibc: tuple[int, ...]) -> Iterator[Finding]:
    if report.machine != machine:
        yield Finding(report.path, "machine", f"it is built for {report.machine}, and this machine is {machine}")
    if glibc and report.glibc > glibc:
        needed, there = (".".join(map(str, version)) for version in (report.glibc, glibc))
        yield Finding(report.path, "glibc", f"it needs glibc {needed}, and this machine has {there}")


def _missing(reports: list[Report], lacking: Callable[[Collection[str]], Collection[str]]) -> Iterator[Finding]:
    bundled = {report.soname for report in reports} | {posixpath.basename(report.path) for report in reports}
    wanted: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        for name in report.needed:
            if name not in bundled:
                wanted[name].append(report.path)
    for name in sorted(lacking(list(wanted)) if wanted else ()):
        for path in wanted[name]:
            yield Finding(path, "missing", f"it needs {name}, which is neither bundled nor on this system")


def _collisions(reports: list[Report]) -> Iterator[Finding]:
    """Libraries of one SONAME in two distributions. On disk, whoever comes first would serve both."""
    owners: dict[str, list[str]] = defaultdict(list)
    needed = {name for report in reports for name in report.needed}
    for report in reports:
        if report.soname in needed and not HASHED_NAME.search(report.soname):
            owners[report.soname].append(report.path)
    for soname, paths in owners.items():
        first = _distribution(paths[0])
        for path in paths[1:]:
            if _distribution(path) != first:
                yield Finding(path, "collision", f"it has the SONAME {soname} of {paths[0]}; each is bound to its own")


def _distribution(path: str) -> str:
    return path.split("/", 1)[0].removesuffix(".libs")


def _glibc_versions(elf: ELFFile) -> Iterator[tuple[int, ...]]:
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            for _, versions in section.iter_versions():
                for version in versions:
                    if found := re.fullmatch(r"GLIBC_(\d{1,8}(?:\.\d{1,8})*)", version.name):
                        yield tuple(map(int, found[1].split(".")))
