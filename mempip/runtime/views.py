"""The views of an environment's files: the ways in which code reaches them by path, behind one protocol.

``overlay``
    Python's own functions answer for the paths; nothing is inflated before it is used, and it works everywhere.
``mount``
    the files are in a directory that the kernel knows, so code in C finds them as well (`mempip.runtime.mount`).
"""

from __future__ import annotations

import os

from mempip.errors import UsageError
from mempip.runtime import finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from mempip.image.reader import Image
    from mempip.runtime.environment import Environment
else:
    Protocol = object

NAMES = ("overlay", "mount")
VARIABLE = "MEMPIP_FILES"


class View(Protocol):
    """How an environment's files are reached below ``root``, an absolute path that goes on ``sys.path``."""

    name: str
    root: str

    def start(self, environment: Environment) -> None:
        """Let imports and programs find `environment` below the root. Done already, it does nothing."""

    def stop(self, environment: Environment) -> None:
        """Undo `start`, and give up what the view holds. Done already, it does nothing."""

    def descriptors(self) -> Sequence[int]:
        """Return the descriptors that a child process needs to have the view, too."""

    def change(self, image: Image) -> None:
        """Show the files of `image`, which takes the place of the one so far. Raises a `MempipError`."""


class Overlay:
    """The view in which the standard library answers: see `mempip.runtime.overlay` and `finder`."""

    name = "overlay"

    def __init__(self, root: str = "") -> None:
        self.root = root or os.sep.join((finder.PREFIX, os.urandom(6).hex(), finder.ROOT_NAME))

    def start(self, environment: Environment) -> None:
        """See `View.start`."""
        finder.install(environment)

    def stop(self, environment: Environment) -> None:
        """See `View.stop`."""
        finder.remove(environment)

    def descriptors(self) -> Sequence[int]:
        """See `View.descriptors`: none."""
        return ()

    def change(self, image: Image) -> None:
        """Do nothing: finder and overlay ask the environment, each time."""


def choose(name: str | None) -> str:
    """Return the view called `name`; without a name, the one that ``MEMPIP_FILES`` names, or ``overlay``.

    Raises `UsageError` for an unknown name, and `ViewUnavailable` if it cannot be had on this machine.
    """
    option = "files"
    if name is None:
        option, name = VARIABLE, os.environ.get(VARIABLE) or "overlay"
    if name not in NAMES:
        raise UsageError(option, f"there is no view {name!r} of packages' files; there are {' and '.join(NAMES)}")
    if name == "mount":
        from mempip.runtime import mount

        mount.check()
    return name


def make(name: str, image: Image) -> View:
    """Return a new view, called `name`, of the files of `image`. Raises a `MempipError`."""
    if name == "mount":
        from mempip.runtime.mount import Mount

        return Mount.of(image)
    return Overlay()


def inherited(root: str) -> View:
    """Return the view that a parent of this process had below `root`. Raises `OSError` if that is gone."""
    if root.startswith(finder.PREFIX + os.sep):
        return Overlay(root)
    from mempip.runtime.mount import Mount

    return Mount.inherited(root)
