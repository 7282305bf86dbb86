"""Loading of the libraries in an environment, each with what it needs, in the order that it needs."""

from __future__ import annotations

from mempip_native._library import Anchor, LibrarySource
from mempip_native._platform import LibraryLoader

__all__ = ["Anchor", "LibraryLoader", "LibrarySource"]
