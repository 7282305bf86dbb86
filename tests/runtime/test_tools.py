"""The standard library's tools see a package in memory as one on disk: its source, its lines, its doctests."""

from __future__ import annotations

import cProfile
import doctest
import importlib
import inspect
import io
import linecache
import pdb  # noqa: T100 - it is what is tested
import pstats
import trace
import traceback
from typing import TYPE_CHECKING, Any

import pytest

import mempip_native
from tests.support.environments import environment
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if not mempip_native.adapters():
    pytest.skip("mempip has no memory adapter for this system", allow_module_level=True)

MOUNT = pytest.param(
    "mount", marks=pytest.mark.skipif(not mempip_native.trees.probe().ok, reason="no directory in memory here")
)
SOURCE = '''\
"""Doubles numbers.

>>> from looked_into import double
>>> double(2)
4
"""


def double(number):
    return number * 2


def fail():
    raise ValueError("on purpose")
'''
DOUBLE, FAIL = (SOURCE.splitlines().index(line) + 1 for line in ("    return number * 2", SOURCE.splitlines()[-1]))


@pytest.fixture(params=["overlay", MOUNT])
def module(request: pytest.FixtureRequest) -> Iterator[Any]:
    files = {"looked_into/__init__.py": SOURCE, "looked_into/doc.txt": ">>> 1 + 1\n2\n"}
    with environment(build_wheel("looked-into", "1.0", files), files=request.param) as made:
        made.activate()
        yield importlib.import_module("looked_into")


def debug(module: Any, *commands: str) -> str:
    """Return what pdb prints when it runs `double` with `commands`."""
    output = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO("\n".join([*commands, ""])), stdout=output, nosigint=True, readrc=False)
    debugger.use_rawinput = False
    debugger.run("double(21)", {"double": module.double})
    debugger.clear_all_breaks()
    return output.getvalue()


class TestSource:
    def test_inspect(self, module: Any) -> None:
        assert inspect.getsource(module.double) == "def double(number):\n    return number * 2\n"
        assert inspect.getsourcefile(module.double) == inspect.getfile(module) == module.__file__
        assert inspect.getmodule(module.double) is module

    def test_lines_stay_after_a_check(self, module: Any) -> None:
        assert linecache.getline(module.__file__, DOUBLE) == "    return number * 2\n"
        linecache.checkcache()
        assert linecache.getline(module.__file__, DOUBLE) == "    return number * 2\n"

    def test_tracebacks(self, module: Any) -> None:
        with pytest.raises(ValueError, match="on purpose") as caught:
            module.fail()
        printed = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
        assert f'File "{module.__file__}", line {FAIL}, in fail\n    raise ValueError("on purpose")\n' in printed

    def test_reload(self, module: Any) -> None:
        assert importlib.reload(module) is module


class TestDoctest:
    def test_of_a_module(self, module: Any) -> None:
        assert doctest.testmod(module) == (0, 2)

    def test_of_a_file(self, module: Any) -> None:
        assert doctest.testfile("doc.txt", package=module) == doctest.testfile("doc.txt", package="looked_into")
        assert doctest.testfile("doc.txt", package=module) == (0, 1)


class TestPdb:
    def test_steps(self, module: Any) -> None:
        printed = debug(module, "step", "step", "step", "where", "continue")
        assert f"> {module.__file__}({DOUBLE})double()" in printed
        assert "-> return number * 2" in printed

    def test_breakpoints(self, module: Any) -> None:
        by_line = debug(module, f"break {module.__file__}:{DOUBLE}", "continue", "list", "p number", "continue")
        assert f" at {module.__file__}:{DOUBLE}\n" in by_line
        assert f"{DOUBLE} B->\t    return number * 2" in by_line
        assert "\n(Pdb) 21\n" in by_line
        by_name = debug(module, "break double", "continue", "source double", "continue")
        assert f"> {module.__file__}({DOUBLE})double()" in by_name


class TestMeasures:
    def test_profiles(self, module: Any) -> None:
        profile = cProfile.Profile()
        profile.runcall(module.double, 2)
        printed = io.StringIO()
        pstats.Stats(profile, stream=printed).print_stats()
        assert f"{module.__file__}:{DOUBLE - 1}(double)" in printed.getvalue()

    def test_counts_of_lines(self, module: Any, tmp_path: Path) -> None:
        tracer = trace.Trace(count=1, trace=0)
        assert tracer.runfunc(module.double, 2) == 4
        results = tracer.results()
        results.write_results(show_missing=True, coverdir=str(tmp_path))
        assert "    1:     return number * 2\n" in (tmp_path / "looked_into.__init__.cover").read_text()
