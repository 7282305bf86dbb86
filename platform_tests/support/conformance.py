"""The table of what each system supports in docs/compliance.md, made of what `features` finds.

``python -m platform_tests.support.conformance`` writes it, as root and with Wine; tests hold it against what they find.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_tests.support import features, wine
from platform_tests.support.index import download, serving
from platform_tests.support.tools import REPOSITORY, clean_environment
from tests.support.sdist_factory import build_sdist
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Columns: system, adapter. What never ran has no adapter.
COLUMNS = [
    ("Linux", "memfd"),
    ("Linux", "tmpfs"),
    ("Linux", "tempfile"),
    ("Windows", "mapped"),
    ("Windows", "tempfile"),
    ("macOS", ""),
]
WINDOWS_PYTHON = "3.12"
PAGE = REPOSITORY / "docs" / "compliance.md"
BEGIN, END = "<!-- what each system supports: begin -->\n", "<!-- what each system supports: end -->\n"
_PROGRAM = Path(features.__file__)


@contextlib.contextmanager
def index(directory: Path) -> Iterator[str]:
    """Serve what `features` asks for; yield the URL."""
    download(["pyyaml"], directory)
    wine.fetch(["pyyaml"], directory, WINDOWS_PYTHON)
    script = {"made-1.0.data/scripts/a-script": "#!python\nprint('ran')\n"}
    package = {"made/__init__.py": "__version__ = '1.0'\n"}
    plain = [build_wheel(name, "1.0") for name in ("by-mount", "by-one-call", "by-daemon")]
    for name, content in [*plain, build_wheel("made", "1.0", package | script), build_sdist("demo", "1.0")]:
        (directory / name).write_bytes(content)
    with serving(directory) as url:
        yield url


def ask(system: str, adapter: str, url: str, prefix: Path, scratch: Path) -> dict[str, bool]:
    """Return what an adapter supports, by feature. `scratch` is the directory that ``MEMPIP_TMPDIR`` names."""
    if system == "Windows":
        windows = wine.installed(prefix, WINDOWS_PYTHON)
        variables = {"MEMPIP_TMPDIR": wine.windows_path(scratch)}
        done = windows.run(wine.windows_path(_PROGRAM), adapter, index_url=url, **variables)
    else:
        environment = clean_environment(url, MEMPIP_TMPDIR=str(scratch))
        command = [sys.executable, str(_PROGRAM), adapter]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(done.stderr)
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def table(results: dict[tuple[str, str], dict[str, bool]]) -> str:
    """Return the table, in Markdown."""
    head = ["", *(f"{system} `{adapter}`" if adapter else system for system, adapter in COLUMNS)]
    rows = [head, ["---"] * len(head)]
    rows += [[name, *(_cell(results.get(column), name) for column in COLUMNS)] for name in features.FEATURES]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def _cell(found: dict[str, bool] | None, name: str) -> str:
    return "never run" if found is None else "yes" if found[name] else "no"


def documented() -> dict[tuple[str, str], dict[str, str]]:
    """Return the cells of the table in the documentation: column → feature → text."""
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return {column: {row[0]: row[number] for row in rows[2:]} for number, column in enumerate(COLUMNS, start=1)}


def main() -> None:
    """Write the table."""
    kept = os.environ.get("MEMPIP_TEST_WINE")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "wheels").mkdir()
        (directory / "scratch").mkdir()
        with index(directory / "wheels") as url, wine.running(Path(kept) if kept else directory / "wine") as prefix:
            results = {column: ask(*column, url, prefix, directory / "scratch") for column in COLUMNS if column[1]}
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table(results) + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
