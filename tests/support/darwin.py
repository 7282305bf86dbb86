"""A process whose mempip takes this system for macOS: imported there before mempip is.

Memory objects, how they are passed, the loader and the view of files are macOS's then, and so are those of the
installer, which is forked. What the standard library asks of the system was asked before. dyld is that of
`tests.support.dyld`.
"""

from __future__ import annotations

import asyncio  # noqa: F401 - modules that would take it for macOS, too
import multiprocessing  # noqa: F401
import os
import platform
import socket
import subprocess  # noqa: F401
import sys
import sysconfig
import urllib.request  # noqa: F401

platform.system()
sysconfig.get_config_vars()
sys.platform = "darwin"

from mempip_native import channels  # noqa: E402
from mempip_native.macos import dyld  # noqa: E402
from tests.support.dyld import FakeDyld  # noqa: E402


class _Installer:
    """What `subprocess.Popen` is of one that was started."""

    def __init__(self, number: int) -> None:
        self._number = number

    def kill(self) -> None:
        os.kill(self._number, 9)

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self._number, 0)[1])


def _start(command: list[str]) -> tuple[_Installer, socket.socket]:
    ours, theirs = socket.socketpair()
    number = os.fork()
    if number:
        theirs.close()
        return _Installer(number), ours
    ours.close()
    channels.inherited = lambda: theirs  # type: ignore[assignment]
    from mempip.store import one_call

    try:
        one_call.main()
    finally:
        os._exit(1)


channels.start = _start  # type: ignore[assignment]
dyld.Functions = lambda: FakeDyld(os.uname().machine)  # type: ignore[assignment,misc]
