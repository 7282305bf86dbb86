"""What the user asks for → requirements: strings, requirement files, scripts, dependency groups.

``parse`` reads one requirement, ``slips`` finds words for what is wrong with it, ``files``, ``projects`` and
``scripts`` read what holds many, and ``gather`` puts together all that one installation asks for.
"""

from __future__ import annotations

from mempip.installer.requirements.hashes import NO_HASHES, Hashes
from mempip.installer.requirements.parse import (
    UserRequirement,
    file_at,
    marker_applies,
    parse_constraint,
    parse_dependency,
    parse_editable,
    parse_requirement,
    parse_requirements,
    pep508,
)

__all__ = [
    "NO_HASHES",
    "Hashes",
    "UserRequirement",
    "file_at",
    "marker_applies",
    "parse_constraint",
    "parse_dependency",
    "parse_editable",
    "parse_requirement",
    "parse_requirements",
    "pep508",
]
