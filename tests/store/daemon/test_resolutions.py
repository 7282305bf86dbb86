"""Resolutions out of an engine that others may write to: only what comes from one who has the key is taken."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mempip.errors import ProjectNotFound
from mempip.installer import session
from mempip.options import InstallOptions
from mempip.store.daemon.resolutions import Resolutions, Seals
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, NAME = "a key of thirty-two bytes or more", "name"
LIFETIME = 600.0


def now() -> int:
    return int(time.time())


def test_what_was_closed_is_opened() -> None:
    sealed = Seals(KEY).close(NAME, now() - 60, "text\nof é lines")
    age, text = Seals(KEY).open(NAME, sealed, LIFETIME)
    assert 60 <= age < LIFETIME
    assert text == "text\nof é lines"


def test_what_is_not_opened() -> None:
    good = Seals(KEY).close(NAME, now(), "text")
    for forged in (
        b"",
        b"anything",
        Seals(KEY * 2).close(NAME, now(), "text"),
        Seals(KEY).close("other", now(), "text"),
        Seals(KEY).close(NAME, 1, "text").replace(b"\n1\n", f"\n{now()}\n".encode()),
        good.replace(b"text", b"next"),
        good.partition(b"\n")[2],
        good[1:],
    ):
        with pytest.raises(ValueError, match="has not the key"):
            Seals(KEY).open(NAME, forged, LIFETIME)
    for made in (now() - 601, now() + 700):
        with pytest.raises(ValueError, match="s old"):
            Seals(KEY).open(NAME, Seals(KEY).close(NAME, made, "text"), LIFETIME)


def test_names_do_not_tell_what_was_asked() -> None:
    assert Seals(KEY).name("question") == Seals(KEY).name("question") != Seals(KEY * 2).name("question")
    assert Seals(KEY).name("question") != Seals(KEY).name("other")


class Engine:
    """Texts as an engine has them, in a dictionary; ``busy``: another machine makes what is asked for, in vain."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}
        self.told: list[str] = []
        self.busy = False

    def tell(self, outcome: str, reason: str) -> None:
        self.told.append(outcome)

    def get_text(self, name: str) -> bytes:
        return self.texts.get(name, b"")

    def put_text(self, name: str, text: bytes, lifetime: float) -> bool:
        self.texts[name] = text
        return True

    @contextmanager
    def leased_text(self, name: str, patience: float) -> Iterator[bool]:
        yield self.busy


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer(dict([build_wheel("made", "1"), build_wheel("other", "1")])) as running:
        yield running


def ask(engine: Engine, index: IndexServer, name: str = "made", **about: Any) -> tuple[list[str], bool]:
    """Resolve by way of the engine; return what it told, and whether the index was asked."""
    engine.told.clear()
    index.log.clear()
    pool = Resolutions(engine, **{"key": KEY, "lifetime": LIFETIME, "refresh": False, "stranger": False, **about})
    options = InstallOptions([name], index_url=index.url, dry_run=True)
    outcome = session.install(options, lambda _: None, pool=pool)
    assert [row["metadata"]["name"] for row in outcome.report["install"]] == [name]
    return engine.told, bool(index.log)


MADE = (["resolution_miss", "resolution_stored"], True)
TAKEN = (["resolution_hit"], False)
REFUSED = (["resolution_refused", "resolution_miss", "resolution_stored"], True)


def test_what_one_has_resolved_another_takes(engine: Engine, index: IndexServer) -> None:
    assert ask(engine, index) == MADE
    assert ask(engine, index) == TAKEN
    assert ask(engine, index, refresh=True) == MADE
    assert ask(engine, index, "other") == MADE
    assert ask(engine, index, stranger=True) == MADE  # not by the credentials of the daemon's user
    assert ask(engine, index, key=KEY * 2) == MADE
    assert ask(engine, index) == TAKEN


def test_what_is_forged_old_or_no_resolution_is_refused_and_put_right(engine: Engine, index: IndexServer) -> None:
    ask(engine, index)
    (name,) = engine.texts
    ask(engine, index, "other")
    (replayed,) = engine.texts.keys() - {name}
    good = engine.texts[name]
    for bad in (
        b"something else",
        good[:-1],
        engine.texts[replayed],
        Seals(KEY * 2).close(name, now(), "{}"),
        Seals(KEY).close(name, now() - 601, good.decode().split("\n", 2)[2]),
        Seals(KEY).close(name, now(), "no JSON"),
    ):
        engine.texts[name] = bad
        assert ask(engine, index) == REFUSED
        assert ask(engine, index) == TAKEN


def test_who_waited_in_vain_goes_on(engine: Engine, index: IndexServer) -> None:
    engine.busy = True
    assert ask(engine, index) == MADE


def test_a_failure_is_not_shared(engine: Engine, index: IndexServer) -> None:
    with pytest.raises(ProjectNotFound):
        ask(engine, index, "missing")
    assert engine.texts == {}
