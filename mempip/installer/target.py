"""Which Python, platform tags and marker values are installed for. Nothing else lives here."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from packaging.markers import default_environment
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import sys_tags

if TYPE_CHECKING:
    from packaging.tags import Tag


@dataclass(frozen=True)
class Target:
    """The interpreter that wheels are chosen for.

    Answers are remembered: an index page asks the same few questions thousands of times.
    """

    python_version: str  #: major.minor.micro; pre-releases of Python count as the release, as in pip
    tags: tuple[Tag, ...]  #: best first (PEP 425)
    environment: dict[str, str]  #: values of environment markers (PEP 508)
    _ranks: dict[str, int | None] = field(init=False, repr=False, compare=False, default_factory=dict)
    _pythons: dict[str, bool] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        # Filled from the worst tag to the best, so that a tag listed twice keeps its better rank.
        for rank in range(len(self.tags) - 1, -1, -1):
            self._ranks[str(self.tags[rank])] = rank

    @classmethod
    def current(cls) -> Target:
        """Return the target that describes the interpreter that runs this code."""
        environment = {key: str(value) for key, value in default_environment().items()}
        return cls(".".join(map(str, sys.version_info[:3])), tuple(sys_tags()), environment)

    def rank(self, tag: str) -> int | None:
        """Return the position of the best tag in `tag`, or None if this interpreter takes none of them.

        `tag` is the tail of a wheel's file name, lower case: ``cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64``
        stands for two tags (PEP 425, compressed tag sets).
        """
        try:
            return self._ranks[tag]
        except KeyError:
            pass
        parts = tag.split("-")
        ranks = []
        if len(parts) == 3 and "." in tag:
            for combination in product(*(part.split(".") for part in parts)):
                single = self._ranks.get("-".join(combination))
                if single is not None:
                    ranks.append(single)
        best = min(ranks, default=None)
        self._ranks[tag] = best
        return best

    def accepts_python(self, requires_python: str) -> bool:
        """Say whether this Python satisfies a ``Requires-Python`` value; an unreadable one forbids nothing."""
        if not requires_python:
            return True
        try:
            return self._pythons[requires_python]
        except KeyError:
            pass
        try:
            answer = SpecifierSet(requires_python).contains(self.python_version, prereleases=True)
        except InvalidSpecifier:
            answer = True
        self._pythons[requires_python] = answer
        return answer
