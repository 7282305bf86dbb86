"""Programs of packages that look for files beside themselves, as cmake and node do: whether they find them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.tools import clean_environment, mempip_command, require_tool
from tests.support.wheel_factory import build_wheel, executable

if TYPE_CHECKING:
    from pathlib import Path

    from platform_tests.support.containers import Containers

#: Prints its words, and the first line of what it finds: beside itself, and by each word that is a path.
TOOL = r"""
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void show(const char *path) {
    char line[64] = "nothing\n";
    FILE *stream = fopen(path, "r");
    if (stream) fgets(line, sizeof line, stream);
    fputs(line, stdout);
}
int main(int argc, char **argv) {
    char beside[4096];
    snprintf(beside, sizeof beside, "%s/../share/data.txt", dirname(strdup(argv[0])));
    show(beside);
    for (int i = 1; i < argc; i++) strchr(argv[i], '/') ? show(argv[i]) : (void) puts(argv[i]);
    puts(getenv("NODE_PRESERVE_SYMLINKS") ? "keeps links" : "follows links");
    return 3;
}
"""

PROGRAM = """
import os, subprocess, sys, toolkit
here = os.path.dirname(toolkit.__file__)
tool = os.path.join(here, "bin", {name!r})
words = [tool, "a", "--flag", os.path.join(here, "share", "more.txt"), "/proc/sys/kernel/ostype", here + "/none"]
for start in (
    lambda: subprocess.run(words),
    lambda: subprocess.run(words, env={{"PATH": os.defpath}}, close_fds=False),
    lambda: subprocess.run(["tool", "b"], executable=tool),
):
    print(start().returncode, flush=True)
process = os.posix_spawn(tool, [tool, "c"], os.environ)
print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
os.execv(tool, [tool, "d"])
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of a wheel with two names of one program, and data."""
    place = tmp_path_factory.mktemp("wheels")
    gcc = [require_tool("gcc", "gcc libc6-dev"), "-w", "-x", "c", "-", "-o", str(place / "tool")]
    subprocess.run(gcc, input=TOOL.encode(), check=True)
    content = (place / "tool").read_bytes()
    (place / "tool").unlink()
    files = {"toolkit/__init__.py": "", "toolkit/share/data.txt": "data\n", "toolkit/share/more.txt": "more\n"}
    tool, node = (executable(f"toolkit/bin/{name}", content) for name in ("tool", "node"))
    both = {name: [*tool[name], *node[name]] for name in tool}
    filename, wheel = build_wheel("toolkit", "1.0", files, **both)
    (place / filename).write_bytes(wheel)
    place.chmod(0o755)
    return place


def command(wheels: Path, program: str, *options: str) -> list[str]:
    return [*mempip_command(), "run", "--no-index", f"--find-links={wheels}", *options, "toolkit", "--", "-c", program]


def expected(data: str, more: str, links: str = "follows links") -> str:
    """What the program prints if the tool finds `data` beside itself and `more` by its path."""
    whole = f"{data}\na\n--flag\n{more}\nLinux\nnothing\n{links}\n3\n"
    # Under another name it does not know where it is.
    return f"{whole}{whole}nothing\nb\n{links}\n3\n{data}\nc\n{links}\n3\n{data}\nd\n{links}\n"


@pytest.mark.parametrize("view", ["overlay", "mount"])
@pytest.mark.parametrize(("name", "links"), [("tool", "follows links"), ("node", "keeps links")])
def test_files_beside_a_program(name: str, links: str, view: str, wheels: Path) -> None:
    words = command(wheels, PROGRAM.format(name=name), f"--files={view}")
    done = subprocess.run(words, capture_output=True, text=True, env=clean_environment(), timeout=300)
    assert (done.returncode, done.stdout) == (3, expected("data", "more", links)), done.stderr


def test_where_nothing_can_be_mounted_a_program_has_no_neighbours(wheels: Path, container: Containers) -> None:
    done = container.run(command(wheels, PROGRAM.format(name="tool")), memory=512 << 20, binds=[wheels])
    assert (done.returncode, done.stdout) == (3, expected("nothing", "nothing")), done.stderr


def test_a_directory_is_made_once_for_a_distribution_and_given_up_with_the_environment(wheels: Path) -> None:
    program = """
import os, subprocess, sys, toolkit
tool = os.path.join(os.path.dirname(toolkit.__file__), "bin", "tool")
def trees():
    paths = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
    return sum(os.readlink(path).startswith("/mempip/") for path in paths if os.path.lexists(path))
print(trees())
for _ in range(3):
    subprocess.run([tool], stdout=subprocess.DEVNULL)
print(trees())
del sys.modules["toolkit"]
from mempip.runtime.environment import KNOWN
for environment in list(KNOWN.values()):
    environment.close()
print(trees())
"""
    done = subprocess.run(
        command(wheels, program), capture_output=True, text=True, env=clean_environment(), timeout=300
    )
    assert done.stdout == "0\n1\n0\n", done.stderr


IN_DIRECTORY = """
import os, subprocess, sys, toolkit
here = os.path.dirname(toolkit.__file__)
CHILD = "import toolkit; print(open('share/data.txt').read().strip(), toolkit.__name__)"
for command in (["cat", "share/data.txt"], [sys.executable, "-c", CHILD], ["bin/tool", "x"]):
    try:
        print(subprocess.run(command, cwd=here, stdout=subprocess.PIPE, text=True).stdout.split())
    except OSError as error:
        print(error.strerror, error.filename == here)
"""


def test_a_directory_of_a_package_as_the_current_one(wheels: Path, container: Containers) -> None:
    words = command(wheels, IN_DIRECTORY)
    done = subprocess.run(words, capture_output=True, text=True, env=clean_environment(), timeout=300)
    assert done.stdout == "['data']\n['data', 'toolkit']\n['data', 'x', 'follows', 'links']\n", done.stderr
    forbidden = container.run(words, memory=512 << 20, binds=[wheels])
    assert forbidden.stdout == 3 * "A directory in memory cannot be the current directory here True\n", forbidden.stderr
