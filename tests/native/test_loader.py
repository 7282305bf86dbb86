"""Libraries and what they need, through the real dynamic linker. Each test is in a child process of its own."""

from __future__ import annotations

import os
import sys

import pytest

import mempip_native
from mempip_native import LoadError
from mempip_native.linux import probe_library
from tests.support.children import in_child
from tests.support.elf import library
from tests.support.libraries import MemorySource

if sys.platform != "linux":
    pytest.skip("ELF libraries load on Linux only", allow_module_level=True)

import _ctypes

from mempip_native.linux import linker
from mempip_native.linux.loader import LibraryLoader, is_hashed

MACHINE = probe_library.MACHINES.get(os.uname().machine)
if MACHINE is None or not linker.glibc_version():
    pytest.skip("libraries are made for machines with glibc that mempip knows", allow_module_level=True)

RUNPATH = "$ORIGIN/../pkg.libs"


@pytest.fixture(scope="module")
def adapter() -> mempip_native.Adapter:
    return mempip_native.select()


def lib(**options) -> bytes:
    return library(MACHINE, **options)


def answer(loader: LibraryLoader, path: str, function: str) -> int:
    """Call `function` of the library at `path`, or of the first that has it among those it needs."""
    return _ctypes.call_function(_ctypes.dlsym(loader.dlopen(path), function), ())


def loading(adapter, files: dict[str, bytes], action):
    """Return what `action` returns for a loader of `files`, in a child process."""
    return in_child(lambda: action(LibraryLoader(adapter, MemorySource(files))))


CHAIN = {
    "pkg/x.so": lib(needed=["libmiddle.so"], runpath=RUNPATH, functions={"x": 1}),
    "pkg.libs/libmiddle.so": lib(soname="libmiddle.so", needed=["libleaf.so"], functions={"middle": 2}),
    "pkg.libs/libleaf.so": lib(soname="libleaf.so", functions={"leaf": 3}),
    "pkg/unused.so": b"never read",
}
CYCLE = {
    "pkg/x.so": lib(needed=["libping.so"], runpath=RUNPATH, functions={"x": 1}),
    "pkg.libs/libping.so": lib(soname="libping.so", needed=["libpong.so"], runpath="$ORIGIN/.", functions={"ping": 2}),
    "pkg.libs/libpong.so": lib(soname="libpong.so", needed=["libping.so"], runpath="$ORIGIN/.", functions={"pong": 3}),
}


def two_wheels(**options) -> dict[str, bytes]:
    return {
        "one/x.so": lib(needed=["libleaf.so"], **options),
        "one/y.so": lib(needed=["libleaf.so"], **options),
        "one.libs/libleaf.so": lib(soname="libleaf.so", functions={"leaf": 1}),
        "two/x.so": lib(needed=["libleaf.so"], **options),
        "two/y.so": lib(needed=["libleaf.so"], **options),
        "two.libs/libleaf.so": lib(soname="libleaf.so", functions={"leaf": 2}),
    }


def test_what_is_needed_comes_first(adapter) -> None:
    def action(loader: LibraryLoader) -> list[int]:
        answers = [answer(loader, "pkg/x.so", function) for function in ("x", "middle", "leaf")]
        assert loader._source.inflated == ["pkg/x.so", "pkg.libs/libmiddle.so", "pkg.libs/libleaf.so"]
        return answers

    assert loading(adapter, CHAIN, action) == [1, 2, 3]


def test_an_anchor_is_closed_and_its_path_stays(adapter) -> None:
    def action(loader: LibraryLoader) -> None:
        with loader.load("pkg/x.so") as anchor:
            linker.dlopen(anchor.path, linker.NOW)
            fds = len(os.listdir("/proc/self/fd"))
        assert len(os.listdir("/proc/self/fd")) == fds - 1
        anchor.close()  # again
        assert loader.load("pkg/x.so").path == anchor.path
        assert answer(loader, "pkg/x.so", "leaf") == 3
        assert len(loader._source.inflated) == 3

    loading(adapter, CHAIN, action)


def test_an_anchor_that_nobody_loaded_is_forgotten(adapter) -> None:
    def action(loader: LibraryLoader) -> None:
        first = loader.load("pkg/x.so")
        first.close()
        assert loader.load("pkg/x.so").path != first.path

    loading(adapter, CHAIN, action)


def test_descriptors_stay_for_a_debugger(adapter, monkeypatch) -> None:
    monkeypatch.setenv("MEMPIP_KEEP_DESCRIPTORS", "1")

    def action(loader: LibraryLoader) -> None:
        loader.dlopen("pkg/x.so")
        for path in ("pkg/x.so", "pkg.libs/libleaf.so"):
            with open(loader.load(path).path, "rb") as file:
                assert file.read() == CHAIN[path]

    loading(adapter, CHAIN, action)


