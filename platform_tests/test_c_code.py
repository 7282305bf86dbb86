"""Code in C that opens packaged files itself, by path: from memory as from disk, whatever the machine forbids."""

from __future__ import annotations

import sys
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.libraries import Compiler
from platform_tests.support.tools import clean_environment, mempip_command, output
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from platform_tests.support.containers import Containers

READER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int (*opener)(const char *, int, ...) = open;  /* an address in data, not a call */

int by_stream(const char *path) {
    char line[64] = "";
    FILE *stream = fopen(path, "rb");
    if (!stream) return -errno;
    if (!fgets(line, sizeof line, stream)) return -1;
    fclose(stream);
    return atoi(line);
}
int by_descriptor(const char *path) {
    char text[64] = "";
    int descriptor = opener(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -errno;
    if (read(descriptor, text, sizeof text - 1) < 0) return -1;
    close(descriptor);
    return atoi(text);
}
int by_mapping(const char *path) {
    struct stat status;
    int descriptor = openat(AT_FDCWD, path, O_RDONLY);
    if (descriptor < 0 || fstat(descriptor, &status)) return -errno;
    char *text = mmap(0, status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    int found = text == MAP_FAILED ? -errno : atoi(text);
    close(descriptor);
    return found;
}
int size(const char *path) {
    struct stat status;
    return stat(path, &status) ? -errno : S_ISDIR(status.st_mode) ? 0 : (int) status.st_size;
}
int writing(const char *path) { return open(path, O_WRONLY) < 0 && !fopen(path, "w") && access(path, W_OK) ? -1 : 1; }
int real(const char *path, char *buffer) { return realpath(path, buffer) ? 0 : -errno; }
int plugin(const char *path) {
    void *library = dlopen(path, RTLD_NOW);
    int (*number)(void) = library ? dlsym(library, "number") : 0;
    return number ? number() : dlerror() ? -1 : -2;
}
static void *in_thread(void *path) { return (void *) (long) by_stream(path); }
int thread(const char *path) {
    pthread_t thread;
    void *found;
    pthread_create(&thread, 0, in_thread, (void *) path);
    pthread_join(thread, &found);
    return (int) (long) found;
}
"""

PROGRAM = """
import ctypes, errno, os
from pathlib import Path
import made
here = Path(made.__file__).parent
reader = ctypes.CDLL(str(here / "libreader.so"))
for path in (here / "data" / "number.txt", Path("/proc/self/loginuid"), here / "data" / "none.txt"):
    given = os.fsencode(path)
    print(path.name)
    for name in ("by_stream", "by_descriptor", "by_mapping", "size", "thread"):
        found = getattr(reader, name)(given)
        print(name, errno.errorcode.get(-found, found) if path.name != "loginuid" else found != -errno.ENOENT)
number = os.fsencode(here / "data" / "number.txt")
print(reader.size(os.fsencode(here / "data")), reader.writing(number))
buffer = ctypes.create_string_buffer(4096)
print(reader.real(os.fsencode(here / "data" / ".." / "data" / "number.txt"), buffer), buffer.value == number)
print(reader.plugin(os.fsencode(here / "libplugin.so")), reader.plugin(os.fsencode(here / "libnone.so")))
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with one wheel: a library that reads, what it reads, and a plugin that needs another library."""
    compiler = Compiler(tmp_path_factory.mktemp("libraries"))
    rpath = ["-Wl,-rpath,$ORIGIN/lib"]
    plugin = "int answer(void); int number(void) { return answer(); }"
    files = {
        "made/__init__.py": "",
        "made/data/number.txt": "42\n",
        "made/libreader.so": compiler.library(READER, options=["-pthread", "-ldl"]),
        "made/libplugin.so": compiler.library(
            plugin, needs=["libanswer.so"], exports={"libanswer.so": ["answer"]}, options=rpath
        ),
        "made/lib/libanswer.so": compiler.library("int answer(void) { return 7; }", soname="libanswer.so"),
    }
    place = tmp_path_factory.mktemp("wheels")
    filename, content = build_wheel("made", "1.0", files)
    (place / filename).write_bytes(content)
    place.chmod(0o755)
    return place


@pytest.fixture(scope="module")
def printed(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the program prints with the package on disk."""
    place = tmp_path_factory.mktemp("disk")
    for wheel in wheels.iterdir():
        zipfile.ZipFile(BytesIO(wheel.read_bytes())).extractall(place)
    found = output([sys.executable, "-c", PROGRAM], {**clean_environment(), "PYTHONPATH": str(place)})
    return found.replace("0 1\n", "0 -1\n")  # on disk, files can be changed


def command(wheels: Path, program: str, *options: str) -> list[str]:
    found = ["--no-index", f"--find-links={wheels}", *options]
    return [*mempip_command(), "run", *found, "made", "--", "-c", program]


@pytest.mark.parametrize("view", ["overlay", "mount"])
def test_the_same_as_from_disk(view: str, wheels: Path, printed: str) -> None:
    expected = printed.replace("0 True\n", "-2 False\n") if view == "mount" else printed  # it follows the root's link
    assert output(command(wheels, PROGRAM, f"--files={view}"), clean_environment()) == expected


def test_in_a_container_that_allows_nothing(wheels: Path, printed: str, container: Containers) -> None:
    done = container.run(command(wheels, PROGRAM), memory=512 << 20, binds=[wheels])
    assert (done.returncode, done.stdout) == (0, printed), done.stderr


def test_when_the_environment_is_closed_the_paths_are_gone(wheels: Path) -> None:
    program = """
import ctypes, os, sys
import made, mempip
path = os.path.join(os.path.dirname(made.__file__), "data", "number.txt").encode()
reader = ctypes.CDLL(os.path.join(os.path.dirname(made.__file__), "libreader.so"))
print(reader.by_stream(path))
del sys.modules["made"], made
mempip.uninstall("made")
print(reader.by_stream(path) < 0, reader.by_stream(b"/proc/sys/kernel/pid_max") > 0)
"""
    assert output(command(wheels, program), clean_environment()) == "42\nTrue True\n"


def test_a_function_that_is_preloaded_is_left_alone(wheels: Path, tmp_path: Path) -> None:
    """Whoever puts a library of his own in front of the C library's functions (LD_PRELOAD) still has them called."""
    code = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
FILE *fopen(const char *path, const char *mode) {
    static FILE *(*next)(const char *, const char *);
    if (!next) next = dlsym(RTLD_NEXT, "fopen");
    return next(strcmp(path, "/redirected") ? path : "/proc/sys/kernel/pid_max", mode);
}
"""
    compiler = Compiler(tmp_path)
    preloaded = tmp_path / "preloaded.so"
    preloaded.write_bytes(compiler.library(code, options=["-ldl"]))
    program = """
import ctypes, os, made
here = os.path.dirname(made.__file__)
reader = ctypes.CDLL(os.path.join(here, "libreader.so"))
print(reader.by_stream(b"/redirected") > 100, reader.by_stream(os.path.join(here, "data", "number.txt").encode()))
"""
    found = output(command(wheels, program), {**clean_environment(), "LD_PRELOAD": str(preloaded)})
    assert found == "True 42\n"
