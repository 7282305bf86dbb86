"""What can go wrong in this package. It never imports mempip, which translates these at its seam."""

from __future__ import annotations


class NativeError(Exception):
    """Root of the errors of this package."""


class AdapterUnavailable(NativeError):
    """An adapter cannot work on this machine; the message says what refused."""


class LoadError(NativeError):
    """A library could not be loaded. ``library`` is its path in the environment."""

    def __init__(self, library: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{library}: {reason}")
        self.library = library
        self.reason = reason
        self.hint = hint
