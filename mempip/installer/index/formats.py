"""``--no-binary`` and ``--only-binary``: which formats of a project may be used. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mempip.installer.choices import choice

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
    """Return what may be used of a project."""
    wheels_only = choice(options.only_binary, options.no_binary)(name)
    return Formats(wheels=wheels_only is not False, sources=not wheels_only)
