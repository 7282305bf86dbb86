"""The progress bar: one line on standard error, only where a person looks at it."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any


def printable(text: str, keep: str = "") -> str:
    """Return `text` with control characters, which come from indexes and wheels, escaped, except those in `keep`."""
    return "".join(
        character if character.isprintable() or character in keep else character.encode("unicode_escape").decode()
        for character in text
    )


WIDTH = 30  # of the bar, in characters


class ProgressBar:
    """Draws the progress messages of an installer; draws nothing unless `enabled`. A context manager."""

    def __init__(self, enabled: bool, warnings: bool = True) -> None:
        self._enabled = enabled
        self._warnings = warnings
        self._files: dict[str, tuple[int, int | None]] = {}
        self._drawn = 0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._draw("")

    def __call__(self, message: dict[str, Any]) -> None:
        """Take a message of the installer."""
        if message["type"] == "warning":
            if self._warnings:
                self._draw("")
                print(f"WARNING: {printable(message['text'])}", file=sys.stderr)
        elif message.get("phase") == "resolve":
            self._draw("Resolving")
        elif message.get("phase") == "download":
            self._files[message["name"]] = (message["done"], message["total"])
            self._draw(self._line())

    def _line(self) -> str:
        done = sum(done for done, _ in self._files.values())
        totals = [total for _, total in self._files.values()]
        if None in totals:
            return f"Downloading {len(self._files)} wheels, {done / 1e6:.1f} MB"
        total = sum(filter(None, totals))
        full = WIDTH * done // total if total else WIDTH
        return f"Downloading {'━' * full}{' ' * (WIDTH - full)} {done / 1e6:.1f}/{total / 1e6:.1f} MB"

    def _draw(self, text: str) -> None:
        if self._enabled and (text or self._drawn):
            sys.stderr.write("\r" + text + " " * (self._drawn - len(text)) + ("\r" if not text else ""))
            sys.stderr.flush()
            self._drawn = len(text)
