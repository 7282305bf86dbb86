"""The detector of leftovers is itself shown to detect."""

from __future__ import annotations

import sys

import pytest

from platform_tests.support.leftovers import Room, room
from platform_tests.support.tools import clean_environment
from platform_tests.support.watching import Watch

LEFTOVERS = {
    "file /tmp": ("open('/tmp/left', 'w').close()", "file tmp/left"),
    "file in the working directory": ("open('left', 'w').close()", "file work/left"),
    "file at home": ("import os; open(os.path.expanduser('~/left'), 'w').close()", "file home/left"),
    "shared memory": ("open('/dev/shm/left', 'w').close()", "file dev-shm/left"),
    "process": ("import subprocess; subprocess.Popen(['sleep', '100'], start_new_session=True)", "process "),
    "mount": ("import subprocess; subprocess.run('mount -t tmpfs t /mnt', shell=True)", "mount "),
}


@pytest.fixture
def empty_room(tmp_path):
    with room(tmp_path) as made:
        yield made


@pytest.mark.parametrize("kind", LEFTOVERS)
def test_what_is_left_is_seen(empty_room: Room, kind: str) -> None:
    program, expected = LEFTOVERS[kind]
    with empty_room.start([sys.executable, "-B", "-c", program], clean_environment()) as process:
        assert process.wait() == 0, process.stderr.read()
    left = empty_room.leftovers(deadline=0.1)
    assert len(left) == 1, left
    assert left[0].startswith(expected)


def test_a_program_that_leaves_nothing(empty_room: Room) -> None:
    program = "import os; print(os.getcwd(), os.listdir('/var/tmp'))"
    with empty_room.start([sys.executable, "-B", "-c", program], clean_environment()) as process:
        assert process.communicate() == (f"{empty_room.work} []\n", "")
    assert empty_room.leftovers() == []


def test_files_that_come_and_go_are_seen(tmp_path) -> None:
    (tmp_path / "inner").mkdir()
    with Watch([tmp_path]) as watch:
        (tmp_path / "inner" / "short").write_bytes(b"x")
        (tmp_path / "inner" / "short").unlink()
        watch.wait_until_gone()
        (tmp_path / "long").touch()
    assert watch.created == [tmp_path / "inner" / "short", tmp_path / "long"]
    assert watch.removed == watch.changed == [tmp_path / "inner" / "short"]
