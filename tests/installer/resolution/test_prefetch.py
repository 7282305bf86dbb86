from __future__ import annotations

import threading

import pytest

from mempip.errors import IndexUnavailable
from tests.installer.resolution.memory_catalog import MemoryCatalog, pinned, solve

#: Seconds after which a test gives up; only a failure takes that long.
PATIENCE = 30


class WatchedCatalog(MemoryCatalog):
    """Holds the resolver back at ``held`` until the prefetcher has asked for ``awaited``."""

    def __init__(self, projects, held, awaited):
        super().__init__(projects)
        self.held = held
        self.awaited = awaited
        self.arrived = threading.Event()

    def candidates(self, name):
        if name == self.awaited and threading.current_thread() is not threading.main_thread():
            self.arrived.set()
        return super().candidates(name)

    def metadata(self, candidate):
        if candidate.name == self.held and threading.current_thread() is threading.main_thread():
            assert self.arrived.wait(PATIENCE), f"{self.awaited} was not fetched ahead"
        return super().metadata(candidate)


def test_dependencies_of_dependencies_are_fetched_while_the_resolver_waits():
    world = {"a": {"1": ["b[x]"]}, "b": {"1": {"requires": ["c; extra == 'x'"], "extras": ["x"]}}, "c": {"1": []}}
    catalog = WatchedCatalog(world, held="a", awaited="c")
    assert pinned(solve(catalog, "a")) == {"a": "1", "b": "1", "c": "1"}


def test_nothing_is_fetched_for_what_is_not_going_to_be_installed():
    catalog = MemoryCatalog({"a": {"1": ["b", "c; sys_platform == 'amiga'"]}})
    solve(catalog, "a", no_deps=True)
    assert set(catalog.asked) <= {"a", "a-1-py3-none-any.whl"}
    catalog = MemoryCatalog({"a": {"1": ["b"]}, "b": {"1": []}})
    solve(catalog, "a", installed=[{"name": "b", "version": "1"}])
    solve(catalog, "a", constraints=["a==1"])
    assert "c" not in catalog.asked


def test_a_fault_while_fetching_ahead_is_the_resolvers_to_report():
    class Unsteady(MemoryCatalog):
        def candidates(self, name):
            if threading.current_thread() is not threading.main_thread():
                raise IndexUnavailable("https://index/", "hiccup")
            return super().candidates(name)

    assert pinned(solve(Unsteady({"a": {"1": ["b"]}, "b": {"1": []}}), "a")) == {"a": "1", "b": "1"}
    with pytest.raises(IndexUnavailable, match="down"):
        solve({"a": {"1": {"broken": IndexUnavailable("https://index/", "down")}}}, "a")


def test_a_long_search_is_read_ahead():
    world = {"a": {str(version): [f"b=={version}"] for version in range(40)}, "b": {"0": []}}
    catalog = MemoryCatalog(world)
    assert pinned(solve(catalog, "a")) == {"a": "0", "b": "0"}
    ahead = [filename for filename in dict.fromkeys(catalog.ahead) if filename.startswith("a-")]
    assert ahead == [f"a-{version}-py3-none-any.whl" for version in range(37, -1, -1)]


def test_a_short_search_is_not():
    world = {"a": {str(version): [f"b>={version}"] for version in range(40)}, "b": {"38": []}}
    catalog = MemoryCatalog(world)
    assert pinned(solve(catalog, "a")) == {"a": "38", "b": "38"}
    assert catalog.ahead == ["a-37-py3-none-any.whl"]


def test_what_is_installed_is_not_read_ahead():
    world = {"a": {str(version): [f"b=={version}"] for version in range(1, 9)}, "b": {"1": []}}
    catalog = MemoryCatalog(world)
    installed = [{"name": "a", "version": "5.5", "requires": ["b==9"]}]
    assert pinned(solve(catalog, "a", upgrade=True, installed=installed)) == {"a": "1", "b": "1"}
    assert "a-5.5-py3-none-any.whl" not in catalog.ahead
