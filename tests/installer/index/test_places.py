"""Where projects are looked for: everywhere, or in the one index that they are bound to."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

import mempip
from mempip.errors import InsecureIndex, ProjectNotFound, UsageError
from mempip.installer.index.places import Directory, Places
from mempip.options import InstallOptions
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

pytestmark = pytest.mark.usefixtures("forked")

EVERYWHERE = Places(("https://pypi.org/simple/", "https://more/"), ("/wheels",))


def places(name: str, *bindings: str, no_index: bool = False) -> Places:
    options = InstallOptions(
        extra_index_urls=["https://more", "https://more/"],
        find_links=["/wheels", "/wheels"],
        project_index=bindings,
        no_index=no_index,
    )
    return Directory(options).of(canonicalize_name(name))


@pytest.mark.parametrize(
    ("name", "bindings", "index"),
    [
        ("acme-core", ["acme-core=https://a"], "https://a/"),
        ("acme.core", ["Acme_Core=https://a/"], "https://a/"),
        ("acme-core", ["acme_*=https://a/"], "https://a/"),
        ("acme-core", ["acme-*=https://a/", "acme-core=https://b/"], "https://b/"),
        ("acme-core", ["acme-*=https://a/", "*-core=https://a"], "https://a/"),
        ("lib1", ["lib?=https://me:secret@a/"], "https://me:secret@a/"),
    ],
)
def test_bound_projects_have_one_place(name: str, bindings: list[str], index: str) -> None:
    assert places(name, *bindings) == Places((index,), ())


@pytest.mark.parametrize("name", ["acme", "acmecore", "other-acme-core"])
def test_other_projects_are_looked_for_everywhere(name: str) -> None:
    assert places(name, "acme-*=https://a/") == EVERYWHERE


def test_an_index_may_be_a_directory(tmp_path: Path) -> None:
    options = InstallOptions(index_url=str(tmp_path), project_index=[f"bound={tmp_path / 'a b'}"])
    assert Directory(options).of(canonicalize_name("other")).indexes == (f"{tmp_path.as_uri()}/",)
    assert Directory(options).of(canonicalize_name("bound")).indexes == (f"{(tmp_path / 'a b').as_uri()}/",)


def test_without_indexes_nothing_is_bound() -> None:
    assert places("acme-core", "acme-*=https://a/", no_index=True) == Places((), ("/wheels",))


@pytest.mark.parametrize(
    "bindings",
    [
        ["acme=https://me:secret@a/", "ACME=https://me:secret@b/"],
        ["acm*=https://me:secret@a/", "*cme=https://me:secret@b/"],
    ],
)
def test_contradictions_are_errors(bindings: list[str]) -> None:
    with pytest.raises(UsageError, match="acme is bound to https://a/ and to https://b/") as caught:
        places("acme", *bindings)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("entry", ["https://me:secret@a/", "acme", "acme=", "=https://a/", "a/b=https://me:secret@a/"])
def test_what_binds_nothing_is_an_error(entry: str) -> None:
    with pytest.raises(UsageError, match="no NAME=INDEX") as caught:
        places("acme", entry)
    assert "secret" not in str(caught.value)


def test_bound_indexes_must_be_secure() -> None:
    with pytest.raises(InsecureIndex):
        places("acme", "acme=http://a/")


def test_a_higher_version_elsewhere_is_of_no_use(tmp_path: Path) -> None:
    ours = dict([build_wheel("acme-core", "1.0"), build_wheel("acme-tool", "1.0", requires=["acme_core", "plain"])])
    theirs = dict([build_wheel("acme-core", "99"), build_wheel("acme-tool", "99"), build_wheel("plain", "1.0")])
    name, data = build_wheel("acme-core", "98")
    (tmp_path / name).write_bytes(data)
    with IndexServer(ours) as private, IndexServer(theirs) as public:
        options = {"index_url": public.url, "extra_index_url": [private.url], "find_links": [str(tmp_path)]}

        def chosen(**more: object) -> list[str]:
            rows = [item["metadata"] for item in mempip.resolve("acme-tool", **options, **more)["install"]]
            return sorted(f"{row['name']}-{row['version']}" for row in rows)

        assert chosen() == ["acme-tool-99"]
        public.log.clear()
        bound = {"acme-*": private.url}
        assert chosen(project_index=bound) == ["acme-core-1.0", "acme-tool-1.0", "plain-1.0"]
        assert all("acme" not in path for path in public.paths())
        with pytest.raises(ProjectNotFound, match=f"was found in {private.url}"):
            mempip.resolve("acme-missing", **options, project_index=bound)
