"""The catalog against real indexes on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mempip.errors import HashMismatch, IndexUnavailable, InsecureIndex, InvalidIndexPage, ProjectNotFound, WheelRefused
from mempip.installer.index.catalog import Catalog, check_hashes
from mempip.installer.index.model import Candidate, ProjectFile
from mempip.installer.target import Target
from mempip.installer.transport import Transport
from mempip.options import InstallOptions
from tests.support.index_server import Behaviour, Fault, IndexServer
from tests.support.wheel_factory import build_wheel

DEMO = canonicalize_name("demo")
TARGET = Target.current()
ONE, TWO = build_wheel("demo", "1.0"), build_wheel("demo", "2.0", requires=["x>1"], extras={"e": ["y"]})
LARGE = build_wheel("demo", "3.0", {"demo/data": bytes(range(256)) * 1000}, requires=["x>1"])


def built(file: ProjectFile) -> bytes:
    """Stand in for a build."""
    return f"Metadata-Version: 2.1\nName: demo\nVersion: 9\nSummary: of {file.filename}\n".encode()


@contextmanager
def catalog_of(*indexes: str, **options: object) -> Iterator[Catalog]:
    given = {"index_url": indexes[0] if indexes else "", "extra_index_urls": indexes[1:], "retries": 0, **options}
    chosen = InstallOptions(**given)  # type: ignore[arg-type]
    with Transport(chosen) as transport, Catalog(transport, chosen, TARGET, built) as catalog:
        yield catalog


def versions(candidates: Iterable[Candidate]) -> list[str]:
    return [str(candidate.version) for candidate in candidates]


BEHAVIOURS = [
    Behaviour(),
    Behaviour(json=False),
    Behaviour(gzip=True, etag=True, absolute_urls=True),
    Behaviour(json=False, hashes=False),
    Behaviour(core_metadata=False),
    Behaviour(core_metadata=False, sizes=False, hashes=False),
    Behaviour(core_metadata=False, ranges=False),
    Behaviour(json=False, core_metadata=False, ranges=False),
]


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_candidates_and_metadata(behaviour: Behaviour) -> None:
    with IndexServer(dict([ONE, TWO, LARGE]), behaviour) as server, catalog_of(server.url) as catalog:
        candidates = list(catalog.candidates(DEMO))
        assert versions(candidates) == ["3.0", "2.0", "1.0"]
        assert [str(requirement) for requirement in catalog.metadata(candidates[0]).requires] == ["x>1"]
        assert catalog.metadata(candidates[1]).provides_extras == {"e"}
        assert catalog.metadata(candidates[2]).requires == ()


def test_pages_and_metadata_are_fetched_once() -> None:
    with IndexServer(dict([ONE])) as server, catalog_of(server.url) as catalog:
        for _ in range(2):
            catalog.prefetch(DEMO)
            (candidate,) = catalog.candidates(DEMO)
            catalog.prefetch_metadata(candidate)
            catalog.metadata(candidate)
        assert server.paths() == ["/simple/demo/", f"/files/{ONE[0]}.metadata"]


def test_a_range_of_the_wheel_is_enough() -> None:
    with IndexServer(dict([LARGE]), Behaviour(core_metadata=False)) as server, catalog_of(server.url) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        catalog.metadata(candidate)
        assert [request.status for request in server.log] == [200, 206]
        assert catalog.take_wheel(candidate) is None


def test_a_whole_wheel_is_handed_out_once() -> None:
    behaviour = Behaviour(core_metadata=False, ranges=False)
    with IndexServer(dict([LARGE]), behaviour) as server, catalog_of(server.url) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        catalog.metadata(candidate)
        assert catalog.take_wheel(candidate) == LARGE[1]
        assert catalog.take_wheel(candidate) is None


def test_ranges_that_end_between_two_requests() -> None:
    wheel = build_wheel("demo", "1.0", {f"demo/{number:0200}": "" for number in range(400)})
    with IndexServer(dict([wheel]), Behaviour(core_metadata=False)) as server, catalog_of(server.url) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        server.behaviour.faults[f"/files/{wheel[0]}"] = [Fault(times=1), Fault(status=200, body=wheel[1])]
        assert str(catalog.metadata(candidate).version) == "1.0"
        assert catalog.take_wheel(candidate) == wheel[1]


# --- trust ---


def test_advertised_metadata_must_have_its_hash() -> None:
    with IndexServer(dict([ONE])) as server, catalog_of(server.url) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        server.behaviour.faults[f"/files/{ONE[0]}.metadata"] = [Fault(body=b"Name: demo\nVersion: 1.0\n")]
        with pytest.raises(HashMismatch, match=r"\.metadata"):
            catalog.metadata(candidate)


def test_advertised_metadata_must_be_there() -> None:
    with IndexServer(dict([ONE])) as server, catalog_of(server.url) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        server.behaviour.faults[f"/files/{ONE[0]}.metadata"] = [Fault(status=404)]
        with pytest.raises(IndexUnavailable, match="announces it, but answered 404"):
            catalog.metadata(candidate)


def test_metadata_addresses_keep_their_query() -> None:
    with IndexServer(dict([ONE])) as server, catalog_of(server.url) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        signed = candidate._replace(file=candidate.file._replace(url=f"{candidate.file.url}?key=1"))
        assert catalog.metadata(signed).name == DEMO


def test_whole_wheels_must_have_their_hash() -> None:
    behaviour = Behaviour(core_metadata=False, ranges=False)
    with IndexServer(dict([ONE]), behaviour) as server, catalog_of(server.url) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        behaviour.faults[f"/files/{ONE[0]}"] = [Fault(body=b"x" * len(ONE[1]))]
        with pytest.raises(HashMismatch, match="sha256"):
            catalog.metadata(candidate)


def test_metadata_of_another_project_is_refused() -> None:
    wheel = (ONE[0], build_wheel("other", "1.0")[1])
    for core_metadata in (True, False):
        behaviour = Behaviour(core_metadata=core_metadata)
        with IndexServer(dict([wheel]), behaviour) as server, catalog_of(server.url) as catalog:
            (candidate,) = catalog.candidates(DEMO)
            with pytest.raises(WheelRefused, match="other"):
                catalog.metadata(candidate)


def test_check_hashes_takes_the_strongest() -> None:
    good = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    check_hashes("f", b"abc", {"sha256": good.upper(), "md5": "wrong"})
    check_hashes("f", b"abc", {"unknown": "x"})
    with pytest.raises(HashMismatch, match="md5:wrong"):
        check_hashes("f", b"abc", {"md5": "wrong"})


# --- several sources ---


def test_all_sources_are_equal(tmp_path: Path) -> None:
    (tmp_path / LARGE[0]).write_bytes(LARGE[1])
    with (
        IndexServer(dict([ONE])) as first,
        IndexServer(dict([ONE, TWO])) as second,
        catalog_of(first.url, second.url, find_links=[str(tmp_path)]) as catalog,
    ):
        candidates = list(catalog.candidates(DEMO))
        assert versions(candidates) == ["3.0", "2.0", "1.0"]
        sources = [candidate.file.source for candidate in candidates]
        assert sources == [str(tmp_path), second.url, first.url]
        assert catalog.metadata(candidates[0]).requires != ()
        catalog.prefetch(canonicalize_name("other"))
        with pytest.raises(ProjectNotFound) as caught:
            catalog.candidates(canonicalize_name("other"))
        assert caught.value.sources == [first.url, second.url, str(tmp_path)]


def test_the_same_index_twice_is_asked_once() -> None:
    with IndexServer(dict([ONE])) as server, catalog_of(server.url, server.url.rstrip("/")) as catalog:
        catalog.candidates(DEMO)
        assert server.paths() == ["/simple/demo/"]


def test_one_of_several_indexes_may_not_know_a_project() -> None:
    with IndexServer({}) as first, IndexServer(dict([ONE])) as second, catalog_of(first.url, second.url) as catalog:
        assert versions(catalog.candidates(DEMO)) == ["1.0"]


def test_plain_http_is_for_this_machine_or_for_who_trusts() -> None:
    with pytest.raises(InsecureIndex, match=r"^http://h/ is not secure") as caught, catalog_of("http://me:pass@h/"):
        pass
    assert "pass" not in str(caught.value) + repr(caught.value.data)
    with pytest.raises(InsecureIndex), catalog_of(no_index=True, find_links=["http://h:1/x"]):
        pass
    with catalog_of("http://h:1/", trusted_hosts=["h"]):
        pass


def test_no_index(tmp_path: Path) -> None:
    (tmp_path / ONE[0]).write_bytes(ONE[1])
    with catalog_of("http://127.0.0.1:1/", no_index=True, find_links=[str(tmp_path)]) as catalog:
        assert versions(catalog.candidates(DEMO)) == ["1.0"]
        with pytest.raises(ProjectNotFound):
            catalog.candidates(canonicalize_name("other"))


def test_a_local_index(tmp_path: Path) -> None:
    project = tmp_path / "demo"
    project.mkdir()
    (project / ONE[0]).write_bytes(ONE[1])
    with catalog_of(tmp_path.as_uri()) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        assert str(catalog.metadata(candidate).version) == "1.0"
        with pytest.raises(ProjectNotFound):
            catalog.candidates(canonicalize_name("other"))


def test_an_index_that_fails_is_not_passed_over() -> None:
    with (
        IndexServer(dict([ONE])) as good,
        IndexServer({}, Behaviour(faults={"/simple/demo/": [Fault(status=403)]})) as bad,
        catalog_of(good.url, bad.url) as catalog,
        pytest.raises(IndexUnavailable, match="403"),
    ):
        catalog.candidates(DEMO)


def test_a_page_that_is_none() -> None:
    behaviour = Behaviour(pages={"/simple/demo/": ("image/png", b"")})
    with IndexServer({}, behaviour) as server, catalog_of(server.url) as catalog, pytest.raises(InvalidIndexPage):
        catalog.candidates(DEMO)


def test_credentials_of_an_index_reach_its_files_and_no_message() -> None:
    server = IndexServer(dict([ONE]), Behaviour(credentials=("me", "SECRET"), absolute_urls=True))
    with server, catalog_of(server.url.replace("//", "//me:SECRET@")) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        catalog.metadata(candidate)
        assert "SECRET" not in repr(candidate)
        with pytest.raises(ProjectNotFound) as caught:
            catalog.candidates(canonicalize_name("other"))
        assert "SECRET" not in str(caught.value)


def test_sources_are_known_by_what_is_built() -> None:
    with IndexServer({"demo-9.tar.gz": b""}) as server, catalog_of(server.url) as catalog:
        (candidate,) = catalog.candidates(DEMO)
        assert b"of demo-9.tar.gz" in catalog.metadata(candidate).raw
        file = candidate.file._replace(url="file:///some/where", source="")
        assert catalog.direct(file) == candidate._replace(file=file)


# --- explanations ---


def test_explain_sees_the_files_that_are_of_no_use() -> None:
    files = {"demo-1.0.tar.gz": b"", "demo-2.0-cp27-cp27m-win32.whl": b""}
    with IndexServer(files) as server, catalog_of(server.url) as catalog:
        assert versions(catalog.candidates(DEMO)) == ["1.0"]
        (line, others) = catalog.explain(DEMO, Requirement("demo>1"))
        assert line.startswith("2.0: wheels exist for cp27 win32")
        assert others == "versions that this Python can use: 1.0"
        with pytest.raises(ProjectNotFound):
            catalog.explain(canonicalize_name("other"), Requirement("other"))


# --- threads ---


def test_many_threads_at_once() -> None:
    wheels = dict(build_wheel(f"p{number}", "1.0") for number in range(20))
    names = [canonicalize_name(f"p{number}") for number in range(20)]
    with IndexServer(wheels) as server, catalog_of(server.url) as catalog:
        for name in names:
            catalog.prefetch(name)
        found: list[str] = []

        def ask() -> None:
            found.extend(catalog.metadata(next(iter(catalog.candidates(name)))).name for name in names)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == sorted(names * 6)
        assert len(server.log) == 40
