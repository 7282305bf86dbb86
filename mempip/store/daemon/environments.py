"""Named environments: images that stay until somebody changes them, each change whole and by version.

An installation is made beside the environment, against the version that it began with, and becomes part of it in one
step. If another change came first, it is made anew.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import mempip_native
from mempip.errors import DaemonRefused, NoSuchEnvironment, NotInstalled
from mempip.image.layout import normalize
from mempip.image.projects import describe, merge
from mempip.image.reader import Image
from mempip.store.daemon.keep import Kept, Named
from mempip.store.daemon.objects import Held
from mempip.store.daemon.rules import is_own

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from mempip.store.daemon.keep import Keep, Wheel

if sys.platform != "linux":
    raise ImportError("for Linux only")


class Environments:
    """What may be done with the named environments in `keep`."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    def get(self, name: str) -> Named:
        """Return the environment called `name`. Raises `NoSuchEnvironment`."""
        try:
            return self._keep.environments[name]
        except KeyError:
            raise NoSuchEnvironment(name) from None

    def version(self, name: str) -> int:
        """Return how often the environment was changed; 0 for one that is not there."""
        named = self._keep.environments.get(name)
        return named.version if named is not None else 0

    def check_owner(self, name: str, uid: int) -> None:
        """Raise `DaemonRefused` if a user may not change the environment, which may be a new one."""
        named = self._keep.environments.get(name)
        if named is not None and named.owner != uid and not is_own(uid):
            raise DaemonRefused(f"the environment {name!r} is user {named.owner}'s")

    def installed(self, name: str) -> list[dict[str, Any]]:
        """Return what an installer must know of what is in the environment; nothing if that is not there."""
        named = self._keep.environments.get(name)
        if named is None:
            return []
        with _opened(named.kept) as image:
            return [describe(image, row) for row in image.distributions]

    def extend(self, name: str, base: int, added: Kept, uid: int) -> Kept | None:
        """Put `added` into the environment and return it; ``None``, and no change, if its version is not `base`.

        Raises `DaemonRefused` if what is named would be more than may be kept, and `InvalidImage` if files and
        directories of projects are in each other's way.
        """
        if self.version(name) != base:
            return None
        if base == 0:
            return self._set(name, added, uid)
        named = self.get(name)
        parts = (named.kept, added)
        with _opened(named.kept) as first, _opened(added) as second:
            if not second.distributions:
                return named.kept
            index, sources = merge([first, second])
        wheels = [parts[part].wheels[number - 1] for part, number in sources]
        return self._set(name, _kept(index, wheels, added), uid)

    def uninstall(self, name: str, projects: Sequence[str]) -> None:
        """Take projects out of the environment. Raises `NotInstalled` and `NoSuchEnvironment`: nothing has changed."""
        named = self.get(name)
        with _opened(named.kept) as image:
            there = {row.key for row in image.distributions}
            for project in projects:
                if normalize(project) not in there:
                    raise NotInstalled(project)
            index, sources = merge([image], without=[normalize(project) for project in projects])
        wheels = [named.kept.wheels[number - 1] for _, number in sources]
        self._set(name, _kept(index, wheels, named.kept), named.owner)

    def remove(self, name: str) -> None:
        """Forget the environment. Programs that run keep what they have. Raises `NoSuchEnvironment`."""
        self.get(name)
        del self._keep.environments[name]

    def describe(self) -> list[dict[str, Any]]:
        """Return what there is, as a JSON-able list: name, version, owner, projects as ``NAME==VERSION``."""
        rows = []
        for name, named in sorted(self._keep.environments.items()):
            with _opened(named.kept) as image:
                projects = sorted(f"{row.name}=={row.version}" for row in image.distributions)
            rows.append({"name": name, "version": named.version, "owner": named.owner, "projects": projects})
        return rows

    def _set(self, name: str, kept: Kept, uid: int) -> Kept:
        before = self._keep.environments.get(name)
        owner = uid if before is None else before.owner
        self._keep.check_room(name, kept, owner)
        self._keep.environments[name] = Named(kept, self.version(name) + 1, owner)
        return kept


def _kept(index: bytes, wheels: Sequence[Wheel], like: Kept) -> Kept:
    """Return an image of `wheels` with an index that is to be sealed."""
    adapter = mempip_native.get(like.adapter)
    held = Held(adapter.allocate("mempip-index"))
    mempip_native.objects.write(held.descriptor, index)
    held.seal(adapter)
    return Kept(held, wheels, like.adapter, (), time.monotonic())


@contextmanager
def _opened(kept: Kept) -> Iterator[Image]:
    """Open an image by descriptors of its own."""
    image = Image([os.dup(held.descriptor) for held in kept.objects])
    try:
        yield image
    finally:
        image.close()
