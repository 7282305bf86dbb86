"""Decides how a DLL is to be loaded, from its bytes alone, and says why. Pure, and for any operating system."""

from __future__ import annotations

from mempip_native._library import Plan
from mempip_native.windows.pe import AMD64, CLR, EXECUTE, MACHINES, WRITE, Pe

MAPPED, DONOR, FILE, REFUSED = "mapped", "mapped, with a TLS donor", "tempfile", "refused"


def plan(pe: Pe, machine: int = AMD64, forbidden: str = "") -> Plan:
    """Return how `pe` is loaded in a process of that machine. Raises `InvalidPe` if its tables are damaged.

    `forbidden` says why nothing can be mapped in the process, whatever it is.
    """
    if pe.machine != machine:
        return Plan(REFUSED, f"it is built for {_name(pe.machine)}, and this process is {_name(machine)}")
    if machine != AMD64:
        return Plan(FILE, f"DLLs can be mapped on {_name(AMD64)} only, and this process is {_name(machine)}")
    if forbidden:
        return Plan(FILE, forbidden)
    if pe.directory(CLR)[0]:
        return Plan(FILE, "it is a .NET assembly")
    if pe.fixed:
        return Plan(FILE, "it can only be loaded at one address: it has no relocations")
    for section in pe.sections:
        if section.flags & EXECUTE and section.flags & WRITE:
            return Plan(FILE, f"its section {section.name} is writable and executable at once")
    tls = pe.tls()
    if tls is not None and tls.size + tls.zeros:
        return Plan(DONOR, f"each thread has {tls.size + tls.zeros} bytes of it")
    return Plan(MAPPED)


def _name(machine: int) -> str:
    return MACHINES.get(machine, f"machine {machine:#x}")
