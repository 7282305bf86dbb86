"""Decides how a DLL is to be loaded, from its bytes alone, and says why. Pure, and for any operating system."""

from __future__ import annotations

from mempip_native.windows.pe import AMD64, CLR, EXECUTE, MACHINES, WRITE, Pe

MAPPED, DONOR, REFUSED = "mapped", "mapped, with a TLS donor", "refused"


class Plan:
    """How a DLL is loaded. ``strategy`` is `MAPPED`, `DONOR` or `REFUSED`; ``reason`` says why it is not `MAPPED`."""

    __slots__ = ("reason", "strategy")

    def __init__(self, strategy: str, reason: str = "") -> None:
        self.strategy = strategy
        self.reason = reason

    def __repr__(self) -> str:
        return f"Plan({self.strategy!r}, {self.reason!r})"


def plan(pe: Pe) -> Plan:
    """Return how `pe` is loaded in an x86-64 process. Raises `InvalidPe` if its tables are damaged."""
    if pe.machine != AMD64:
        name = MACHINES.get(pe.machine, f"machine {pe.machine:#x}")
        return Plan(REFUSED, f"it is built for {name}, and DLLs can be mapped on x86-64 only")
    if pe.directory(CLR)[0]:
        return Plan(REFUSED, "it is a .NET assembly")
    if pe.fixed:
        return Plan(REFUSED, "it can only be loaded at one address: it has no relocations")
    for section in pe.sections:
        if section.flags & EXECUTE and section.flags & WRITE:
            return Plan(REFUSED, f"its section {section.name} is writable and executable at once")
    tls = pe.tls()
    if tls is not None and tls.size + tls.zeros:
        return Plan(DONOR, f"each thread has {tls.size + tls.zeros} bytes of it")
    return Plan(MAPPED)
