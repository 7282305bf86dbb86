"""``--no-binary`` and ``--only-binary``: which formats of a project may be used. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from mempip.installer.index.model import ProjectFile
    from mempip.options import InstallOptions


class Formats(NamedTuple):
    """What may be used of a project."""

    wheels: bool
    sources: bool

    def allow(self, file: ProjectFile) -> bool:
        """Whether `file` may be used."""
        return self.wheels if file.is_wheel else self.sources


def formats_of(name: NormalizedName, options: InstallOptions) -> Formats:
    """Return what may be used of a project; its own name counts for more than ``:all:``, as in pip."""
    no_binary, only_binary = (
        {entry if entry == ":all:" else canonicalize_name(entry) for entry in entries}
        for entries in (options.no_binary, options.only_binary)
    )
    for who in (name, ":all:"):
        if who in only_binary:
            return Formats(wheels=True, sources=False)
        if who in no_binary:
            return Formats(wheels=False, sources=True)
    return Formats(wheels=True, sources=True)
