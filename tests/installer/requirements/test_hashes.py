from __future__ import annotations

import pytest

from mempip.errors import HashMismatch
from mempip.installer.requirements.hashes import NO_HASHES, Hashes

A, B, LONG = "a" * 64, "b" * 64, "c" * 128


def test_several_of_several_kinds() -> None:
    hashes = Hashes.parse([f"sha256:{A.upper()}", f"sha256:{B}", f"sha512:{LONG}"])
    assert hashes.allowed == {"sha256": {A, B}, "sha512": {LONG}}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("abcdef", "the name of a hash and a digest"),
        (f"md5:{'a' * 32}", "sha256, sha384, sha512, not 'md5'"),
        ("sha256:abc", "64 hexadecimal digits"),
        (f"sha256:{'x' * 64}", "64 hexadecimal digits"),
    ],
)
def test_bad_values(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Hashes.parse([value])


def test_both_must_agree() -> None:
    one, other, third = Hashes.parse([f"sha256:{A}", f"sha256:{B}"]), Hashes.parse([f"sha256:{B}"]), NO_HASHES
    assert (one & other).allowed == {"sha256": {B}}
    assert one & third == one == third & one
    nothing = one & Hashes.parse([f"sha512:{LONG}"])
    assert nothing
    with pytest.raises(HashMismatch, match="contradict"):
        nothing.check("a.whl", {"sha256": A, "sha512": LONG})


def test_what_an_index_promises() -> None:
    hashes = Hashes.parse([f"sha256:{A}"])
    assert hashes.matches({"sha256": A.upper()}) is True
    assert hashes.matches({"sha256": B, "md5": "1"}) is False
    assert hashes.matches({"md5": "1"}) is None


def test_what_a_file_has() -> None:
    hashes = Hashes.parse([f"sha256:{A}", f"sha512:{LONG}"])
    hashes.check("a.whl", {"sha256": B, "sha512": LONG})
    NO_HASHES.check("a.whl", {})
    with pytest.raises(HashMismatch, match=f"expected sha256:{A}, got sha256:{B}"):
        hashes.check("a.whl", {"sha256": B, "sha512": "d" * 128})
