"""Indexes that are broken or hostile, all the way: an error that says what it is, in time, and nothing installed."""

from __future__ import annotations

import gzip
import hashlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

import mempip
from mempip import errors
from tests.support.index_server import Fault, IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("forked")

NEEDED, MADE = build_wheel("needed", "1.0"), build_wheel("made", "1.0", {"made.py": ""}, requires=["needed"])
OTHER = build_wheel("made", "1.0", {"made.py": "import os"}, requires=["needed"])
PAGE, FILE = "/simple/made/", f"/files/{MADE[0]}"


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer(dict([NEEDED, MADE])) as running:
        yield running


def refused(server: IndexServer, kind: type[errors.MempipError], says: str, **options: Any) -> None:
    path = list(sys.path)
    with pytest.raises(kind, match=says):
        mempip.install("made", index_url=server.url, **{"retries": 0, "timeout": 5.0, **options})
    assert sys.path == path
    assert mempip.list() == []


@pytest.mark.parametrize(
    ("path", "fault", "kind", "says"),
    [
        (FILE, Fault(body=MADE[1][:-1] + b"?"), errors.HashMismatch, "does not have the promised hash"),
        (FILE, Fault(body=MADE[1] + b"more"), errors.IndexUnavailable, "larger than the .* announced"),
        (FILE, Fault(body=MADE[1][:-9]), errors.IndexUnavailable, "were announced"),
        (FILE, Fault(drop_after=100), errors.IndexUnavailable, FILE),
        (FILE, Fault(promise=10**9, drop_after=len(MADE[1])), errors.IndexUnavailable, FILE),
        (FILE, Fault(status=404), errors.IndexUnavailable, "answered 404"),
        (FILE, Fault(redirect=FILE), errors.RedirectRefused, "in circles"),
        (f"{FILE}.metadata", Fault(body=b"Name: made\nVersion: 1.0\n"), errors.HashMismatch, "promised hash"),
        (PAGE, Fault(redirect=PAGE), errors.RedirectRefused, "in circles"),
        (PAGE, Fault(status=429, headers={"Retry-After": "3600"}), errors.IndexUnavailable, "answered 429"),
        (PAGE, Fault(drop_after=20), errors.IndexUnavailable, PAGE),
        (
            PAGE,
            Fault(body=gzip.compress(bytes(65 << 20)), headers={"Content-Encoding": "gzip"}),
            errors.IndexUnavailable,
            "the page is larger",
        ),
        (PAGE, Fault(body=b"[" * 100_000), errors.InvalidIndexPage, PAGE),
    ],
)
def test_broken_and_hostile_answers(
    server: IndexServer, path: str, fault: Fault, kind: type[errors.MempipError], says: str
) -> None:
    server.behaviour.faults[path] = [fault]
    refused(server, kind, says)


@pytest.mark.parametrize(
    ("path", "fault"), [(PAGE, Fault(drip=0.05)), (PAGE, Fault(drip_header=0.05)), (FILE, Fault(drip=0.05))]
)
def test_answers_that_drip_are_given_up(server: IndexServer, path: str, fault: Fault) -> None:
    server.behaviour.faults[path] = [fault]
    refused(server, errors.IndexUnavailable, "too slow|timed out", timeout=0.1)


def test_a_promise_that_changes_between_requests(server: IndexServer) -> None:
    promise = "<a href='{}#sha256={}'>{}</a>"
    right, wrong = (
        Fault(body=promise.format(FILE, hashlib.sha256(data).hexdigest(), MADE[0]).encode(), times=1)
        for data in (MADE[1], OTHER[1])
    )
    server.behaviour.json = False
    server.behaviour.faults[PAGE] = [right, wrong]
    mempip.install("made", index_url=server.url).close()
    refused(server, errors.HashMismatch, "does not have the promised hash")


def test_spellings_of_a_name_are_one_project_and_others_are_not() -> None:
    spelled = build_wheel("De_mo.Pkg", "1.0", {"spelled.py": ""})
    stranger = build_wheel("de-mo-pkg-evil", "9.0", {"spelled.py": ""})
    with IndexServer(dict([spelled, stranger])) as server:
        links = "".join(f'<a href="/files/{name}">{name}</a>' for name in (stranger[0], spelled[0]))
        server.behaviour.pages["/simple/de-mo-pkg/"] = ("text/html", links.encode())
        report = mempip.resolve("DE.MO_PKG", index_url=server.url)
        assert [item["metadata"]["version"] for item in report["install"]] == ["1.0"]
