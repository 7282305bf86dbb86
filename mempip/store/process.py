"""Starts an interpreter that runs a part of mempip, with one end of a channel. Light half.

It is isolated (``-I -B``), so nothing on the user's path can shadow a library of the installer's; Ctrl+C reaches only
the user's process; and it ends itself, without a word, when its channel closes.
"""

from __future__ import annotations

import os
import sys

import mempip_native
from mempip.errors import InstallerFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

    from mempip_native import channels

#: The user's own path comes last, so that nothing on it shadows a library.
_BOOTSTRAP = """\
import sys
sys.path.extend(path for path in {path!r} if path not in sys.path)
from {module} import main
try:
    main()
except (BrokenPipeError, ConnectionResetError):
    pass  # whoever started it has gone
"""


def start(module: str) -> tuple[subprocess.Popen[bytes], channels.Channel]:
    """Start an interpreter that calls ``main()`` of `module`; return it, and this end of a channel to it.

    Raises `InstallerFailed`.
    """
    if not sys.executable:
        raise InstallerFailed("this interpreter does not know its own program (sys.executable is empty)")
    path = [entry for entry in sys.path if isinstance(entry, str) and os.path.isabs(entry)]
    command = [sys.executable, "-I", "-B", "-c", _BOOTSTRAP.format(path=path, module=module)]
    try:
        return mempip_native.channels.start(command)
    except OSError as error:
        raise InstallerFailed(f"{sys.executable} could not be started: {error}") from error
