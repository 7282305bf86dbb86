"""``--no-binary`` and ``--only-binary``: which formats of a project may be used. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from mempip.options import InstallOptions


def allows_wheels(name: NormalizedName, options: InstallOptions) -> bool:
    """Whether wheels of a project may be used; a project's own name counts for more than ``:all:``, as in pip."""
    no_binary, only_binary = (
        {entry if entry == ":all:" else canonicalize_name(entry) for entry in entries}
        for entries in (options.no_binary, options.only_binary)
    )
    if name in only_binary or name in no_binary:
        return name in only_binary
    return ":all:" in only_binary or ":all:" not in no_binary
