"""What is kept, for how long, and what is said of it; and who fetches what."""

from __future__ import annotations

import os

from mempip.store.daemon.flights import Claims
from mempip.store.daemon.keep import Keep, Kept
from mempip.store.daemon.objects import Held


def held(data: bytes = b"data") -> Held:
    descriptor = os.memfd_create("test")
    os.write(descriptor, data)
    return Held(descriptor)


class TestKeep:
    def test_of_two_equal_wheels_the_first_stays(self) -> None:
        keep = Keep(lambda: 0.0, 1.0)
        first = keep.add_wheel("hash", "a.whl", held())
        assert keep.add_wheel("hash", "a.whl", held()) is first
        assert keep.wheel("other") is None
        described = keep.describe()
        assert (described["wheel_bytes"], len(described["wheels"])) == (4, 1)

    def test_an_image_is_handed_out_until_it_is_too_old(self) -> None:
        now = 0.0
        keep = Keep(lambda: now, 10.0)
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
        keep = Keep(lambda: 0.0, 1.0)
        descriptor = keep.add_wheel("hash", "a.whl", held()).held.descriptor
        os.fstat(descriptor)
        del keep
        assert not os.path.exists(f"/proc/self/fd/{descriptor}")


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
