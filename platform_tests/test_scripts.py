"""Scripts and notebooks that say what they need, run as their users run them, with packages of a real index."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from platform_tests.support.programs import Program, programs
from platform_tests.support.tools import mempip_command

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

TIMEOUT = 250  # seconds of one run
#: Of the programs that parity is shown by, these say what they need and take no long downloads.
SCRIPTS = """babel_files black_files certifi_files cryptography_sign docutils_files email_validator_names fastapi_pages
    flask_pages html_parsers httpx_client jinja2_files jsonschema_files lark_files lxml_xslt orjson_round_trip
    phonenumbers_regions pillow_draw pydantic_models pytz_files regex_unicode tzdata_files yaml_loaders""".split()


def run(*arguments: str, cwd: Path) -> str:
    command = [*mempip_command(), "run", "--quiet", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, stdin=subprocess.DEVNULL, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("program", [p for p in programs() if p.name in SCRIPTS], ids=lambda program: program.name)
def test_a_script_with_a_block(program: Program, tmp_path: Path) -> None:
    assert run(str(program.path), cwd=tmp_path)


def test_an_executable_script(tmp_path: Path) -> None:
    (mempip,) = mempip_command()
    script = tmp_path / "tool"
    block = "# /// script\n# dependencies = ['wcwidth>=0.2', 'markupsafe']\n# ///\n"
    script.write_text(f"#!{mempip} run\n{block}import sys, markupsafe\nprint(markupsafe.escape('<'), sys.argv[1:])\n")
    script.chmod(0o755)
    done = subprocess.run([script, "--", "-q"], capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert (done.returncode, done.stdout) == (0, "&lt; ['--', '-q']\n"), done.stderr


def test_a_script_with_assignments(tmp_path: Path) -> None:
    says = "__requires__ = ['wcwidth']\n__index_url__ = 'https://pypi.org/simple'\n"
    (tmp_path / "tool.py").write_text(f"{says}import wcwidth\nprint(wcwidth.wcwidth('コ'))\n", encoding="utf-8")
    assert run("tool.py", cwd=tmp_path) == "2\n"


def test_a_notebook(tmp_path: Path) -> None:
    sources = ["%precision 3\n__requires__ = ['wcwidth']\n", "import wcwidth\nprint(wcwidth.wcswidth('コンニチハ'))\n"]
    cells = [
        {"cell_type": "code", "execution_count": None, "id": f"c{n}", "metadata": {}, "outputs": [], "source": source}
        for n, source in enumerate(sources)
    ]
    book = {"cells": cells, "metadata": {"kernelspec": {"display_name": "", "name": "python3"}}, "nbformat": 4}
    (tmp_path / "book.ipynb").write_text(json.dumps({**book, "nbformat_minor": 5}), encoding="utf-8")
    convert = ["-m", "nbconvert", "--execute", "--to", "notebook", "--stdout", "book.ipynb"]
    done = json.loads(run("nbconvert", "ipykernel", "--", *convert, cwd=tmp_path))
    assert done["cells"][1]["outputs"][0]["text"] == ["10\n"]
