"""Linux: memory objects that are descriptors, and the path ``/proc/PID/fd/N`` that ELF linkers take for them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native._adapter import Adapter


def adapters() -> list[Adapter]:
    """Return this operating system's adapters, the preferred one first."""
    from mempip_native.linux.memfd import Memfd
    from mempip_native.linux.tmpfs import DetachedTmpfs
    from mempip_native.linux.unnamed import UnnamedFile

    return [Memfd(), DetachedTmpfs(), UnnamedFile()]
