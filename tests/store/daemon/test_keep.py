"""What is kept, for how long, and what is said of it; and who fetches what."""

from __future__ import annotations

import os

from mempip.store.daemon.flights import Claims
from mempip.store.daemon.keep import Keep, Kept, Limits
from mempip.store.daemon.objects import Held

WIDE = Limits(1 << 40, 1 << 40, 1 << 20)


def held(data: bytes = b"data") -> Held:
    descriptor = os.memfd_create("test")
    os.write(descriptor, data)
    return Held(descriptor)


class TestKeep:
    def test_of_two_equal_wheels_the_first_stays(self) -> None:
        keep = Keep(lambda: 0.0, 1.0, WIDE)
        first = keep.add_wheel("hash", "a.whl", held(), 0)
        assert keep.add_wheel("hash", "a.whl", held(), 0) is first
        assert keep.wheel("other") is None
        described = keep.describe()
        assert (described["wheel_bytes"], len(described["wheels"])) == (4, 1)

    def test_an_image_is_handed_out_until_it_is_too_old(self) -> None:
        now = 0.0
        keep = Keep(lambda: now, 10.0, WIDE)
        keep.add_image("key", Kept(held(), [], "memfd", [], made=0.0))
        now = 9.0
        found = keep.image("key")
        assert found is not None
        assert found.used == 1
        keep.forget_images()
        assert "key" in keep.images
        now = 10.0
        assert keep.image("key") is None
        keep.add_image("key", Kept(held(), [], "memfd", [], made=0.0))
        keep.forget_images()
        assert keep.images == {}

    def test_an_object_is_closed_when_nobody_refers_to_it(self) -> None:
        keep = Keep(lambda: 0.0, 1.0, WIDE)
        descriptor = keep.add_wheel("hash", "a.whl", held(), 0).held.descriptor
        os.fstat(descriptor)
        del keep
        assert not os.path.exists(f"/proc/self/fd/{descriptor}")


def test_what_was_not_used_for_longest_makes_room() -> None:
    keep = Keep(lambda: 0.0, 9.0, Limits(bytes=30, user_bytes=99, objects=99))
    wheels = [keep.add_wheel(name, name, held(b"0123456789"), 0) for name in "abc"]
    keep.add_image("ab", Kept(held(b""), wheels[:2], "memfd", [], made=0.0))
    keep.add_image("c", Kept(held(b""), wheels[2:], "memfd", [], made=0.0))
    keep.make_room()
    assert (list(keep.wheels), keep.evicted) == (["a", "b", "c"], 0)
    assert keep.image("ab") is not None
    keep.wheel("b")
    wheels[0].code[0] = held(b"code")  # what goes with a wheel counts, and goes with it
    keep.make_room()
    assert list(keep.wheels) == ["a", "b"]
    assert list(keep.images) == ["ab"]
    keep.add_wheel("d", "d", held(b"0123456789"), 0)
    keep.make_room()
    assert (list(keep.wheels), list(keep.images), keep.evicted) == (["b", "d"], [], 2)


def test_descriptors_are_limited_too() -> None:
    keep = Keep(lambda: 0.0, 9.0, Limits(bytes=99, user_bytes=99, objects=2))
    for name in "abc":
        keep.add_wheel(name, name, held(), 0)
    keep.make_room()
    assert list(keep.wheels) == ["b", "c"]


def test_another_user_has_a_quota() -> None:
    keep = Keep(lambda: 0.0, 9.0, Limits(bytes=99, user_bytes=8, objects=99))
    for name, owner in (("a", 54321), ("b", 0), ("c", 54321), ("d", 54321), ("e", 0), ("f", 0)):
        keep.add_wheel(name, name, held(), owner)
    keep.make_room()
    assert list(keep.wheels) == ["b", "c", "d", "e", "f"]


class TestClaims:
    def test_one_fetches_and_the_others_wait(self) -> None:
        claims: Claims[str] = Claims()
        assert claims.take("hash", "first")
        assert not claims.take("hash", "second")
        assert claims.settle("hash", "second") == []
        assert claims.settle("hash", "first") == ["second"]
        assert len(claims) == 0

    def test_who_gives_up_has_an_heir(self) -> None:
        claims: Claims[str] = Claims()
        for who in ("first", "second", "third"):
            claims.take("hash", who)
        assert claims.release("hash", "first") == "second"
        assert claims.settle("hash", "second") == ["third"]
        assert claims.release("hash", "second") is None

    def test_who_ends_leaves_everything(self) -> None:
        claims: Claims[str] = Claims()
        claims.take("one", "first")
        claims.take("one", "second")
        claims.take("two", "second")
        claims.take("two", "first")
        claims.take("three", "first")
        assert claims.forget("first") == [("one", "second")]
        assert claims.settle("two", "second") == []
        assert claims.take("three", "second")
