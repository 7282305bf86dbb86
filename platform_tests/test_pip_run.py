"""pip-run, as PyPI has it, with packages in memory: ``pip-run-mem``, and pip-run with the change in docs/pip-run.md."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.sdists import fetch_sdist
from platform_tests.support.tools import REPOSITORY, clean_environment, require_tool
from platform_tests.support.traces import calls, strace, written

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.network

VERSION, SHA256 = "16.1.0", "b3eb703851c01d3a33ff30f142d0826e82e8d9c0182c9c87c86ebb39f7e68e95"
DIFF = re.compile(r"^```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REQUESTS = "import requests; print(requests.get('https://pypi.org/simple/pip-run/').status_code)"
KEYRINGS = (
    "import importlib.metadata as metadata\n"
    "print(*(found.version for found in metadata.distributions() if found.metadata['name'] == 'keyring'))"
)
SCRIPTS = {
    "requires.py": "__requires__ = ['cowsay']\nimport cowsay\nprint(cowsay.get_output_string('cow', 'requires'))\n",
    "block.py": "# /// script\n# dependencies = ['cowsay']\n# ///\nimport cowsay\nprint('block' in cowsay.__file__)\n",
    "index.py": "__requires__ = ['six']\n__index_url__ = 'https://pypi.org/simple/'\nimport six\nprint('index')\n",
    "plain.py": "import sys, cowsay\nprint('plain', sys.argv[1:])\n",
    "reqs.txt": "six<1.16\n",
}
#: Command lines, most of them from pip-run's own documentation, and what is to be found in their output.
EXAMPLES = {
    "a module": (["cowsay", "--", "-m", "cowsay", "-t", "moove over, pip-run"], "| moove over, pip-run |"),
    "an executable": (["cowsay", "--", "!cowsay", "-t", "hello!"], "| hello! |"),
    "a string": (["requests", "--", "-c", REQUESTS], "200"),
    "a script": (["cowsay", "plain.py", "-q", "--x"], "plain ['-q', '--x']"),
    "a script behind dashes": (["-q", "cowsay", "--", "plain.py"], "plain []"),
    "a list in a script": (["requires.py"], "| requires |"),
    "a block in a script": (["block.py"], "False"),
    "an index in a script": (["index.py"], "index"),
    "a file of requirements": (["-r", "reqs.txt", "--", "-c", "import six; print(six.__version__)"], "1.15.0"),
    "what pip-run itself uses, in another version": (
        ["more-itertools==10.1.0", "--", "-c", "import more_itertools; print(more_itertools.__version__)"],
        "10.1.0",
    ),
    "nothing": (["--", "-c", "print('nothing')"], "nothing"),
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with mempip and pip-run, of its extra."""
    directory = tmp_path_factory.mktemp("pip-run") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", directory], check=True)
    wanted = [f"{REPOSITORY}[pip-run]", f"pip-run=={VERSION}"]
    command = [sys.executable, "-m", "pip", "--python", directory / "bin/python", "install", "--quiet", *wanted]
    subprocess.run(command, check=True, cwd=directory)
    return directory


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of pip-run, with the change that the documentation shows."""
    require_tool("patch", "patch")
    directory = tmp_path_factory.mktemp("changed")
    with tarfile.open(fileobj=io.BytesIO(fetch_sdist("pip-run", VERSION, SHA256))) as archive:
        archive.extractall(directory, filter="data")
    (diff,) = DIFF.findall((REPOSITORY / "docs/pip-run.md").read_text(encoding="utf-8"))
    (source,) = directory.iterdir()
    subprocess.run(["patch", "-p1", "--fuzz=0"], input=diff, text=True, cwd=source, check=True, capture_output=True)
    return source


@pytest.fixture(params=["released", "changed"])
def run(request: pytest.FixtureRequest, environment: Path, tmp_path: Path) -> Run:
    """Run pip-run with arguments, in a directory that has `SCRIPTS`, under strace."""
    require_tool("strace", "strace")
    work = tmp_path / "work"
    work.mkdir()
    for name, text in SCRIPTS.items():
        (work / name).write_text(text, encoding="utf-8")
    variables, command = clean_environment(), [str(environment / "bin/pip-run-mem")]
    if request.param == "changed":
        variables |= {"PYTHONPATH": str(request.getfixturevalue("changed")), "PYTHONDONTWRITEBYTECODE": "1"}
        variables |= {"PIP_RUN_RETENTION_STRATEGY": "memory"}
        command = [str(environment / "bin/python"), "-m", "pip_run"]

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        return strace([*command, *arguments], tmp_path / "trace", cwd=work, env=variables)

    return start


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str, run: Run, tmp_path: Path) -> None:
    arguments, expected = EXAMPLES[name]
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert expected in [line.strip() for line in done.stdout.splitlines()]
    assert len(list(calls(tmp_path / "trace"))) > 100, "strace saw next to nothing"
    assert written(tmp_path / "trace") == {}
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == sorted(SCRIPTS)


@pytest.mark.parametrize("run", ["released"], indirect=True)
def test_one_in_the_other(run: Run) -> None:
    """The versions that pip-run's documentation stacks: the inner one is found first."""
    done = run("keyring==21.8.0", "--", "-m", "mempip.cli.pip_run", "keyring==22.0.0", "--", "-c", KEYRINGS)
    assert done.stdout.split()[:2] == ["22.0.0", "21.8.0"], done.stderr


def test_a_script_that_runs_itself(environment: Path, tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text(f"#!{environment}/bin/pip-run-mem\n{SCRIPTS['requires.py']}")
    script.chmod(0o755)
    done = subprocess.run([script], capture_output=True, text=True, env=clean_environment())
    assert "| requires |" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["no-such-project-here", "--", "-c", "print('never')"], 1, "No project named 'no-such-project-here'"),
        (["--target=x", "six", "--", "-c", "print('never')"], 2, "--target"),
        (["--", "!no-such-program"], 127, "no-such-program could not be run"),
        (["--", "-c", "raise SystemExit(9)"], 9, ""),
    ],
)
def test_errors(arguments: list[str], status: int, says: str, run: Run) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
