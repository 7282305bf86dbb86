"""The choice among adapters, and the errors of this package."""

from __future__ import annotations

import pytest

import mempip_native
from mempip_native import AdapterUnavailable, LoadError, Probe, _platform, _unsupported
from mempip_native.libraries import LibraryLoader


class Fake:
    """An adapter that only answers its probe."""

    def __init__(self, name: str, ok: bool) -> None:
        self.name = name
        self.ok = ok

    def probe(self) -> Probe:
        return Probe(self.name, self.ok, "" if self.ok else f"{self.name} is refused", "ask nicely")


@pytest.fixture
def adapters(monkeypatch: pytest.MonkeyPatch):
    def arrange(**adapters: bool) -> None:
        found = [Fake(name, ok) for name, ok in adapters.items()]
        monkeypatch.setattr(_platform, "adapters", lambda: found)

    return arrange


def test_the_first_that_works(adapters) -> None:
    adapters(one=False, two=True, three=True)
    assert mempip_native.select().name == "two"
    assert mempip_native.select("three").name == "three"


def test_all_reasons_when_none_works(adapters) -> None:
    adapters(one=False, two=False)
    with pytest.raises(AdapterUnavailable, match=r"^one: one is refused; two: two is refused$") as caught:
        mempip_native.select()
    assert [(probe.adapter, probe.ok, probe.remedy) for probe in caught.value.probes] == [
        ("one", False, "ask nicely"),
        ("two", False, "ask nicely"),
    ]


def test_a_named_one_has_no_substitute(adapters) -> None:
    adapters(one=False, two=True)
    with pytest.raises(AdapterUnavailable, match=r"^one: one is refused$"):
        mempip_native.select("one")


def test_get_does_not_probe(adapters) -> None:
    adapters(one=False)
    assert mempip_native.get("one").name == "one"
    with pytest.raises(AdapterUnavailable, match=r"no adapter 'two'.*there are: one"):
        mempip_native.get("two")


def test_an_operating_system_without_adapters(monkeypatch) -> None:
    monkeypatch.setattr(_platform, "adapters", _unsupported.adapters)
    with pytest.raises(AdapterUnavailable, match="no adapter exists"):
        mempip_native.select()
    with pytest.raises(AdapterUnavailable, match="there are: none"):
        mempip_native.get("memfd")
    loader = _unsupported.LibraryLoader(Fake("none", False), None)
    for attempt in (loader.load, loader.dlopen):
        with pytest.raises(LoadError, match=r"pkg/x\.so: mempip cannot"):
            attempt("pkg/x.so")


def test_every_adapter_has_a_name_of_its_own() -> None:
    names = [adapter.name for adapter in mempip_native.adapters()]
    assert len(set(names)) == len(names)
    assert LibraryLoader.__doc__


def test_a_probe_shows_what_it_knows() -> None:
    assert repr(Probe("memfd", False, "why", "how")) == "Probe('memfd', ok=False, reason='why', remedy='how')"
