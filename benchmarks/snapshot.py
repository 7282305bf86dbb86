"""An index as it was one day, kept in a directory: ``python -m benchmarks.snapshot DIR [WORKLOAD ...]`` records one.

A snapshot has the pages and the metadata of wheels that mempip, uv and pip ask for when they resolve the workloads:
they do so through a server that fetches what it has not got yet. `serve` answers from it afterwards, so that a
comparison can be repeated. It has no files to install, and a version without any wheel is listed as a wheel with the
metadata of its source: what there is to measure is resolution, and no builds.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from packaging.utils import canonicalize_name, parse_wheel_filename

from mempip.configuration import defaults
from mempip.errors import MempipError
from mempip.installer.index.catalog import Catalog
from mempip.installer.index.filenames import sdist_version, split_wheel_name
from mempip.installer.index.model import Candidate
from mempip.installer.index.simple import ACCEPT, parse_project_page
from mempip.installer.sources.archives import pkg_info
from mempip.installer.target import Target
from mempip.installer.transport import Transport
from mempip.options import InstallOptions
from platform_tests.support.tools import clean_environment
from tests.support.index_pages import JSON_TYPE
from tests.support.index_server import Behaviour, IndexServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mempip.installer.index.model import ProjectFile

WORKLOADS = {
    "jupyter": ["jupyter"],
    "fastapi": ["fastapi[all]"],
    "airflow": ["apache-airflow"],
    "science": ["pandas", "scikit-learn", "matplotlib"],
    "starlette": ["starlette<=0.36.0", "fastapi<=0.115.2"],
    "s3fs": ["s3fs", "boto3>=1.30"],
    "homeassistant": ["homeassistant"],
}
METADATA_TYPE = "application/octet-stream"


def commands(requirements: Sequence[str], index: str) -> dict[str, list[str]]:
    """Return what each contender is told to resolve `requirements`, with nothing kept; answers go to its output."""
    python = sys.executable
    uv = ["uv", "pip", "compile", "--quiet", "--no-cache", "--no-config", "--no-header", "--no-annotate"]
    pip = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-cache-dir"]
    mempip = [str(Path(python).with_name("mempip")), "install", "--quiet", "--dry-run"]
    return {
        "mempip": [*mempip, "--report", "-", "--index-url", index, *requirements],
        "uv": [*uv, "--python", python, "--default-index", index, "requirements.in"],
        "pip": [*pip, "--report", "-", "--index-url", index, *requirements],
    }


def resolve(contender: str, requirements: Sequence[str], index: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one contender; `more` are environment variables for it."""
    with tempfile.TemporaryDirectory(prefix="mempip-benchmark-") as scratch:
        (Path(scratch) / "requirements.in").write_text("\n".join(requirements))
        return subprocess.run(
            commands(requirements, index)[contender],
            env=clean_environment(index, **more),
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


def versions(output: str) -> dict[str, str]:
    """Return the versions by project in a contender's answer: pip's report, or lines of ``NAME==VERSION``."""
    if output.startswith("{"):
        rows = [row["metadata"] for row in json.loads(output)["install"]]
        return {canonicalize_name(row["name"]): row["version"] for row in rows}
    return dict(line.split("==") for line in output.split() if "==" in line)


@contextlib.contextmanager
def serve(directory: Path, latency: float = 0.0) -> Iterator[str]:
    """Serve a snapshot on loopback in a process of its own, `latency` seconds late; yield the index's URL."""
    command = [sys.executable, "-m", "benchmarks.snapshot", "--serve", "--latency", str(latency), str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


# --- the answers of a snapshot ---------------------------------------------------------------------


def answers(directory: Path, root: str) -> dict[str, tuple[str, bytes]]:
    """Return the content type and body of each path of the index that `directory` keeps; `root` is the server's."""
    found = {}
    for page in (directory / "pages").iterdir():
        found[f"/simple/{page.stem}/"] = JSON_TYPE, served_page(page.read_bytes(), root)
    for metadata in (directory / "metadata").iterdir():
        found[f"/files/{metadata.name}"] = METADATA_TYPE, metadata.read_bytes()
    return found


def served_page(page: bytes, root: str) -> bytes:
    """Return a page as it is served: wheels only, below `root`, all with metadata of their own (PEP 658)."""
    told = json.loads(page)
    wheels = [row for row in told["files"] if row["filename"].endswith(".whl")]
    released = {split_wheel_name(row["filename"]).version for row in wheels}
    for row in told["files"]:
        stand_in = wheel_of_source(row["filename"], told["name"])
        if stand_in and split_wheel_name(stand_in).version not in released:
            wheels.append({**row, "filename": stand_in})
    rows = [{**row, "url": f"{root}/files/{quote(row['filename'])}", "core-metadata": True} for row in wheels]
    return json.dumps({"meta": told["meta"], "name": told["name"], "files": rows}).encode()


def wheel_of_source(filename: str, project: str) -> str:
    """Return the name of a wheel that stands for an sdist; empty for other files."""
    version = sdist_version(filename, canonicalize_name(project)) if filename.endswith(".tar.gz") else None
    return f"{project.replace('-', '_')}-{version}-py3-none-any.whl" if version and "-" not in version else ""


class Recording(dict[str, tuple[str, bytes]]):
    """Answers that are fetched, and kept in a directory, when somebody asks for them first."""

    def __init__(self, directory: Path, root: str, transport: Transport, catalog: Catalog, index: str) -> None:
        super().__init__(answers(directory, root))
        self._root = root
        self._directory = directory
        self._transport = transport
        self._catalog = catalog
        self._index = index
        self._wheels: dict[str, ProjectFile] = {}
        self._locks: dict[str, threading.Lock] = {}
        for page in (directory / "pages").iterdir():
            self._know(page.read_bytes(), page.stem)

    def __contains__(self, path: object) -> bool:
        with self._locks.setdefault(str(path), threading.Lock()):
            return super().__contains__(path) or self._fetch(str(path))

    def _fetch(self, path: str) -> bool:
        _, kind, name = path.rstrip("/").split("/", 2)
        if kind == "simple":
            answer = self._transport.get(f"{self._index}{name}/", headers={"Accept": ACCEPT})
            if answer.status == 200:
                (self._directory / "pages" / f"{name}.json").write_bytes(answer.body)
                self._know(answer.body, name)
                self[path] = JSON_TYPE, served_page(answer.body, self._root)
        elif name.removesuffix(".metadata") in self._wheels:
            raw = self._metadata(self._wheels[name.removesuffix(".metadata")])
            (self._directory / "metadata" / name).write_bytes(raw)
            self[path] = METADATA_TYPE, raw
        return super().__contains__(path)

    def _metadata(self, file: ProjectFile) -> bytes:
        if file.is_wheel:
            project, version, *_ = parse_wheel_filename(file.filename)
            return self._catalog.metadata(Candidate(project, version, file, 0)).raw
        archive = bytearray()
        self._transport.download(file.url, archive.extend, expected_size=file.size)
        return pkg_info(file.filename, io.BytesIO(archive)) or b""

    def _know(self, page: bytes, name: str) -> None:
        """Remember the files of a page, by the name under which each is served."""
        for file in parse_project_page(page, JSON_TYPE, f"{self._index}{name}/", canonicalize_name(name), self._index):
            self._wheels[file.filename if file.is_wheel else wheel_of_source(file.filename, name)] = file


# --- by hand ---------------------------------------------------------------------------------------


def record(directory: Path, workloads: Mapping[str, Sequence[str]]) -> None:
    """Add to a snapshot what the contenders ask for when they resolve `workloads`, from ``PIP_INDEX_URL`` or PyPI."""
    for kind in ("pages", "metadata"):
        (directory / kind).mkdir(parents=True, exist_ok=True)
    options = InstallOptions(**defaults(os.environ)).replace(extra_index_urls=(), find_links=())
    with contextlib.ExitStack() as stack:
        transport = stack.enter_context(Transport(options))
        catalog = stack.enter_context(Catalog(transport, options, Target.current(), _unbuilt))
        server = stack.enter_context(IndexServer({}))
        upstream = options.index_url.rstrip("/") + "/"
        server.behaviour.pages = Recording(directory, server.root, transport, catalog, upstream)
        for name, requirements in workloads.items():
            for contender in commands(requirements, server.url):
                done = resolve(contender, requirements, server.url, PIP_DEFAULT_TIMEOUT="120", UV_HTTP_TIMEOUT="120")
                print(f"{name}: {contender}: {done.stderr.strip() or 'resolved'}", flush=True)
    (directory / "date").write_text(f"{dt.datetime.now(dt.timezone.utc).date()}\n")


def _unbuilt(file: ProjectFile) -> bytes:
    raise MempipError(f"{file.filename} is not built for a snapshot")


def main() -> None:
    """Record a snapshot, or serve one until standard input is closed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.snapshot", description=__doc__.partition("\n")[0])
    parser.add_argument("directory", type=Path, help="where the snapshot is kept, or will be")
    parser.add_argument("workloads", nargs="*", help=f"of {', '.join(WORKLOADS)}; all by default")
    parser.add_argument("--serve", action="store_true", help="serve the snapshot until standard input is closed")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    arguments = parser.parse_args()
    if unknown := set(arguments.workloads) - set(WORKLOADS):
        parser.error(f"there is no workload {', '.join(sorted(unknown))}")
    if arguments.serve:
        with IndexServer({}, Behaviour(gzip=True, latency=arguments.latency)) as server:
            server.behaviour.pages = answers(arguments.directory, server.root)
            print(server.url, flush=True)
            sys.stdin.read()
        return
    record(arguments.directory, {name: WORKLOADS[name] for name in arguments.workloads or WORKLOADS})


if __name__ == "__main__":
    main()
