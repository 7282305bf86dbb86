"""What the Mach-O files of a macOS wheel are and need, told on any operating system, before anything is loaded.

Heavy half: macholib reads the headers, delocate finds out which library a name means. delocate asks otool, which only
macOS has, through private functions; here macholib answers in their place, so delocate is pinned exactly. The
light half has a reader of its own, `mempip_native.macos.macho`; the tests hold the two against each other.
"""

from __future__ import annotations

import contextlib
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from delocate import libsana
from macholib import mach_o
from macholib.MachO import MachO

from mempip_native.errors import InvalidMachO
from mempip_native.macos.macho import ARCHITECTURES, MAGICS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from macholib.MachO import MachOHeader

# What macholib raises for files that lie; it checks less than it reads.
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    TypeError,
    ValueError,
    struct.error,
)

_NEEDED = frozenset({
    mach_o.LC_LOAD_DYLIB, mach_o.LC_LOAD_WEAK_DYLIB, mach_o.LC_REEXPORT_DYLIB, mach_o.LC_LAZY_LOAD_DYLIB,
    mach_o.LC_LOAD_UPWARD_DYLIB,
})  # fmt: skip
_NAMED = _NEEDED | {mach_o.LC_ID_DYLIB, mach_o.LC_RPATH}
KINDS = {mach_o.MH_BUNDLE: "MH_BUNDLE", mach_o.MH_DYLIB: "MH_DYLIB", mach_o.MH_EXECUTE: "MH_EXECUTE"}


@dataclass(frozen=True)
class Slice:
    """A library for one architecture. ``kind`` is its type as ``mach-o/loader.h`` has it: ``MH_BUNDLE``, …"""

    architecture: str
    kind: str
    install_name: str
    needed: tuple[str, ...]
    rpaths: tuple[str, ...]
    signed: bool


@dataclass(frozen=True)
class Report:
    """What is in a directory, by path below it: the ``slices`` of each Mach-O file, and what each needs of the others.

    ``graph`` is what delocate computes: a library → who needs it → by which name. ``missing`` are names that lead to
    no file and are not the system's, by who needs them. ``broken`` says of files what is wrong with them.
    """

    slices: dict[str, list[Slice]]
    graph: dict[str, dict[str, str]]
    missing: dict[str, list[str]]
    broken: dict[str, str]


def analyse(root: str) -> Report:
    """Return the report on all files below the directory `root`, which may be that of an environment in memory."""
    root = os.path.realpath(root)
    found: dict[str, list[Slice]] = {}  # by absolute path
    broken: dict[str, str] = {}
    for path in sorted(_files(root)):
        try:
            found[path] = read(path)
        except InvalidMachO as error:
            broken[os.path.relpath(path, root)] = str(error)
    with _answering_for_otool(found):
        graph = libsana.tree_libs_from_directory(root, ignore_missing=True)
        missing = {
            os.path.relpath(path, root): names
            for path in found
            if (names := [name for library, name in libsana.get_dependencies(path) if library is None])
        }
    return Report(
        {os.path.relpath(path, root): parts for path, parts in found.items()},
        libsana.stripped_lib_dict(graph, root + os.sep),
        missing,
        broken,
    )


def read(path: str) -> list[Slice]:
    """Return what macholib reads of the Mach-O file at `path`. Raises `InvalidMachO`."""
    try:
        return [_slice(header) for header in MachO(path, allow_unknown_load_commands=True).headers]
    except FAULTS as error:
        raise InvalidMachO(f"not a readable Mach-O file: {error}") from error


def _slice(header: MachOHeader) -> Slice:
    cpu, subtype = header.header.cputype, header.header.cpusubtype & 0xFFFFFF
    names: dict[int, list[str]] = {}
    needed = []
    signed = False
    for command, _, content in header.commands:
        signed = signed or command.cmd == mach_o.LC_CODE_SIGNATURE
        if command.cmd in _NAMED:
            name = os.fsdecode(content.partition(b"\0")[0])
            names.setdefault(command.cmd, []).append(name)
            if command.cmd in _NEEDED:
                needed.append(name)
    return Slice(
        architecture=ARCHITECTURES.get((cpu, subtype), f"cpu {cpu:#x}, subtype {subtype}"),
        kind=KINDS.get(header.header.filetype, f"type {header.header.filetype}"),
        install_name="".join(names.get(mach_o.LC_ID_DYLIB, [])),
        needed=tuple(needed),
        rpaths=tuple(names.get(mach_o.LC_RPATH, [])),
        signed=signed,
    )


def _files(root: str) -> Iterator[str]:
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                if file.read(4) in MAGICS:
                    yield path


@contextlib.contextmanager
def _answering_for_otool(known: dict[str, list[Slice]]) -> Iterator[None]:
    """Have delocate ask `known` in the place of otool. Libraries outside of it need nothing that matters here."""

    def slices(path: str | os.PathLike[str]) -> list[Slice]:
        return known.get(os.fspath(path), [])

    def install_names(path: str | os.PathLike[str]) -> dict[str, list[str]]:
        return {part.architecture: list(part.needed) for part in slices(path)}

    def rpaths(path: str | os.PathLike[str]) -> dict[str, list[str]]:
        return {part.architecture: list(part.rpaths) for part in slices(path)}

    module: Any = libsana
    before = module._get_install_names, module._get_rpaths
    disabled, module.logger.disabled = module.logger.disabled, True  # what is missing is in the report
    module._get_install_names, module._get_rpaths = install_names, rpaths
    try:
        yield
    finally:
        module._get_install_names, module._get_rpaths = before
        module.logger.disabled = disabled
