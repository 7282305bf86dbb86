"""The process that compiles the modules of an image for the daemon.

It imports nothing of the installer's, and is a process of its own since compiling a stranger's source may crash it.

============  =========  ====================================================================================
type          direction  other members
============  =========  ====================================================================================
``prepare``   → here     ``adapter``, ``optimize``, ``code`` (numbers of wheels); descriptors: the image
``code``      daemon ←   ``wheel``; one descriptor: the segment
``prepared``  daemon ←   that was all
============  =========  ====================================================================================
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING

import mempip_native
from mempip.connection import Connection, take_order
from mempip.image.reader import Image
from mempip.store.daemon.compiling import compile_all

if TYPE_CHECKING:
    from typing import Any

    from mempip.image.layout import Entry
    from mempip_native import Adapter

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: What other programs wait for comes first.
NICE = 10


def main() -> None:
    """Carry out the order of the daemon that started this process, and end."""
    connection, message, objects = take_order()
    os.nice(NICE)
    warnings.simplefilter("ignore")  # they are for whoever wrote the source
    _prepare(message, Image(objects), mempip_native.get(message["adapter"]), connection)
    connection.send({"type": "prepared"})
    os._exit(0)


def _prepare(order: dict[str, Any], image: Image, adapter: Adapter, connection: Connection) -> None:
    sources: dict[int, list[tuple[str, Entry]]] = {wheel: [] for wheel in order["code"]}
    for path, entry in image.walk():
        if entry.object in sources and path.endswith(".py"):
            sources[entry.object].append((path, entry))
    for wheel, files in sources.items():
        code = compile_all(image, files, order["optimize"])
        segment = mempip_native.sealed(adapter, "mempip-code", [code])
        connection.send({"type": "code", "wheel": wheel}, [segment])
        os.close(segment)
