"""The functions of `os` that read extended attributes, which Linux has."""

from __future__ import annotations

import errno
import os
import sys

from mempip.runtime.overlay.functions import ModuleFunctions
from mempip.runtime.overlay.tree import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if sys.platform != "linux":
    raise ImportError("for Linux only")


class Attributes(ModuleFunctions):
    """What `os` answers about extended attributes: no packaged file has any."""

    name = "os"

    def __init__(self) -> None:
        self._listxattr = os.listxattr
        self._getxattr = os.getxattr

    def listxattr(self, path: Any = None, *, follow_symlinks: bool = True) -> list[str]:
        found = locate(path)
        if found is None:
            return self._listxattr(path, follow_symlinks=follow_symlinks)
        found.stat()
        return []

    def getxattr(self, path: Any, attribute: Any, *, follow_symlinks: bool = True) -> bytes:
        found = locate(path)
        if found is None:
            return self._getxattr(path, attribute, follow_symlinks=follow_symlinks)
        found.stat()
        raise found.error(errno.ENODATA)
