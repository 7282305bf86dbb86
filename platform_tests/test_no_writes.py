"""Installing into memory and importing from it writes to no file system: what strace sees."""

from __future__ import annotations

import pytest

from platform_tests.support.tools import clean_environment, mempip_command, require_tool
from platform_tests.support.traces import calls, strace, written

PROGRAMS = {
    "numpy": (["numpy"], "import numpy; print(numpy.linalg.det(numpy.eye(3)))", "1.0\n"),
    "pure Python": (["six", "idna"], "import six, idna; print(idna.decode('xn--pda.no'))", "ø.no\n"),
}


@pytest.mark.parametrize("view", ["overlay", "mount"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_written(name: str, view: str, index: str, tmp_path) -> None:
    require_tool("strace", "strace")
    requirements, program, expected = PROGRAMS[name]
    command = [*mempip_command(), "run", f"--files={view}", *requirements, "--", "-c", program]
    (tmp_path / "work").mkdir()
    done = strace(command, tmp_path / "trace", cwd=tmp_path / "work", env=clean_environment(index))
    assert (done.returncode, done.stdout) == (0, expected), done.stderr
    assert len(list(calls(tmp_path / "trace"))) > 100, "strace saw next to nothing"
    assert written(tmp_path / "trace") == {}


def test_a_failed_installation_writes_nothing_either(index: str, tmp_path) -> None:
    require_tool("strace", "strace")
    command = [*mempip_command(), "run", "no-such-project-here", "--", "-c", "print('never')"]
    done = strace(command, tmp_path / "trace", env=clean_environment(index))
    assert done.returncode != 0
    assert done.stdout == ""
    assert "no-such-project-here" in done.stderr
    assert "Traceback" not in done.stderr
    assert written(tmp_path / "trace") == {}
