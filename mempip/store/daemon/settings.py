"""What whoever starts a daemon may decide."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mempip.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of a daemon. Raises `UsageError` for values that make none."""

    lifetime: float = 600.0  #: seconds for which a resolution is handed out again; PyPI's pages have the same
    workers: int = max(2, os.cpu_count() or 1)  #: installations at the same time
    connections: int = 4096  #: clients at the same time

    def __post_init__(self) -> None:
        if not 0 <= self.lifetime < float("inf"):
            raise UsageError("--lifetime", f"{self.lifetime} is no number of seconds of at least 0")
        for option, value in (("--workers", self.workers), ("--connections", self.connections)):
            if value < 1:
                raise UsageError(option, f"{value} is less than 1")
