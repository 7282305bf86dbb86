"""Decides how a library is to be loaded, from its header alone, and says why. Pure, and for any operating system."""

from __future__ import annotations

from mempip_native._library import Plan
from mempip_native.macos.macho import CPU_ARM64, MH_BUNDLE, MH_DYLIB, MachO
from mempip_native.macos.resolution import is_alone

LINKED, STAGED, REFUSED = "linked", "staged", "refused"

# How an extension module makes itself known. Of single-phase ones importlib alone can tell CPython the full name.
_MULTI_PHASE, _SINGLE_PHASE = "PyModuleDef_Init", "PyModule_Create2"


def plan(macho: MachO) -> Plan:
    """Return how `macho` is loaded into a process of its architecture. Raises `InvalidMachO` if it is damaged."""
    if macho.kind not in (MH_BUNDLE, MH_DYLIB):
        return Plan(REFUSED, "it is neither a bundle nor a dynamic library")
    if macho.cpu == CPU_ARM64 and not macho.signed:
        return Plan(REFUSED, "it has no code signature, and macOS on arm64 ends processes that run code without one")
    if macho.kind != MH_BUNDLE:
        return Plan(STAGED, "it is a library that others may need (MH_DYLIB)")
    if not is_alone(macho):
        return Plan(STAGED, "it needs libraries that are found beside it")
    if macho.undefined([_MULTI_PHASE, _SINGLE_PHASE]) != {_MULTI_PHASE}:
        return Plan(STAGED, "it is no extension module of multi-phase initialization")
    return Plan(LINKED)