def test_after_a_fork(adapter) -> None:
    def action(loader: LibraryLoader) -> None:
        loader.dlopen("pkg.libs/libleaf.so")
        prepared = loader.load("pkg/x.so")

        def child() -> tuple[int, str]:
            return answer(loader, "pkg/x.so", "leaf"), loader.load("pkg/x.so").path

        leaf, path = in_child(child)
        assert leaf == 3
        assert path.startswith("/proc/")
        assert path.split("/")[2] != prepared.path.split("/")[2]

    loading(adapter, CHAIN, action)


@pytest.mark.parametrize("first", ["pkg/x.so", "pkg.libs/libping.so", "pkg.libs/libpong.so"])
def test_libraries_that_need_each_other(adapter, first: str) -> None:
    def action(loader: LibraryLoader) -> list[int]:
        loader.dlopen(first)
        answers = [answer(loader, "pkg/x.so", function) for function in ("x", "ping", "pong")]
        assert sorted(loader._source.inflated) == sorted(CYCLE)
        assert answer(loader, "pkg.libs/libpong.so", "ping") == 2
        return answers

    assert loading(adapter, CYCLE, action) == [1, 2, 3]


def test_a_cycle_that_cannot_be_bound(adapter) -> None:
    files = {
        "pkg/a.so": lib(soname="a.so", needed=["b.so"]),
        "pkg/b.so": lib(soname="b.so", needed=["a.so"]),
    }

    def action(loader: LibraryLoader) -> str:
        fds = os.listdir("/proc/self/fd")
        with pytest.raises(LoadError) as caught:
            loader.dlopen("pkg/a.so")
        assert os.listdir("/proc/self/fd") == fds
        assert not loader._libraries
        return str(caught.value)

    assert "cannot be bound to pkg/" in loading(adapter, files, action)


def test_one_soname_in_two_wheels(adapter) -> None:
    files = two_wheels(runpath="$ORIGIN/../none")
    paths = ["one/x.so", "two/x.so", "one/y.so", "two/y.so"]

    def action(loader: LibraryLoader) -> list[int]:
        answers = [answer(loader, path, "leaf") for path in paths]
        assert loader.notes == []
        return answers

    assert loading(adapter, files, action) == [1, 2, 1, 2]


def test_a_library_that_came_second_by_itself_is_still_told_apart(adapter) -> None:
    files = two_wheels(runpath="$ORIGIN/../none")

    def action(loader: LibraryLoader) -> list[int]:
        for path in ("one.libs/libleaf.so", "two.libs/libleaf.so"):
            loader.dlopen(path)
        return [answer(loader, path, "leaf") for path in ("two/x.so", "one/x.so")]

    assert loading(adapter, files, action) == [2, 1]


def test_what_cannot_be_told_apart_is_noted(adapter) -> None:
    def action(loader: LibraryLoader) -> tuple[list[int], list[str]]:
        return [answer(loader, path, "leaf") for path in ("one/x.so", "two/x.so")], loader.notes

    answers, (note,) = loading(adapter, two_wheels(), action)
    assert answers == [1, 1]
    assert note.startswith("two/x.so shares the first loaded library of a name instead of two.libs/libleaf.so:")


@pytest.mark.parametrize("name", ["libleaf.so", "libleaf-0123abcd.so"])
def test_equal_libraries_are_loaded_once(adapter, name: str) -> None:
    files = {
        "one/x.so": lib(needed=[name]),
        f"one.libs/{name}": lib(soname=name, functions={"leaf": 1}),
        "two/x.so": lib(needed=[name]),
        # A name that holds a hash says it, whatever was done to the bytes since.
        f"two.libs/{name}": lib(soname=name, functions={"leaf": 1}, tls=8 * ("-" in name)),
    }

    def action(loader: LibraryLoader) -> list[str]:
        assert [answer(loader, path, "leaf") for path in ("one/x.so", "two/x.so")] == [1, 1]
        return loader._source.inflated

    assert loading(adapter, files, action) == ["one/x.so", f"one.libs/{name}", "two/x.so"]


def test_a_name_that_the_process_has_is_taken(adapter) -> None:
    """The interpreter has loaded a C library; on disk a bundled one of that name would not be loaded either."""
    files = {"pkg/x.so": lib(needed=["libc.so.6"], functions={"x": 1}), "pkg/libc.so.6": b"never read"}
    assert loading(adapter, files, lambda loader: answer(loader, "pkg/x.so", "x")) == 1


def test_a_dependency_without_a_soname(adapter) -> None:
    files = CHAIN | {"pkg.libs/libmiddle.so": lib(functions={"middle": 5})}
    assert loading(adapter, files, lambda loader: answer(loader, "pkg/x.so", "middle")) == 5


