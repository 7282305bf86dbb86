"""Files by path: the standard library's functions answer for paths below the roots of environments.

`install` puts functions in the place of those of `os` and `io` that take paths. For a path of an environment they
answer out of its image, as a read-only file system does; every other call goes on to the function that was there
before. A file is opened as a descriptor of a sealed memory object with its bytes, so what code in C does with
descriptors works; code in C that opens paths itself needs more, and modules of the standard library of which that
is true get it when they are imported (`consumers`). `remove` puts everything back.
"""

from __future__ import annotations

import io
import os
import sys
from _thread import allocate_lock

import mempip_native
from mempip.runtime.overlay import consumers
from mempip.runtime.overlay.functions import CHANGES, Change, Os
from mempip.runtime.overlay.linking import library
from mempip.runtime.overlay.streams import FileIO, Io
from mempip.runtime.patches import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_lock = allocate_lock()
_replaced: dict[Any, Any] = {}  # what was there before → what is in its place


def install() -> None:
    """Let the standard library answer for the environments in `finder.ENVIRONMENTS`. Done already, it does nothing."""
    with _lock:
        if _replaced:
            return
        _replaced.update(_replacements())
        replace(_replaced)
        consumers.install()
        mempip_native.interposition.start(library)


def remove() -> None:
    """Put back what `install` replaced."""
    with _lock:
        mempip_native.interposition.stop()
        consumers.remove()
        replace({new: old for old, new in _replaced.items()})
        _replaced.clear()


def _replacements() -> dict[Any, Any]:
    answers = Os()
    pairs: dict[Any, Any] = {
        os.stat: answers.stat,
        os.lstat: answers.lstat,
        os.access: answers.access,
        os.listdir: answers.listdir,
        os.scandir: answers.scandir,
        os.open: answers.open,
        os.readlink: answers.readlink,
        os.chdir: answers.chdir,
    }
    if sys.platform == "linux":
        from mempip.runtime.overlay.attributes import Attributes

        attributes = Attributes()
        pairs[os.listxattr] = attributes.listxattr
        pairs[os.getxattr] = attributes.getxattr
    if sys.platform == "win32":
        from mempip.runtime.overlay import windows

        pairs.update(windows.replacements())
    streams = Io()
    pairs[io.open] = streams.open
    pairs[io.open_code] = streams.open_code
    pairs[io.FileIO] = FileIO
    pairs.update((getattr(os, name), Change(name)) for name in CHANGES if hasattr(os, name))
    return pairs
