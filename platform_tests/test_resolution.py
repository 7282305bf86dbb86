"""Real projects: mempip chooses what pip and uv choose.

Some are resolved over an index as it was one day: ``MEMPIP_TEST_SNAPSHOT`` names a directory that keeps it from run to
run; what it lacks is fetched. The others are resolved over the index as it is.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.snapshot import WORKLOADS, record, resolve, serve, versions

pytestmark = pytest.mark.network

INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple/")

#: What is resolved with pip alone beside mempip, from wheels: extras, groups that know each other, old versions.
SETS = """
ansible
apache-beam
black[jupyter]
bokeh holoviews hvplot panel
boto3<1.28 botocore
celery[redis]
dagster
dask[complete]
dbt-core dbt-postgres
djangorestframework drf-spectacular
fastapi<0.100 pydantic<2
flake8<6 importlib-metadata
google-cloud-bigquery[all]
gunicorn[gevent]
httpx[http2,cli]
ipykernel<6.20 jupyter-client
ipython<8
jupyterlab<4
kubernetes openshift
langchain langchain-openai
mkdocs-material
mlflow
moto[all]
nbconvert<7
notebook<7
opentelemetry-distro[otlp]
pre-commit tox nox
pydantic[email]<2.5
pylint<3 astroid
pytest-xdist pytest-cov pytest-asyncio
ray[default]
requests[security,socks]
s3fs<2024
sentry-sdk[django,flask]
sphinx sphinx-rtd-theme<2
sqlalchemy[asyncio]
twisted[tls]
virtualenv<20.20
xarray[complete]
zope.interface zope.schema
""".strip().splitlines()

#: What has no resolution from wheels alone.
IMPOSSIBLE = ["docker-compose==1.29.2", "numba<0.50", "pyspark[sql]", "tensorflow-datasets"]


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
    assert chosen["mempip"] == chosen["pip"]
    assert chosen["mempip"] == chosen["uv"]


def beside_pip(requirements: str) -> list[subprocess.CompletedProcess[str]]:
    """Return the answers of mempip and of pip, from wheels alone."""
    return [resolve(name, requirements.split(), INDEX, PIP_ONLY_BINARY=":all:") for name in ("mempip", "pip")]


@pytest.mark.parametrize("requirements", SETS)
def test_the_same_versions_are_chosen_today(requirements: str) -> None:
    answers = beside_pip(requirements)
    assert [answer.returncode for answer in answers] == [0, 0], answers
    mempip, pip = (versions(answer.stdout) for answer in answers)
    assert mempip == pip


@pytest.mark.parametrize("requirements", IMPOSSIBLE)
def test_the_same_is_impossible(requirements: str) -> None:
    answers = beside_pip(requirements)
    assert [answer.returncode for answer in answers] == [1, 1], answers
    assert answers[0].stderr.startswith("ERROR: ")
