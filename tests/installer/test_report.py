from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from mempip.installer.index.model import Candidate, Metadata, ProjectFile
from mempip.installer.report import installation_report
from mempip.installer.resolution.result import Pinned, Resolution
from mempip.installer.target import Target

RAW = b"""Metadata-Version: 2.1
Name: Made
Version: 1.0
Summary: first
Summary: second
Keywords: {keywords}
License: some
        lines
Classifier: A :: B
Classifier: C
Requires-Dist: x>1; extra == "e"
Project-URL: Home, https://host/
Provides-Extra: e
X-Unknown: left out

# Made

\xc3\xa9
"""


def described(raw: bytes) -> dict[str, object]:
    """Return what a report says of the metadata of a wheel."""
    name, version = canonicalize_name("made"), Version("1.0")
    candidate = Candidate(name, version, ProjectFile("made-1.0-py3-none-any.whl", "https://host/made"), 0)
    metadata = Metadata(name, version, (), frozenset(), SpecifierSet(), raw)
    pins = {name: Pinned(candidate, metadata, requested=True, extras=frozenset(), required_by=())}
    (item,) = installation_report(Resolution(pins), Target.current(), lambda file: "")["install"]
    return item["metadata"]


def test_metadata_are_as_in_pips_report() -> None:
    assert described(RAW.replace(b"{keywords}", b"one, two words")) == {
        "metadata_version": "2.1",
        "name": "Made",
        "version": "1.0",
        "summary": "first",
        "keywords": ["one", "two words"],
        "license": "some\n        lines",
        "classifier": ["A :: B", "C"],
        "requires_dist": ['x>1; extra == "e"'],
        "project_url": ["Home, https://host/"],
        "provides_extra": ["e"],
        "description": "# Made\n\né\n",
    }


def test_keywords_may_stand_without_commas() -> None:
    assert described(RAW.replace(b"{keywords}", b"one two"))["keywords"] == ["one", "two"]
    assert "description" not in described(b"Name: Made\nVersion: 1.0\n")
