"""macOS: memory objects that are POSIX shared memory, and libraries that are in files while they are loaded."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native._adapter import Adapter, Probe


def adapters() -> list[Adapter]:
    """Return this operating system's adapters: one."""
    from mempip_native.macos.adapter import SharedMemory

    return [SharedMemory()]


def limits() -> list[Probe]:
    """Return what this system does not let mempip do, whatever the adapter is, and libraries, if it does not."""
    from mempip_native._adapter import Probe
    from mempip_native.macos.loader import probe

    return [
        probe(),
        Probe("programs", False, "those of packages cannot be started: macOS starts programs from files only"),
        Probe("builds", False, "sources are not built: a process cannot have a file system of its own"),
        Probe("daemon", False, "there is none for this operating system: each call has an installer of its own"),
    ]
