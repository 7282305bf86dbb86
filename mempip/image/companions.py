"""What a store made of an image's wheels beforehand: code segments and inflated libraries, in sealed objects.

An image is whole without them: what is missing is compiled and inflated where it is used.
"""

from __future__ import annotations

import os

from mempip.errors import InvalidImage
from mempip.image.code import Segment, kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Protocol

    from mempip.image.layout import Entry

    class Lender(Protocol):
        """Is asked for what is not here, by the wheel's number and the place in that: `mempip.store.lending`."""

        def code(self, wheel: int, place: int) -> bytes | None: ...
        def library(self, wheel: int, place: int) -> int | None: ...
        def close(self) -> None: ...


class Companions:
    """The companions of one image.

    `code` are the numbers of the wheels' objects that have a code segment; `libraries` are, for each inflated library,
    its wheel's number and where its bytes start in that. `descriptors` are those of the objects: first the segments',
    then the libraries'.
    """

    def __init__(
        self,
        code: Sequence[int] = (),
        libraries: Sequence[Sequence[int]] = (),
        descriptors: Sequence[int] = (),
    ) -> None:
        self.descriptors = list(descriptors)
        self._code: dict[int, int | Segment | None] = dict(zip(code, descriptors, strict=False))  # more may follow
        places = [(wheel, place) for wheel, place in libraries]
        self._libraries = dict(zip(places, descriptors[len(code) :], strict=True))
        self.lender: Lender | None = None

    @classmethod
    def behind(cls, descriptors: Sequence[int], table: Mapping[str, Any] | None) -> tuple[list[int], Companions]:
        """Return the descriptors of an image's own objects, and the companions whose objects come behind those.

        Raises `InvalidImage` if the `table` of companions does not fit.
        """
        code, libraries = (table["code"], table["libraries"]) if table else ((), ())
        own = len(descriptors) - len(code) - len(libraries)
        if own < 1:
            raise InvalidImage(f"{len(descriptors)} objects are too few for it and its companions")
        return [*descriptors[:own]], cls(code, libraries, descriptors[own:])

    @property
    def table(self) -> dict[str, Any]:
        """What these companions were made from, but for the descriptors."""
        return {"code": list(self._code), "libraries": [list(place) for place in self._libraries]}

    def code(self, entry: Entry) -> bytes | None:
        """Return the marshalled code of the module whose source `entry` describes, if there is some that fits."""
        segment = self._code.get(entry.object)
        if isinstance(segment, int):
            segment = self._open(entry.object, segment)
        if segment is not None:
            return segment.find(entry.offset)
        return self.lender.code(entry.object, entry.offset) if self.lender is not None else None

    def _open(self, wheel: int, descriptor: int) -> Segment | None:
        segment = Segment(descriptor)
        found = segment if segment.kind == kind() else None  # a child was started with another optimisation level
        self._code[wheel] = found
        return found

    def library(self, entry: Entry) -> int | None:
        """Return a new descriptor of the inflated library that `entry` describes, or ``None`` if it is not here."""
        found = self._libraries.get((entry.object, entry.offset))
        if found is not None:
            return os.dup(found)
        return self.lender.library(entry.object, entry.offset) if self.lender is not None else None

    def close(self) -> None:
        """Close the descriptors. Nothing can be found afterwards."""
        if self.lender is not None:
            self.lender.close()
        self._code.clear()
        self._libraries.clear()
        while self.descriptors:
            os.close(self.descriptors.pop())
