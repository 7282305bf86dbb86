"""The protocol that every operating system's adapter implements.

An adapter answers two questions: where do bytes live without a file name, and what path does the
dynamic linker take for them. Everything else (dependency order, rewriting, lifetimes) is written once,
on top of these answers.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Probe:
    """The outcome of trying an adapter, end to end, on this machine.

    ``ok``: whether it works. ``reason``: what refused, empty when it works. ``remedy``: what would lift
    the refusal, for `mempip doctor`.
    """

    __slots__ = ("adapter", "ok", "reason", "remedy")

    def __init__(self, adapter: str, ok: bool, reason: str = "", remedy: str = "") -> None:
        self.adapter = adapter
        self.ok = ok
        self.reason = reason
        self.remedy = remedy

    def __repr__(self) -> str:
        return f"Probe({self.adapter!r}, ok={self.ok}, reason={self.reason!r}, remedy={self.remedy!r})"


class Adapter(Protocol):
    """Memory objects that the dynamic linker can load."""

    #: Short name, as given to ``--adapter`` and shown by ``mempip doctor``.
    name: str

    def allocate(self, name: str, *, executable: bool = False) -> int:
        """Return a new descriptor, readable and writable, of an empty memory object.

        `name` is for people who read ``/proc/PID/maps``; an `executable` object can be executed as a program, too.
        Raises `AdapterUnavailable` if the machine refuses and `OSError` (EMFILE, ENFILE, ENOMEM) if it is out of room.
        """

    def seal(self, fd: int) -> int:
        """Make the object's bytes unchangeable and return the descriptor to keep (`fd` or one that replaces it)."""

    def path(self, fd: int) -> str:
        """Return a path to `fd` that was never handed out before in this process."""

    def probe(self) -> Probe:
        """Try the adapter end to end (allocate, write, seal, dlopen, call) without risk to this process."""
