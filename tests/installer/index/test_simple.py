from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from mempip.errors import InvalidIndexPage
from mempip.installer.index.model import ProjectFile
from mempip.installer.index.simple import parse_page, parse_project_page

URL = "https://host/simple/demo/"
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html; charset=utf-8"
DEMO = canonicalize_name("demo")
WHEEL = "demo-1.0-py3-none-any.whl"


def parse(body: bytes | str, kind: str = HTML, url: str = URL) -> list[ProjectFile]:
    return list(parse_project_page(body.encode() if isinstance(body, str) else body, kind, url, DEMO, "source"))


def parse_rows(*rows: Any, **page: Any) -> list[ProjectFile]:
    content = {"meta": {"api-version": "1.1"}, "name": "demo", "files": rows, **page}
    return parse(json.dumps(content), JSON)


def row(**values: Any) -> dict[str, Any]:
    return {"filename": WHEEL, "url": f"../../files/{WHEEL}", "hashes": {}, **values}


# --- JSON ---


def test_a_json_row() -> None:
    given = row(
        **{"hashes": {"sha256": "ab"}, "requires-python": ">=3.8", "yanked": "broken", "size": 7},
        **{"core-metadata": {"sha256": "cd"}, "data-dist-info-metadata": False},
    )
    assert parse_rows(given) == [
        ProjectFile(
            WHEEL, f"https://host/files/{WHEEL}", {"sha256": "ab"}, ">=3.8", "broken", {"sha256": "cd"}, 7, "source"
        )
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"core-metadata": True}, {}),
        ({"core-metadata": False}, None),
        ({"core-metadata": False, "data-dist-info-metadata": {"sha256": "x"}}, None),
        ({"data-dist-info-metadata": {"sha256": "x"}}, {"sha256": "x"}),
        ({"data-dist-info-metadata": True}, {}),
    ],
)
def test_core_metadata(values: dict[str, Any], expected: dict[str, str] | None) -> None:
    assert parse_rows(row(**values))[0].core_metadata == expected


@pytest.mark.parametrize(
    ("yanked", "expected"), [(False, None), (True, ""), ("why", "why"), ("", ""), (None, None), (1, "")]
)
def test_yanked(yanked: object, expected: str | None) -> None:
    assert parse_rows(row(yanked=yanked))[0].yanked == expected


@pytest.mark.parametrize("size", [None, "7", -1])
def test_sizes_that_are_none(size: object) -> None:
    assert parse_rows(row(size=size))[0].size is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://other/x.whl", "https://other/x.whl"),
        ("https://other/x.whl#sha256=ab", "https://other/x.whl"),
        ("https://u:p@other/x.whl", "https://other/x.whl"),
        ("/x.whl", "https://host/x.whl"),
        ("//cdn/x.whl", "https://cdn/x.whl"),
    ],
)
def test_addresses_are_absolute_and_without_credentials(url: str, expected: str) -> None:
    assert parse_rows(row(url=url))[0].url == expected


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        [],
        {},
        row(filename=None),
        row(filename=7),
        row(filename="../demo-1.0-py3-none-any.whl"),
        row(filename="demo-1.0/../../x-py3-none-any.whl"),
        row(url=None),
        row(url="http://[bad/x@"),
        row(hashes=[1]),
        row(hashes={"sha256": 1}),
    ],
)
def test_bad_rows_are_left_out(bad: object) -> None:
    assert [file.filename for file in parse_rows(bad, row())] == [WHEEL]


def test_files_of_other_projects_are_left_out() -> None:
    names = ["other-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo.zip", "demonstration-1.tar.gz", "DEMO-1.zip"]
    assert [file.filename for file in parse_rows(*(row(filename=name) for name in names))] == [
        "demo-1.0.tar.gz",
        "DEMO-1.zip",
    ]


def test_only_wanted_files_are_returned() -> None:
    body = json.dumps({"files": [row(), row(filename="demo-2.0-py3-none-any.whl")]}).encode()
    files = parse_project_page(body, JSON, URL, DEMO, "", lambda filename: "2.0" in filename)
    assert [file.filename for file in files] == ["demo-2.0-py3-none-any.whl"]


@pytest.mark.parametrize("version", [None, "1.0", "1.99"])
def test_versions_that_are_read(version: str | None) -> None:
    assert parse_rows(row(), meta={"api-version": version}) != []


def test_a_page_without_meta_or_name_is_read() -> None:
    assert parse(json.dumps({"files": [row()]}), "application/json") != []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (b"\xff\xfe\xfa", "not JSON"),
        ("[]", "no list of files"),
        ('{"files": {}}', "no list of files"),
        ('{"meta": {"api-version": "2.0"}, "files": []}', "API version is 2.0"),
        ('{"name": "other", "files": []}', "page of 'other', not of 'demo'"),
    ],
)
def test_what_is_no_page(body: str | bytes, reason: str) -> None:
    with pytest.raises(InvalidIndexPage, match=reason):
        parse(body, JSON)


