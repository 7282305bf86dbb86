"""Libraries bound to descriptors, as the dynamic linker of musl takes them.

A musl Python is not here. So the libraries are prepared by the loader as it would on musl, in a process that
then becomes a program of musl: descriptors and the process number stay.
"""

from __future__ import annotations

import contextlib
import os
import subprocess

import pytest

import mempip_native
from mempip_native.libraries import LibraryLoader
from mempip_native.linux.probe_library import MACHINES
from platform_tests.support.tools import require, require_tool
from tests.support.elf import library
from tests.support.libraries import MemorySource

PROGRAM = """
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        void *handle = dlopen(argv[i], RTLD_NOW);
        if (!handle) { puts(dlerror()); return 1; }
        int (*function)(void) = dlsym(handle, argv[i + 1]);
        if (!function) { puts(dlerror()); return 1; }
        printf("%d\\n", function());
    }
}
"""
RUNPATH = "$ORIGIN/../pkg.libs"


@pytest.fixture(scope="module")
def musl_program(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = require_tool("musl-gcc", "musl-tools")
    program = tmp_path_factory.mktemp("musl") / "load"
    subprocess.run([compiler, "-x", "c", "-", "-o", program], input=PROGRAM.encode(), check=True)
    return str(program)


def lib(**options) -> bytes:
    machine = os.uname().machine
    require(machine in MACHINES, f"libraries for {machine} cannot be made")
    return library(MACHINES[machine], **options)


def run(program: str, adapter: str, files: dict[str, bytes], wanted: dict[str, str]) -> list[str]:
    """Load the libraries `wanted` in a musl program and return what their functions answer."""

    def become() -> None:
        loader = LibraryLoader(mempip_native.get(adapter), MemorySource(files))
        loader._musl = True
        loader._load = loader._settle = lambda libraries: None  # that is for the linker of the program
        arguments = [program]
        for path, function in wanted.items():
            arguments += [loader.load(path).path, function]
        for fd in range(3, 256):
            with contextlib.suppress(OSError):
                os.set_inheritable(fd, True)
        os.execv(program, arguments)

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writer, 1)
        try:
            become()
        finally:
            os._exit(9)
    os.close(writer)
    with open(reader) as pipe:
        output = pipe.read()
    os.waitpid(child, 0)
    return output.splitlines()


@pytest.fixture(params=["memfd", "tmpfs", "tempfile"])
def adapter(request: pytest.FixtureRequest) -> str:
    probe = mempip_native.get(request.param).probe()
    require(probe.ok, f"{request.param} does not work here: {probe.reason}. {probe.remedy}")
    return request.param


def test_what_is_needed_is_found_by_its_number(musl_program: str, adapter: str) -> None:
    files = {
        "pkg/x.so": lib(needed=["libmiddle.so"], runpath=RUNPATH, functions={"x": 1}),
        "pkg.libs/libmiddle.so": lib(soname="libmiddle.so", needed=["libleaf.so"], rpath=RUNPATH, functions={"m": 2}),
        "pkg.libs/libleaf.so": lib(soname="libleaf.so", functions={"leaf": 3}),
    }
    assert run(musl_program, adapter, files, {"pkg/x.so": "leaf"}) == ["3"]


def test_what_is_needed_is_found_by_its_path(musl_program: str, adapter: str) -> None:
    name = "libleaf-0123abcd-with-room-for-a-path.so.1"
    files = {
        "pkg/x.so": lib(needed=[name], runpath=RUNPATH),
        f"pkg.libs/{name}": lib(soname=name, functions={"leaf": 3}),
    }
    assert run(musl_program, adapter, files, {"pkg/x.so": "leaf"}) == ["3"]


def test_libraries_that_need_each_other(musl_program: str, adapter: str) -> None:
    files = {
        "pkg/x.so": lib(needed=["libping.so"], runpath=RUNPATH),
        "pkg.libs/libping.so": lib(soname="libping.so", needed=["libpong.so"], runpath=RUNPATH, functions={"ping": 2}),
        "pkg.libs/libpong.so": lib(soname="libpong.so", needed=["libping.so"], runpath=RUNPATH, functions={"pong": 3}),
    }
    wanted = {"pkg/x.so": "pong", "pkg.libs/libpong.so": "ping", "pkg.libs/libping.so": "pong"}
    assert run(musl_program, adapter, files, wanted) == ["3", "2", "3"]


def test_one_soname_in_two_wheels(musl_program: str, adapter: str) -> None:
    files = {}
    for package, number in (("one", 1), ("two", 2)):
        files[f"{package}/x.so"] = lib(needed=["libleaf.so"], runpath=RUNPATH)
        files[f"{package}.libs/libleaf.so"] = lib(soname="libleaf.so", functions={"leaf": number})
    assert run(musl_program, adapter, files, {"one/x.so": "leaf", "two/x.so": "leaf"}) == ["1", "2"]
