"""The process that inflates libraries of an image for the daemon, one after the other, as it is told.

It imports nothing of the installer's.

============  =========  ====================================================================================
type          direction  other members
============  =========  ====================================================================================
``image``     → here     ``adapter``; descriptors: the image
``inflate``   → here     ``wheel``, ``place``: number of the wheel, and where in it the library's bytes start
``library``   daemon ←   ``wheel``, ``place``; one descriptor: the library; none if there is no such library
============  =========  ====================================================================================
"""

from __future__ import annotations

import os
import sys

import mempip_native
from mempip.connection import Connection
from mempip.errors import InvalidImage
from mempip.image.reader import Image

if sys.platform != "linux":
    raise ImportError("for Linux only")


def main() -> None:
    """Serve the daemon that started this process, until it closes its end."""
    mempip_native.objects.raise_limit()
    connection = Connection(mempip_native.channels.inherited())
    received = connection.receive()
    if received is None:
        return
    message, objects = received
    adapter, image = mempip_native.get(message["adapter"]), Image(objects)
    libraries = {
        (entry.object, entry.offset): (path, entry)
        for path, entry in image.walk()
        if entry.object and ".so" in path.rpartition("/")[2]
    }
    while (received := connection.receive()) is not None:
        wheel, place = received[0]["wheel"], received[0]["place"]
        answer = {"type": "library", "wheel": wheel, "place": place}
        if (wheel, place) not in libraries:
            connection.send(answer)
            continue
        path, entry = libraries[wheel, place]
        library = adapter.allocate(path)
        try:
            for piece in image.pieces(entry):
                mempip_native.objects.write(library, piece)
            library = adapter.seal(library)
            connection.send(answer, [library])
        except InvalidImage:
            connection.send(answer)
        os.close(library)
