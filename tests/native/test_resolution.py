"""DT_NEEDED names against the files of an environment."""

from __future__ import annotations

import posixpath

import pytest

from mempip_native.linux.elf import Elf
from mempip_native.linux.resolution import resolve, search_path
from tests.support.elf import library


class Paths:
    """An environment that has only paths."""

    def __init__(self, *paths: str) -> None:
        self.paths = paths

    def exists(self, path: str) -> bool:
        return path in self.paths

    def find(self, name: str) -> list[str]:
        return [path for path in self.paths if posixpath.basename(path) == name]


def directories(path: str, inherited: tuple[str, ...] = (), **options: str) -> tuple[list[str], list[str]]:
    return search_path(Elf(library(**options)), path, inherited)


def test_a_run_path_is_for_one_library() -> None:
    own, passed_on = directories("pkg/a/x.so", ("old",), runpath="$ORIGIN/../../pkg.libs:${ORIGIN}", rpath="$ORIGIN/no")
    assert own == ["pkg.libs", "pkg/a"]
    assert passed_on == []


def test_an_rpath_is_also_for_what_is_needed() -> None:
    own, passed_on = directories("pkg/x.so", ("old",), rpath="$ORIGIN/lib")
    assert own == passed_on == ["pkg/lib", "old"]


@pytest.mark.parametrize("outside", ["/usr/lib", "lib", "", "$ORIGINAL/x", "$LIB"])
def test_directories_outside_are_not_searched(outside: str) -> None:
    assert directories("pkg/x.so", runpath=f"{outside}:$ORIGIN")[0] == ["pkg"]


def test_libraries_at_the_root() -> None:
    assert directories("x.so", runpath="$ORIGIN/../x.libs:$ORIGIN/x.libs:$ORIGIN")[0] == ["../x.libs", "x.libs", "."]


def test_the_run_path_comes_first_and_in_order() -> None:
    source = Paths("pkg/l.so", "b/l.so", "a/l.so")
    assert resolve("l.so", "pkg/x.so", ["none", "a", "b"], source) == "a/l.so"


def test_then_the_nearest_of_the_same_distribution() -> None:
    source = Paths("other.libs/l.so", "pkg.libs/l.so", "pkg/deep/l.so", "pkg/deep/er/l.so", "pkg/deep/z/l.so")
    assert resolve("l.so", "pkg/deep/er/x.so", [], source) == "pkg/deep/er/l.so"
    assert resolve("l.so", "pkg/x.so", [], source) == "pkg/deep/er/l.so"
    assert resolve("l.so", "other/x.so", [], source) == "other.libs/l.so"


def test_else_the_system_s_is_meant() -> None:
    assert resolve("libm.so.6", "pkg/x.so", ["pkg"], Paths("other/libm.so.6")) is None
    assert resolve("l.so", "pkg/l.so", [], Paths("pkg/l.so")) is None
    assert resolve("/lib/l.so", "pkg/x.so", [], Paths("pkg/l.so")) is None
