"""The detector of writes is itself shown to detect: from lines, and from a program that writes."""

from __future__ import annotations

import sys

import pytest

from platform_tests.support.tools import require_tool
from platform_tests.support.traces import Call, strace, written

WRITES = [
    'openat(AT_FDCWD</tmp>, "a.txt", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 4</tmp/a.txt>',
    'openat(AT_FDCWD</tmp>, "/tmp/x", O_RDWR|O_CLOEXEC|O_TMPFILE, 0777) = 5</tmp/#2148637>(deleted)',
    'openat(AT_FDCWD</tmp>, "/etc/x", O_WRONLY|O_CREAT, 0666) = -1 EROFS (Read-only file system)',
    'openat(AT_FDCWD</tmp>, "/proc/self/fd/3", O_RDWR|O_CLOEXEC) = 4</home/file>',
    'openat(3</srv>, "null", O_RDWR) = -1 EACCES (Permission denied)',
    'openat2(AT_FDCWD</tmp>, "/etc/x", {flags=O_WRONLY|O_CREAT, mode=0666, resolve=0}, 24) = 4</etc/x>',
    'creat("/etc/x", 0666) = 3</etc/x>',
    'rename("a.txt", "b.txt")                = 0',
    'unlink("b.txt")                         = -1 ENOENT (No such file or directory)',
    'mkdirat(4</srv>, "zz", 0777)         = 0',
    "ftruncate(5</tmp/#2148637>(deleted), 10) = 0",
    'linkat(AT_FDCWD</tmp>, "/proc/self/fd/5", AT_FDCWD</tmp>, "/tmp/kept", AT_SYMLINK_FOLLOW) = 0',
    'chmod("/proc/self/fd/5", 0777) = 0',
    'bind(7<socket:[11194]>, {sa_family=AF_UNIX, sun_path="/tmp/x.sock"}, 17) = 0',
    'mkdirat(4</>, "mempip", 0755) = 0',
    'openat(AT_FDCWD</tmp>, "/mempip/ab12/x", O_WRONLY|O_CREAT, 0666) = -1 ENOENT (No such file or directory)',
    'mkdirat(5</mempip/ab12>, "../../x", 0755) = 0',
    'linkat(5</mempip/ab12>, "file", AT_FDCWD</tmp>, "kept", 0) = 0',
    'mkdir("/proc/self/fd/64/__pycache__", 0777) = -1 EROFS (Read-only file system)',
    'mount("tmpfs", "/mnt", "tmpfs", 0, NULL) = 0',
    'move_mount(4<anon_inode:[fsmount]>, "", AT_FDCWD</tmp>, "/mnt", MOVE_MOUNT_F_EMPTY_PATH) = 0',
]

DOES_NOT_WRITE = [
    'openat(AT_FDCWD</tmp>, "/etc/O_CREAT", O_RDONLY|O_CLOEXEC) = 4</etc/O_CREAT>',
    'openat(AT_FDCWD</tmp>, "/proc/self/fd/3", O_RDWR|O_CLOEXEC) = 4</memfd:numpy>(deleted)',
    'openat(AT_FDCWD</tmp>, "/dev/null", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 4</dev/null>',
    'openat(AT_FDCWD</tmp>, "/proc/4711/uid_map", O_WRONLY) = 4</proc/4711/uid_map>',
    "ftruncate(3</memfd:numpy>(deleted), 100) = 0",
    "fallocate(3</memfd:a) = b>(deleted), 0, 0, 100) = 0",
    'bind(6<socket:[11193]>, {sa_family=AF_UNIX, sun_path=@"mempip"}, 6) = 0',
    'bind(6<socket:[1]>, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
    'mkdirat(5</mempip/ab12>, "pkg", 0755) = 0',
    'openat(5</mempip/ab12>, "pkg/x.py", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0444) = 6</mempip/ab12/pkg/x.py>',
    "utimensat(6</mempip/ab12/pkg/x.py>, NULL, [{tv_sec=1, tv_nsec=0}, {tv_sec=1, tv_nsec=0}], 0) = 0",
    'fchmodat(5</mempip/ab12>, "pkg", 0555) = 0',
    "fsmount(3<anon_inode:[fscontext]>, FSMOUNT_CLOEXEC, 0) = 4<anon_inode:[fsmount]>",
]


@pytest.mark.parametrize("line", WRITES)
def test_a_write_is_seen(line: str) -> None:
    call = Call.parse(line)
    assert call is not None
    assert call.writes()


@pytest.mark.parametrize("line", DOES_NOT_WRITE)
def test_memory_and_reading_are_not_writes(line: str) -> None:
    call = Call.parse(line)
    assert call is not None
    assert not call.writes()


@pytest.mark.parametrize(
    "line", ["--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---", "+++ exited with 0 +++", ""]
)
def test_lines_that_are_no_calls(line: str) -> None:
    assert Call.parse(line) is None


MOUNT = "fsmount(3<anon_inode:[fscontext]>, FSMOUNT_CLOEXEC, 0) = 4</>"
START = 'mkdirat(4</>, "mempip", 0755) = 0'
NUMBER = "fcntl(5</mempip/ab12>, F_DUPFD, 64) = 64</mempip/ab12>"
REFUSED = 'mkdir("/proc/self/fd/64/__pycache__", 0777) = -1 EROFS (Read-only file system)'


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([MOUNT, START, NUMBER, REFUSED], 0),
        ([MOUNT, NUMBER, START], 1),
        ([START], 1),
        ([MOUNT.replace("4<", "7<"), START], 1),
        ([REFUSED], 1),
        ([NUMBER, REFUSED.replace("64", "65")], 1),
        ([NUMBER, REFUSED.partition(" = ")[0] + " = 0"], 1),
        (["fcntl(5</srv>, F_DUPFD, 64) = 64</srv>", REFUSED], 1),
    ],
)
def test_trees_in_memory_hide_no_write(lines: list[str], count: int, tmp_path) -> None:
    (tmp_path / "trace.1").write_text("\n".join(lines) + "\n")
    assert len(written(tmp_path / "trace")) == count


PROGRAM = """
import os, subprocess, sys, threading
child = "import os; os.mkdir('by-child'); os.rmdir('by-child')"
thread = threading.Thread(target=lambda: open("by-thread", "w").close())
thread.start(); thread.join()
os.unlink("by-thread")
subprocess.run([sys.executable, "-c", child], check=True)
os.ftruncate(os.memfd_create("memory"), 100)
"""


def test_a_program_that_writes_is_caught(tmp_path) -> None:
    require_tool("strace", "strace")
    (tmp_path / "work").mkdir()
    done = strace([sys.executable, "-B", "-c", PROGRAM], tmp_path / "trace", cwd=tmp_path / "work")
    assert done.returncode == 0, done.stderr
    found = sorted(call.partition("(")[0] for call in written(tmp_path / "trace"))
    assert found == ["mkdir", "openat", "rmdir", "unlink"]