@pytest.mark.parametrize("kind", ["", "image/png", "application/vnd.pypi.simple.v2+json"])
def test_other_content_types_are_refused(kind: str) -> None:
    with pytest.raises(InvalidIndexPage, match="content type"):
        parse(b"", kind)


def test_errors_do_not_show_credentials() -> None:
    with pytest.raises(InvalidIndexPage) as caught:
        parse(b"", "x/y", url="https://u:SECRET@host/")
    assert "SECRET" not in str(caught.value)


# --- HTML ---


def test_an_html_row() -> None:
    page = f"""<!DOCTYPE html><meta name="pypi:repository-version" content="1.1">
        <a href="../../files/{WHEEL}#sha256=AB" data-requires-python="&gt;=3.8" data-yanked="why &amp; how"
           data-core-metadata="sha256=cd">{WHEEL}</a>"""
    assert parse(page) == [
        ProjectFile(
            WHEEL,
            f"https://host/files/{WHEEL}",
            {"sha256": "ab"},
            ">=3.8",
            "why & how",
            {"sha256": "cd"},
            None,
            "source",
        )
    ]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("", None),
        ("data-core-metadata", None),
        ('data-core-metadata="true"', {}),
        ('data-core-metadata="false"', None),
        ('data-dist-info-metadata="sha256=x"', {"sha256": "x"}),
        ('data-core-metadata="true" data-dist-info-metadata="sha256=x"', {}),
    ],
)
def test_core_metadata_in_html(attributes: str, expected: dict[str, str] | None) -> None:
    assert parse(f'<a href="{WHEEL}" {attributes}>')[0].core_metadata == expected


def test_yanked_without_a_reason() -> None:
    assert parse(f'<a href="{WHEEL}" data-yanked>')[0].yanked == ""


def test_the_base_address_counts_once() -> None:
    page = f'<base href="/else/"><base href="/other/"><a href="{WHEEL}">'
    assert parse(page)[0].url == f"https://host/else/{WHEEL}"
    assert parse(f'<base><a href="{WHEEL}">')[0].url == f"{URL}{WHEEL}"


def test_names_come_from_addresses() -> None:
    page = '<a href="demo-1.0%2Blocal-py3-none-any.whl?x=y#egg=demo&md5=AB">shown as something else</a>'
    (file,) = parse(page)
    assert file.filename == "demo-1.0+local-py3-none-any.whl"
    assert file.url == f"{URL}demo-1.0%2Blocal-py3-none-any.whl?x=y"
    assert file.hashes == {"md5": "ab"}


def test_odd_anchors_are_left_out() -> None:
    page = f'<a><a href=""><a href="../"><a href="http://[bad@/{WHEEL}"><A HREF="{WHEEL}">'
    assert [file.filename for file in parse(page)] == [WHEEL]


def test_html_of_another_version_is_refused() -> None:
    with pytest.raises(InvalidIndexPage, match=r"API version is 2\.0"):
        parse('<meta name="pypi:repository-version" content="2.0">')
    assert parse('<meta charset="utf-8"><meta name="pypi:repository-version">') == []


@pytest.mark.parametrize(
    "kind", ["text/html", "text/html; charset=latin-1", "text/html; charset=no; x", "text/html;charset="]
)
def test_charsets(kind: str) -> None:
    page = f'<a href="{WHEEL}" data-yanked="caf\xe9">'.encode("latin-1" if "latin-1" in kind else "utf-8")
    assert parse(page, kind)[0].yanked == "caf\xe9"


def test_pages_of_links_may_name_any_project() -> None:
    page = b'<a href="a-1.0-py3-none-any.whl"><a href="b-1.0.zip"><a href="x.pdf">'
    assert [file.filename for file in parse_page(page, HTML, URL, "")] == [
        "a-1.0-py3-none-any.whl",
        "b-1.0.zip",
        "x.pdf",
    ]


@given(st.binary(), st.sampled_from([JSON, HTML]))
def test_any_bytes_are_a_page_or_refused(body: bytes, kind: str) -> None:
    try:
        parse(body, kind)
    except InvalidIndexPage:
        pass


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just(WHEEL),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(["filename", "url", "hashes", "size", "yanked", "core-metadata", "requires-python"])


@given(st.lists(st.dictionaries(KEYS, VALUES) | VALUES, max_size=5))
def test_any_rows_are_read_or_left_out(rows: list[object]) -> None:
    for file in parse_rows(*rows):
        assert isinstance(file.filename, str)
        assert isinstance(file.url, str)
        assert isinstance(file.requires_python, str)
        assert file.yanked is None or isinstance(file.yanked, str)
        assert all(isinstance(digest, str) for digest in file.hashes.values())
        assert all(isinstance(digest, str) for digest in (file.core_metadata or {}).values())
