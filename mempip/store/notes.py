"""Tells a daemon which libraries programs use, so that it inflates those once for all. Light half.

A daemon cannot know beforehand: a wheel may have a gigabyte of libraries of which a program wants two.
"""

from __future__ import annotations

import os

from mempip.store import mempipd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mempip.runtime.environment import Environment


def report_missing(environment: Environment, path: str) -> None:
    """Have the daemon at `path` hear of libraries that `environment` wants and that did not come with it."""
    process = os.getpid()

    def tell(wheel: int, place: int) -> None:
        row = next((row for row in environment.distributions if row.object == wheel), None)
        if row is not None and row.sha256 and os.getpid() == process:
            mempipd.tell_missing(path, [(row.sha256, place)])

    environment.companions.missing = tell
