"""The one place that asks which operating system this is."""

from __future__ import annotations

import sys

if sys.platform == "linux":
    from mempip_native import _sockets as channels
    from mempip_native._no_limits import limits
    from mempip_native.linux import adapters, interposition, objects, scratch, trees
    from mempip_native.linux.loader import LibraryLoader
elif sys.platform == "win32":
    from mempip_native import _no_interposition as interposition
    from mempip_native import _no_scratch as scratch
    from mempip_native import _no_trees as trees
    from mempip_native._no_limits import limits
    from mempip_native.windows import adapters, channels, objects
    from mempip_native.windows.loader import LibraryLoader
elif sys.platform == "darwin":
    from mempip_native import _no_interposition as interposition
    from mempip_native import _no_scratch as scratch
    from mempip_native import _no_trees as trees
    from mempip_native import _sockets as channels
    from mempip_native.macos import adapters, limits, objects
    from mempip_native.macos.loader import LibraryLoader
else:
    from mempip_native import _no_interposition as interposition
    from mempip_native import _no_objects as objects
    from mempip_native import _no_scratch as scratch
    from mempip_native import _no_trees as trees
    from mempip_native import _sockets as channels
    from mempip_native._no_limits import limits
    from mempip_native._unsupported import LibraryLoader, adapters

__all__ = ["LibraryLoader", "adapters", "channels", "interposition", "limits", "objects", "scratch", "trees"]
