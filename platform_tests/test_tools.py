"""Tools that look at packages from outside of Python's own library do so in memory, where they are themselves, too."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.index import download, serving
from platform_tests.support.tools import clean_environment, mempip_command
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.network

TOOLS = ["pytest-xdist", "pytest-cov", "ipython", "joblib", "nbclient", "ipykernel", "setuptools<81"]
SAMPLE = {
    "sample/__init__.py": (
        "def double(number):\n    return number * 2\n\n\n"
        "def fail():\n    raise ValueError('on purpose')\n\n\n"
        "def never():\n    return 'not covered'\n"
    ),
    "sample/data.txt": "data\n",
    "sample/tests/__init__.py": "",
    "sample/tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef two():\n    return 2\n",
    "sample/tests/test_sample.py": (
        "import sample\n\n\ndef test_right(two):\n    assert sample.double(two) == 4\n\n\n"
        "def test_wrong(two):\n    assert sample.double(two) == 5\n"
    ),
    "sample_plugin.py": (
        "import pytest\n\n\n@pytest.fixture\ndef checked():\n"
        "    def check(a, b):\n        assert a == b\n\n    return check\n"
    ),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a loopback index of the tools, and of a package that they are to look at."""
    wheels = tmp_path_factory.mktemp("tools")
    name, content = build_wheel("sample", "1.0", SAMPLE, entry_points="[pytest11]\nsample = sample_plugin\n")
    (wheels / name).write_bytes(content)
    download(TOOLS, wheels)
    with serving(wheels) as url:
        yield url


@pytest.fixture(params=["overlay", "mount"])
def run(request: pytest.FixtureRequest, index: str, tmp_path: Path):
    """Runs a Python command line with tools and the sample in memory; returns what it printed."""

    def command(*arguments: str, tools: list[str]) -> str:
        words = [*mempip_command(), "run", f"--files={request.param}", "sample", *tools, "--", *arguments]
        done = subprocess.run(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=tmp_path,
            env=clean_environment(index, HOME=str(tmp_path)),
        )
        return done.stdout

    return command


class TestPytest:
    PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "--pyargs", "sample")

    @pytest.mark.parametrize("workers", ["0", "2"])
    def test_assertions_are_rewritten(self, run, tmp_path: Path, workers: str) -> None:
        (tmp_path / "test_local.py").write_text("def test_plugin(checked):\n    checked(1, 2)\n")
        printed = run(*self.PYTEST, "test_local.py", "-n", workers, tools=["pytest-xdist"])
        assert "E        +  where 4 = <function double" in printed
        assert "E       assert 1 == 2" in printed, "those of a plugin, too"
        assert "2 failed, 1 passed" in printed

    @pytest.mark.parametrize("workers", ["0", "2"])
    def test_coverage(self, run, workers: str) -> None:
        options = ["-n", workers, "--cov=sample", "--cov-report=term-missing"]
        printed = run(*self.PYTEST, *options, tools=["pytest-xdist", "pytest-cov"])
        lines = [line.split() for line in printed.splitlines() if "site-packages/sample/__init__.py" in line]
        assert [line[1:] for line in lines] == [["6", "2", "67%", "6,", "10"]], printed


def test_coverage_reports_where_it_was_measured(run, tmp_path: Path) -> None:
    (tmp_path / "measure.py").write_text(
        "from coverage.cmdline import main\nimport sys\n"
        "main(['run', '--source=sample', '-m', 'sample.tests.test_sample'])\n"
        "main(['annotate', '-d', 'annotated'])\n"
    )
    printed = run("measure.py", tools=["pytest-cov"])
    annotated = [path.read_text() for path in (tmp_path / "annotated").glob("*___init__*")]
    assert "> def double(number):\n!     return number * 2\n" in "".join(annotated), printed


def test_ipython(run, tmp_path: Path) -> None:
    (tmp_path / "shell.py").write_text(
        "from IPython.testing.globalipapp import start_ipython\nshell = start_ipython()\n"
        "shell.run_line_magic('load_ext', 'autoreload')\nshell.run_line_magic('autoreload', '2')\n"
        "cells = ['import sample; print(sample.double(2))', 'print(sample.double(3))',\n"
        "         'sample.double??', 'sample.fail()']\n"
        "print([shell.run_cell(cell).success for cell in cells])\n"
    )
    printed = run("shell.py", tools=["ipython"])
    assert printed.startswith("4\n6\n"), printed
    assert "Source:   \ndef double(number):\n    return number * 2\n" in printed
    assert "----> 6     raise ValueError('on purpose')" in printed.replace("\x1b", "")
    assert printed.endswith("[True, True, True, False]\n")


def test_a_magic(run, tmp_path: Path) -> None:
    (tmp_path / "shell.py").write_text(
        "from IPython.testing.globalipapp import start_ipython\nshell = start_ipython()\n"
        "cells = ['%load_ext mempip', 'wanted = \"joblib\"', '%mempip install $wanted', 'import joblib',\n"
        "         '%mempip run x', '%mempip nonsense', '%mempip freeze']\n"
        "print([shell.run_cell(cell).success for cell in cells])\n"
    )
    printed = run("shell.py", tools=["ipython"])
    assert re.search(r"^Successfully installed .*\bjoblib-", printed, re.MULTILINE), printed
    assert "ERROR: 'mempip run' needs a process of its own: !mempip run x" in printed
    assert "invalid choice: 'nonsense'" in printed
    assert "\nsample==1.0\n" in printed
    assert printed.endswith(str([True] * 7) + "\n")


def test_a_kernel_of_jupyter(run, tmp_path: Path) -> None:
    (tmp_path / "notebook.py").write_text(
        "import nbclient, nbformat\n"
        "cell = nbformat.v4.new_code_cell('import sample; print(sample.double(4), sample.__file__)')\n"
        "notebook = nbformat.v4.new_notebook(cells=[cell])\n"
        "nbclient.NotebookClient(notebook, kernel_name='python3').execute()\n"
        "print(notebook.cells[0].outputs[0]['text'])\n"
    )
    printed = run("notebook.py", tools=["nbclient", "ipykernel"])
    assert "8 /" in printed
    assert "/site-packages/sample/__init__.py" in printed


def test_joblib(run, tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(
        "import sample\nfrom joblib import Parallel, delayed\n"
        "if __name__ == '__main__':\n"
        "    print(Parallel(n_jobs=2)(delayed(sample.double)(number) for number in range(3)))\n"
    )
    assert run("jobs.py", tools=["joblib"]) == "[0, 2, 4]\n"


def test_pkg_resources(run, tmp_path: Path) -> None:
    (tmp_path / "resources.py").write_text(
        "import warnings\nwarnings.simplefilter('ignore')\nimport pkg_resources as found, sample\n"
        "print(found.require('sample')[0].key, found.resource_string('sample', 'data.txt'))\n"
        "print(open(found.resource_filename('sample', 'data.txt')).read().strip())\n"
        "print([point.name for point in found.iter_entry_points('pytest11') if point.dist.key == 'sample'])\n"
    )
    assert run("resources.py", tools=["setuptools"]) == "sample b'data\\n'\ndata\n['sample']\n"
