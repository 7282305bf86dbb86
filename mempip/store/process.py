"""Starts an interpreter that runs a part of mempip, with one end of a socket pair. Light half.

It is isolated (``-I -B``), so nothing on the user's path can shadow a library of the installer's; in a session of its
own, so Ctrl+C reaches only the user's process; and it ends itself when its socket closes.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from mempip.errors import InstallerFailed

#: The user's own path comes last, so that nothing on it shadows a library.
_BOOTSTRAP = """\
import sys
sys.path.extend(path for path in {path!r} if path not in sys.path)
from {module} import main
main({descriptor})
"""


def start(module: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start an interpreter that calls ``main(DESCRIPTOR)`` of `module`; return it, and the other end of its socket.

    Raises `InstallerFailed`.
    """
    if not sys.executable:
        raise InstallerFailed("this interpreter does not know its own program (sys.executable is empty)")
    path = [entry for entry in sys.path if isinstance(entry, str) and os.path.isabs(entry)]
    ours, theirs = socket.socketpair()
    with theirs:
        code = _BOOTSTRAP.format(path=path, module=module, descriptor=theirs.fileno())
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise InstallerFailed(f"{sys.executable} could not be started: {error}") from error
    return process, ours
