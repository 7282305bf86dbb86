"""Real projects over an index as it was one day: mempip chooses what pip and uv choose.

``MEMPIP_TEST_SNAPSHOT`` names a directory that keeps the index from run to run; what it lacks is fetched.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.snapshot import WORKLOADS, record, resolve, serve, versions

pytestmark = pytest.mark.network

#: Workload → whom mempip need not agree with, and why.
DIFFERENT: dict[str, dict[str, str]] = {}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("MEMPIP_TEST_SNAPSHOT")
    directory = Path(kept) if kept else tmp_path_factory.mktemp("snapshot")
    if not (directory / "date").exists():
        record(directory, WORKLOADS)
    return directory


@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_same_versions_are_chosen(workload: str, snapshot: Path) -> None:
    with serve(snapshot) as index:
        answers = {name: resolve(name, WORKLOADS[workload], index) for name in ("mempip", "pip", "uv")}
    assert all(answer.returncode == 0 for answer in answers.values()), answers
    chosen = {name: versions(answer.stdout) for name, answer in answers.items()}
    for other in {"pip", "uv"} - DIFFERENT.get(workload, {}).keys():
        assert chosen["mempip"] == chosen[other], other
