"""The process that writes a snapshot for the daemon, which waits for no disk.

It is told to ``save``: ``path``, ``contents`` and the objects; it answers ``saved`` with the size in ``bytes``, or
``error``.
"""

from __future__ import annotations

import os
import sys

import mempip_native
from mempip.connection import take_order
from mempip.errors import SnapshotFailed, to_wire
from mempip.store.daemon import snapshot

if sys.platform != "linux":
    raise ImportError("for Linux only")


def main() -> None:
    """Carry out the order of the daemon that started this process, and end."""
    mempip_native.objects.raise_limit()
    connection, message, objects = take_order()
    try:
        connection.send({"type": "saved", "bytes": snapshot.write(message["path"], message["contents"], objects)})
    except SnapshotFailed as error:
        connection.send({"type": "error", "error": to_wire(error)})
    os._exit(0)
