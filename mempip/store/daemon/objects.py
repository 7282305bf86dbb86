"""A sealed memory object that the daemon holds: closed when nobody refers to it any more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mempip_native import Adapter


class Held:
    """Owns the descriptor of a sealed object. Whatever is on its way to a client refers to it, too."""

    __slots__ = ("descriptor", "size")

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size  #: bytes

    def seal(self, adapter: Adapter) -> None:
        """Make the bytes that were written to it unchangeable."""
        self.descriptor = adapter.seal(self.descriptor)
        self.size = os.fstat(self.descriptor).st_size

    def __del__(self) -> None:
        try:
            os.close(self.descriptor)
        except (AttributeError, OSError, TypeError):  # never opened, or the interpreter is ending
            pass
