"""macOS: memory objects that are POSIX shared memory, and libraries that are in files while they are loaded."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native._adapter import Adapter


def adapters() -> list[Adapter]:
    """Return this operating system's adapters: one."""
    from mempip_native.macos.adapter import SharedMemory

    return [SharedMemory()]
