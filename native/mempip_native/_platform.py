"""The one place that asks which operating system this is."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip_native._adapter import Adapter

__all__ = ["adapters"]

if sys.platform == "linux":
    from mempip_native.linux import adapters
else:

    def adapters() -> list[Adapter]:
        """Return this operating system's adapters, the preferred one first."""
        return []
