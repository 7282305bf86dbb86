"""What can go wrong in this package. It never imports mempip, which translates these at its seam."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from mempip_native._adapter import Probe


class NativeError(Exception):
    """Root of the errors of this package."""


class AdapterUnavailable(NativeError):
    """An adapter cannot work on this machine; the message says what refused.

    ``probes`` are the outcomes that led to it when several adapters were tried.
    """

    probes: tuple[Probe, ...]

    def __init__(self, reason: str, probes: Sequence[Probe] = ()) -> None:
        super().__init__(reason)
        self.probes = tuple(probes)


class HelperDied(NativeError):
    """A helper process ended without an answer; ``signal`` is the number of what ended it, 0 if nobody knows."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"the helper process died{f' of signal {signal}' if signal else ''}")
        self.signal = signal


class InvalidElf(NativeError, ValueError):
    """Bytes are not an ELF file that a dynamic linker could load."""


class InvalidPe(NativeError, ValueError):
    """Bytes are not a DLL that could be loaded into a 64-bit process."""


class InvalidMachO(NativeError, ValueError):
    """Bytes are not a Mach-O file that dyld could load."""


class Unbindable(NativeError):
    """A library's needs cannot be rewritten in place; the message says why."""


class LoadError(NativeError):
    """A library could not be loaded. ``library`` is its path in the environment."""

    def __init__(self, library: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{library}: {reason}")
        self.library = library
        self.reason = reason
        self.hint = hint