def test_a_closed_library_without_a_soname_is_found_by_its_path(adapter) -> None:
    name = "libmiddle-with-a-name-that-has-room-for-a-path.so"
    files = {"pkg/x.so": lib(needed=[name]), f"pkg/{name}": lib(functions={"middle": 5})}

    def action(loader: LibraryLoader) -> int:
        loader.dlopen(f"pkg/{name}")
        return answer(loader, "pkg/x.so", "middle")

    assert loading(adapter, files, action) == 5


def test_objects_of_a_store(adapter) -> None:
    def action(loader: LibraryLoader) -> list[int]:
        for path, content in CYCLE.items():
            fd = adapter.allocate(path)
            os.write(fd, content)
            loader._source.shared[path] = adapter.seal(fd)
        answers = [answer(loader, "pkg/x.so", function) for function in ("x", "ping", "pong")]
        assert loader._source.inflated == []
        for path, content in CYCLE.items():
            assert os.pread(loader._source.shared[path], len(content) + 1, 0) == content
        return answers

    assert loading(adapter, CYCLE, action) == [1, 2, 3]


def test_a_library_that_needs_itself(adapter) -> None:
    files = {"pkg/libx.so": lib(soname="libx.so", needed=["libx.so"], functions={"x": 1})}
    assert loading(adapter, files, lambda loader: answer(loader, "pkg/libx.so", "x")) == 1


@pytest.mark.parametrize("wanted", ["pkg/x.so", "pkg.libs/libleaf.so"])
def test_a_library_that_the_linker_refuses(adapter, wanted: str) -> None:
    files = CHAIN | {"pkg.libs/libleaf.so": lib(soname="libleaf.so", needed=["libabsent.so.9"])}

    def action(loader: LibraryLoader) -> tuple[str, str]:
        with pytest.raises(LoadError) as caught:
            loader.dlopen(wanted)
        assert "pkg.libs/libleaf.so" not in loader._libraries
        return caught.value.library, caught.value.reason

    library_at_fault, reason = loading(adapter, files, action)
    assert library_at_fault == "pkg.libs/libleaf.so"
    assert reason.startswith("it needs libabsent.so.9, which is neither bundled")


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh", library(MACHINE)[:80]])
def test_what_is_not_a_library(adapter, content: bytes) -> None:
    def action(loader: LibraryLoader) -> str:
        fds = os.listdir("/proc/self/fd")
        with pytest.raises(LoadError) as caught:
            loader.load("pkg/x.so")
        assert os.listdir("/proc/self/fd") == fds
        return caught.value.hint

    assert loading(adapter, {"pkg/x.so": content}, action) == "The wheel is broken; choose another version of it."


def test_a_library_of_another_machine(adapter) -> None:
    other = "aarch64" if os.uname().machine == "x86_64" else "x86_64"
    files = {"pkg/x.so": library(probe_library.MACHINES[other])}

    def action(loader: LibraryLoader) -> str:
        with pytest.raises(LoadError) as caught:
            loader.load("pkg/x.so")
        return caught.value.reason

    reason = loading(adapter, files, action)
    assert reason.startswith(f"it is built for {other} (64 bits)")
    assert os.uname().machine in reason


def test_a_damaged_archive(adapter) -> None:
    class Damaged(MemorySource):
        def inflate(self, path: str, fd: int) -> None:
            raise RuntimeError("CRC")

    loader = LibraryLoader(adapter, Damaged(CHAIN))
    with pytest.raises(RuntimeError, match="CRC"):
        loader.load("pkg/x.so")
    assert not loader._libraries


def test_a_linker_that_knows_no_sonames(adapter) -> None:
    """As musl's: every need is bound, and descriptors stay open because nothing is remembered by name."""
    files = {
        "pkg/x.so": lib(needed=["libleaf.so", "libother.so"], runpath=RUNPATH, functions={"x": 1}),
        "pkg/libleaf.so": lib(soname="libleaf.so", functions={"leaf": 3}),
        "pkg/libother.so": lib(soname="libother.so", functions={"other": 4}),
    }

    def action(loader: LibraryLoader) -> list[int]:
        loader._musl = loader._keep = True
        answers = [answer(loader, "pkg/x.so", function) for function in ("leaf", "other")]
        with open(loader.load("pkg/x.so").path, "rb") as file:
            assert b"libleaf" not in file.read()
        return answers

    assert loading(adapter, files, action) == [3, 4]


@pytest.mark.parametrize(
    ("name", "hashed"),
    [
        ("libgfortran-040039e1.so.5.0.0", True),
        ("libgfortran-040039e1-0352e75f.so.5.0.0", True),
        ("libscipy_openblas64_-6bb31eeb.so", True),
        ("libfoo.so.1", False),
        ("libfoo-deadbee.so", False),
        ("libicudata-generic.so.70", False),
        ("libfoo.so.12345678", False),
        ("12345678.so", False),
    ],
)
def test_names_that_hold_a_hash(name: str, hashed: bool) -> None:
    assert is_hashed(name) == hashed
