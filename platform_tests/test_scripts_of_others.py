"""Scripts that other projects wrote for themselves and that say what they need (PEP 723), out of their archives."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from platform_tests.support.programs import inline_metadata
from platform_tests.support.sdists import fetch_sdist
from platform_tests.support.tools import clean_environment, mempip_command

pytestmark = pytest.mark.network

TIMEOUT = 250  # seconds of one run

HELP, LIST = (["--help"], "Usage:"), (["--list"], "Sessions defined in")
#: Projects, with version and sha256 of their archives, and of their scripts the arguments and what they print.
PROJECTS: dict[tuple[str, str, str], dict[str, tuple[list[str], str]]] = {
    ("cibuildwheel", "4.3.5", "43c30292b9ec8d08a8eb3873436e64d4d1434c5dcbc855fb0afbfc69732048f1"): {
        "bin/bump_version.py": HELP,
        "bin/generate_pyodide_constraints.py": HELP,
        "bin/generate_schema.py": ([], '"$schema": '),
        "bin/inspect_all_known_projects.py": HELP,
        "bin/make_dependency_update_pr.py": HELP,
        "bin/projects.py": HELP,
        "bin/run_example_ci_configs.py": HELP,
        "bin/update_nodejs.py": HELP,
        "bin/update_pythons.py": HELP,
        "bin/update_virtualenv.py": HELP,
        "noxfile.py": LIST,
    },
    ("scikit-build-core", "1.1.2", "7893709119c5ab1be75cd10442383132c9433b9f104dacef5185949efbea7974"): {
        "noxfile.py": LIST
    },
    ("pybind11", "3.1.0", "a1cc06b524ab3edca51f8ad3895f9c4fa20b8b19283173dff4ae781449dc9639"): {
        "tools/make_global.py": ([], "[build-system]")
    },
    ("vector", "1.9.0", "72128b48b6a72af965babd63dccc5a110f0729e6404dcd8c5c75eaac31b80d84"): {"noxfile.py": LIST},
    ("check-sdist", "1.6.0", "20507b1374afe7de30fa63cfb56880275f38add9efbebff13f491a0555497b34"): {
        "noxfile.py": LIST,
        "scripts/generate_schema.py": ([], '"$schema": '),
    },
    ("plumbum", "2.0.2", "233751d7819c9e6743ec1c2405927eb4fa52a284c7b894bd10e28106a9309a92"): {"noxfile.py": LIST},
    ("sp-repo-review", "2026.8.14", "8548cf930141593c82fb869e0a80333da9651bd252efb5b0bd679c2ec409175b"): {
        "noxfile.py": LIST
    },
    # Notebooks that are scripts, too.
    ("marimo", "0.25.2", "3cfa38ac84c66625e1f7cb7dc81a41ebd592244000ffe37effb28a91765056b0"): {
        "marimo/_smoke_tests/pandas_smoke_tests/pandas_nan.py": ([], ""),
        "marimo/_smoke_tests/sql/duckdb_tokenize.py": ([], "token_type.keyword"),
        "marimo/_tutorials/intro.py": ([], ""),
        "marimo/_tutorials/layout.py": ([], ""),
        "marimo/_tutorials/plots.py": ([], ""),
        "marimo/_tutorials/ui.py": ([], ""),
    },
}


@pytest.fixture(scope="module", params=PROJECTS, ids=lambda project: project[0])
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[object, Path]:
    """A project of `PROJECTS`, and the directory that its archive was unpacked to."""
    directory = tmp_path_factory.mktemp("project")
    with tarfile.open(fileobj=io.BytesIO(fetch_sdist(*request.param))) as archive:
        archive.extractall(directory, filter="data")
    (root,) = directory.iterdir()
    return request.param, root


def test_each_runs(tree: tuple[tuple[str, str, str], Path], tmp_path: Path, subtests: pytest.Subtests) -> None:
    project, root = tree
    for path, (arguments, expected) in PROJECTS[project].items():
        with subtests.test(path):
            script = root / path
            assert inline_metadata(script.read_text(encoding="utf-8"))["dependencies"]
            if project[0] == "marimo":  # modules beside it would be in the way of what it needs, by any tool
                script = script.rename(tmp_path / PurePosixPath(path).name)
            command = [*mempip_command(), "run", "--quiet", str(script), *arguments]
            done = subprocess.run(
                command, capture_output=True, text=True, cwd=root, env=clean_environment(), timeout=TIMEOUT
            )
            assert done.returncode == 0, done.stderr
            assert expected in done.stdout
