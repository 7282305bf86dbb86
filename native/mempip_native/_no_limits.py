"""On systems about which `Adapter.probe` and `trees.probe` say all that there is to say."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native._adapter import Probe


def limits() -> list[Probe]:
    """Return what this system does not let mempip do, whatever the adapter is."""
    return []
