"""The hashes that a user allows a file to have (pip's ``--hash``)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mempip.errors import HashMismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: What ``--hash`` may name, as in pip, with the length of the hex digests.
ALGORITHMS = {"sha256": 64, "sha384": 96, "sha512": 128}
#: The first of these that a file's promises carry is checked, and vouches for the file.
STRONG_HASHES = ("sha512", "sha384", "sha256")


class Hashes(NamedTuple):
    """Digests of which a file must have one. No digests at all say nothing, and allow every file."""

    allowed: Mapping[str, frozenset[str]] = MappingProxyType({})  #: algorithm → hex digests, lower case

    @classmethod
    def parse(cls, values: Iterable[str]) -> Hashes:
        """Read values of ``--hash``: ``ALGORITHM:DIGEST``. Raises `ValueError` that says what is wrong with one."""
        allowed: dict[str, frozenset[str]] = {}
        for value in values:
            algorithm, colon, digest = value.partition(":")
            if not colon:
                raise ValueError(f"--hash takes the name of a hash and a digest, as in sha256:0123…, not {value!r}")
            if algorithm not in ALGORITHMS:
                raise ValueError(f"--hash takes {', '.join(ALGORITHMS)}, not {algorithm!r}")
            if not re.fullmatch(rf"[0-9a-fA-F]{{{ALGORITHMS[algorithm]}}}", digest):
                raise ValueError(f"the {algorithm} in --hash must have {ALGORITHMS[algorithm]} hexadecimal digits")
            allowed[algorithm] = allowed.get(algorithm, frozenset()) | {digest.lower()}
        return cls(allowed)

    def __bool__(self) -> bool:
        return bool(self.allowed)

    def __and__(self, other: Hashes) -> Hashes:
        """What both allow. Where they have nothing in common, no file is allowed: algorithms without digests."""
        if not self or not other:
            return self or other
        common = self.allowed.keys() & other.allowed.keys()
        if not common:
            return Hashes({algorithm: frozenset() for algorithm in (*self.allowed, *other.allowed)})
        return Hashes({algorithm: self.allowed[algorithm] & other.allowed[algorithm] for algorithm in sorted(common)})

    def matches(self, promised: Mapping[str, str]) -> bool | None:
        """Whether a file with the `promised` hashes is allowed; ``None`` if nothing can be compared."""
        answers = [promised[name].lower() in digests for name, digests in self.allowed.items() if name in promised]
        return any(answers) if answers else None

    def check(self, filename: str, digests: Mapping[str, str]) -> None:
        """Raise `HashMismatch` if a file with `digests`, one of each algorithm in ``allowed``, is not allowed."""
        if not self or any(digests[name] in allowed for name, allowed in self.allowed.items()):
            return
        algorithm, expected = next(iter(self.allowed.items()))
        words = " or ".join(sorted(expected)) or "(nothing: the requirements contradict each other)"
        raise HashMismatch(filename, algorithm, words, digests[algorithm])


NO_HASHES = Hashes()
