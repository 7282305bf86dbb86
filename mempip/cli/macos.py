"""``mempip doctor`` about Mach-O files: what those of a macOS wheel, or of what is installed, are and need."""

from __future__ import annotations

import os

import mempip_native
from mempip.errors import InvalidFile, UsageError
from mempip.runtime.environment import Environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native.analysis.macho import Report, Slice


def is_wheel(requirement: str) -> bool:
    """Return whether what the doctor is asked about is the file of a wheel for macOS."""
    name = os.path.basename(requirement)
    return name.endswith(".whl") and "macosx_" in name.rpartition("-")[2]


def wheel(path: str) -> int:
    """Print what is in the wheel at `path`, on any system; it is unpacked in memory. Returns the exit status.

    Raises `InvalidFile` and `WheelRefused`.
    """
    with _unpacked(path) as environment:
        environment.view.start(environment)
        return environment_at(environment.root, os.path.basename(path))


def environment_at(root: str, title: str) -> int:
    """Print what is below the root of an environment. Returns the exit status: 1 if something would fail."""
    try:
        from mempip_native.analysis.macho import analyse
    except ImportError as error:
        raise UsageError(
            "doctor", "Mach-O files are read by macholib and delocate: install mempip with them, as 'mempip[analysis]'"
        ) from error
    report = analyse(root)
    faults = _faults(root, report)
    print(f"\n{title}: {len(report.slices)} Mach-O files, {len(faults)} findings")
    for path, parts in report.slices.items():
        print(f"  {path}")
        for part in parts:
            _print_slice(path, part, report)
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


def _print_slice(path: str, part: Slice, report: Report) -> None:
    print(f"    {part.architecture}: {part.kind}, {'signed' if part.signed else 'not signed'}")
    if part.install_name:
        print(f"      id {part.install_name}")
    for rpath in part.rpaths:
        print(f"      rpath {rpath}")
    for name in part.needed:
        found = next((library for library, users in report.graph.items() if users.get(path) == name), name)
        print(f"      needs {name}{'' if found == name else f' -> {found}'}")


def _faults(root: str, report: Report) -> list[str]:
    """Return what would fail, and on which architecture, as sentences."""
    from mempip_native.errors import InvalidMachO
    from mempip_native.macos.macho import MH_EXECUTE, slices
    from mempip_native.macos.preflight import REFUSED, plan

    faults = [f"{path}: {reason}" for path, reason in report.broken.items()]
    for path, names in report.missing.items():
        faults += [f"{path}: it needs {name}, which is neither bundled nor the system's" for name in names]
    for path in report.slices:
        with open(os.path.join(root, path), "rb") as file:
            content = file.read()
        try:
            plans = [(part.architecture, plan(part)) for part in slices(content) if part.kind != MH_EXECUTE]
        except InvalidMachO as error:
            faults.append(f"{path}: {error}")
            continue
        faults += [f"{path}: {name}: {how.reason}" for name, how in plans if how.strategy == REFUSED]
    return faults


def _unpacked(path: str) -> Environment:
    """Return an environment of one wheel, for whatever machine it is. Nothing is imported from it."""
    from mempip.image.layout import Distribution
    from mempip.image.writer import write_index
    from mempip.installer.destination import place
    from mempip.installer.wheels import open_wheel

    adapter = mempip_native.select()

    def memory(content: bytes) -> int:
        return mempip_native.sealed(adapter, "mempip-doctor", [content])

    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise InvalidFile(path, error.strerror or str(error)) from error
    found = open_wheel(os.path.basename(path), memory(content))
    row = Distribution(found.name, found.version, dist_info=found.dist_info, object=1, wheel=found.filename)
    index = write_index(dict(place(found, 1, requested=True)), [row])
    return Environment.open([memory(index), found.descriptor], adapter.name)
