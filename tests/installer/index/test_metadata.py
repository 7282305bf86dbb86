from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from mempip.errors import WheelRefused
from mempip.installer.index.metadata import parse_metadata
from mempip.installer.index.model import Candidate, Metadata, ProjectFile

CANDIDATE = Candidate(canonicalize_name("a-b"), Version("1.0"), ProjectFile("a_b-1.0-py3-none-any.whl", ""), 0)
HEAD = b"Metadata-Version: 2.1\nName: A.B\nVersion: 1\n"


def parse(raw: bytes) -> Metadata:
    return parse_metadata(raw, CANDIDATE, {})


def test_parse_metadata() -> None:
    raw = (
        HEAD + b"Requires-Dist: x>1\nRequires-Dist: y (<2) ; extra == 'z'\n"
        b"Provides-Extra: Some_Extra\nRequires-Python: >=3.8\n\nRequires-Dist: in the description\n"
    )
    metadata = parse(raw)
    assert (metadata.name, metadata.version) == ("a-b", Version("1.0"))
    assert [str(requirement) for requirement in metadata.requires] == ["x>1", 'y<2; extra == "z"']
    assert metadata.provides_extras == {"some-extra"}
    assert str(metadata.requires_python) == ">=3.8"
    assert metadata.raw == raw


def test_nothing_but_a_name_and_version() -> None:
    metadata = parse(HEAD)
    assert (metadata.requires, metadata.provides_extras, str(metadata.requires_python)) == ((), frozenset(), "")


def test_requirements_are_parsed_once() -> None:
    known: dict[str, object] = {}
    first = parse_metadata(HEAD + b"Requires-Dist: x\n", CANDIDATE, known)  # type: ignore[arg-type]
    second = parse_metadata(HEAD + b"Requires-Dist: x\n", CANDIDATE, known)  # type: ignore[arg-type]
    assert first.requires[0] is second.requires[0]


def test_an_unreadable_requires_python_forbids_nothing() -> None:
    assert str(parse(HEAD + b"Requires-Python: three\n").requires_python) == ""


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no valid version"),
        (b"Name: other\nVersion: 1\n", "project 'other'"),
        (b"Name: a-b\n", "no valid version"),
        (b"Name: a-b\nVersion: one\n", "no valid version"),
        (b"Name: a-b\nVersion: 2\n", "version 2"),
        (HEAD + b"Requires-Dist: x>=1.*.2\n", "Requires-Dist"),
    ],
)
def test_metadata_that_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(WheelRefused, match=reason) as caught:
        parse(raw)
    assert caught.value.filename == CANDIDATE.file.filename
    assert caught.value.member == "METADATA"
