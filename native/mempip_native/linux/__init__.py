"""Linux: memory objects that are descriptors, and the path ``/proc/PID/fd/N`` that ELF linkers take for them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from mempip_native._adapter import Adapter


def adapters() -> Iterator[Adapter]:
    """Yield this operating system's adapters, the preferred one first. Those that nobody comes to cost nothing."""
    from mempip_native.linux.memfd import Memfd

    yield Memfd()
    from mempip_native.linux.tmpfs import DetachedTmpfs

    yield DetachedTmpfs()
    from mempip_native.linux.unnamed import UnnamedFile

    yield UnnamedFile()
