"""A project's ``pyproject.toml`` → the requirements of its dependency groups (PEP 735)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from packaging.dependency_groups import DependencyGroupResolver
from packaging.errors import ExceptionGroup
from packaging.utils import canonicalize_name

from mempip.errors import InvalidProject, UsageError
from mempip.installer.requirements.local_files import read_toml, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

PYPROJECT = "pyproject.toml"


def read_group(value: str) -> Sequence[tuple[str, str]]:
    """Return the requirements of the group that `value` names, ``[PATH:]NAME``, and where each stands.

    PATH ends in ``pyproject.toml``, and is that of the working directory if it is left out, as in pip.

    Raises `UsageError` for another kind of file, and `InvalidProject` that names the file.
    """
    path, colon, name = value.rpartition(":")
    path = path if colon else PYPROJECT
    if os.path.basename(path) != PYPROJECT:
        raise UsageError("--group", f"it takes [PATH:]NAME, with a PATH that ends in {PYPROJECT}, not {value!r}")
    groups = read_toml(path, InvalidProject).get("dependency-groups", {})
    if not isinstance(groups, dict):
        raise InvalidProject(shown(path), "dependency-groups is not a table (PEP 735)")
    if canonicalize_name(name) not in map(canonicalize_name, groups):
        known = f"it has {', '.join(sorted(groups))}" if groups else "it has none"
        raise InvalidProject(shown(path), f"there is no dependency group {name!r}; {known}")
    try:
        requirements = DependencyGroupResolver(groups).resolve(name)
    except (ExceptionGroup, LookupError, ValueError, TypeError) as fault:
        raise InvalidProject(shown(path), f"dependency group {name!r}: {_reasons(fault)}") from fault
    return [(str(requirement), f"group {name!r} of {shown(path)}") for requirement in requirements]


def _reasons(fault: Exception) -> str:
    several = fault.exceptions if isinstance(fault, ExceptionGroup) else [fault]
    return "; ".join(str(one).strip("'\"").partition("\n")[0] for one in several)
