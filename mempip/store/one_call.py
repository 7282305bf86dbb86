"""The store that lives for one call: a process that takes one request from its socket, answers it, and ends.

Heavy half: runs in a process of its own, never in the user's interpreter.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import traceback

import mempip_native
from mempip.connection import Connection, take_order
from mempip.errors import DescriptorLimit, InstallerFailed, MempipError, to_wire
from mempip.options import InstallOptions


def main() -> None:
    """Serve the request of whoever started this process. Ends the process when the other end closes."""
    connection, message, _ = take_order()
    ending = threading.Thread(target=_end_with, args=(connection,), daemon=True)
    ending.start()
    gc.disable()  # a short life that makes many objects and few cycles: collecting costs a tenth of it
    mempip_native.objects.raise_limit()  # each wheel needs a descriptor until it is handed over
    try:
        _serve(connection, InstallOptions.from_wire(message["options"]))
    except Exception as error:  # noqa: BLE001 - whatever it is, the client must hear of it
        connection.send({"type": "error", "error": to_wire(translate(error))})
    sys.stderr.flush()
    ending.join()  # the other end takes what it was told of as long as this process lives


def translate(error: Exception) -> MempipError:
    """Return the error that the client gets to see."""
    if isinstance(error, MempipError):
        return error
    if mempip_native.objects.exhausted(error):
        return DescriptorLimit(mempip_native.objects.limit(), mempip_native.objects.limit() + 1)
    return InstallerFailed(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))


def _serve(connection: Connection, options: InstallOptions) -> None:
    from mempip.installer import session

    outcome = session.install(options, connection.send)
    if outcome.report is not None:
        connection.send({"type": "report", "report": outcome.report, "satisfied": outcome.satisfied})
    else:
        message = {"type": "image", "adapter": outcome.adapter, "satisfied": outcome.satisfied}
        connection.send(message, outcome.descriptors)


def _end_with(connection: Connection) -> None:
    """End this process when the client's end closes: a killed client leaves no installer behind."""
    try:
        connection.receive()
    finally:
        os._exit(0)  # nothing of this process is worth an orderly end: it owns no file, and its memory is passed on
