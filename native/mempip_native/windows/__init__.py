"""Windows: memory objects that are sections backed by the paging file, and a loader that maps DLLs from them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native._adapter import Adapter


def adapters() -> list[Adapter]:
    """Return this operating system's adapters, the preferred one first."""
    from mempip_native.windows.mapped import Mapped
    from mempip_native.windows.tempfile import TemporaryFiles

    return [Mapped(), TemporaryFiles()]
