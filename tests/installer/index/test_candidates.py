from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from packaging.tags import Tag
from packaging.utils import canonicalize_name

from mempip.installer.index.candidates import Candidates, is_for, parse_version
from mempip.installer.index.listing import listing_of
from mempip.installer.index.model import Candidate, ProjectFile
from mempip.installer.target import Target

DEMO = canonicalize_name("demo")
TARGET = Target(
    "3.10.13",
    (Tag("cp310", "cp310", "linux_x86_64"), Tag("cp310", "abi3", "linux_x86_64"), Tag("py3", "none", "any")),
    {},
)


def candidates(*files: ProjectFile | str) -> list[Candidate]:
    given = [ProjectFile(file, "") if isinstance(file, str) else file for file in files]
    return list(Candidates([listing_of(given, DEMO)], DEMO, TARGET))


def names(*files: ProjectFile | str) -> list[str]:
    return [candidate.file.filename for candidate in candidates(*files)]


def test_newest_first_by_version_not_by_text() -> None:
    files = [f"demo-{version}-py3-none-any.whl" for version in ("1.10", "1.9", "2.0a1", "2.0", "1.0.post1")]
    random.Random(1).shuffle(files)
    found = candidates(*files)
    assert [str(candidate.version) for candidate in found] == ["2.0", "2.0a1", "1.10", "1.9", "1.0.post1"]
    assert {candidate.name for candidate in found} == {DEMO}


def test_the_best_tag_of_a_version_wins() -> None:
    best = "demo-1-cp310-cp310-linux_x86_64.whl"
    files = ["demo-1-py3-none-any.whl", best, "demo-1-cp310-abi3-linux_x86_64.whl", "demo-1-cp399-cp399-any.whl"]
    assert names(*files) == names(*reversed(files)) == [best]


def test_ranks_are_positions_of_tags() -> None:
    (candidate,) = candidates("demo-1-py2.py3-none-any.whl")
    assert candidate.rank == 2
    assert not candidate.yanked


def test_a_source_where_there_is_no_wheel() -> None:
    files = ["demo-1.tar.gz", "demo-1-py3-none-any.whl", "demo-2.zip", "demo-2-cp399-cp399-any.whl"]
    assert names(*files) == names(*reversed(files)) == ["demo-2.zip", "demo-1-py3-none-any.whl"]


def test_the_highest_build_wins_among_equal_tags() -> None:
    files = [f"demo-1{build}-py3-none-any.whl" for build in ("", "-9", "-10a", "-10b", "-10")]
    assert names(*files) == names(*reversed(files)) == ["demo-1-10b-py3-none-any.whl"]


def test_the_earlier_source_wins_among_equals() -> None:
    files = [ProjectFile("demo-1-py3-none-any.whl", "", source=source) for source in ("first", "second")]
    assert candidates(*files)[0].file.source == "first"


def test_spellings_of_one_version_are_one_version() -> None:
    assert names("demo-1.0-py3-none-any.whl", "demo-1.0.0-cp310-cp310-linux_x86_64.whl") == [
        "demo-1.0.0-cp310-cp310-linux_x86_64.whl"
    ]


def test_files_for_other_pythons_are_left_out() -> None:
    assert names(ProjectFile("demo-1-py3-none-any.whl", "", requires_python=">=3.11")) == []
    assert names(ProjectFile("demo-1-py3-none-any.whl", "", requires_python=">=3.10")) != []


def test_yanked_files_are_kept_if_there_are_no_others() -> None:
    yanked = ProjectFile("demo-1-cp310-cp310-linux_x86_64.whl", "", yanked="")
    assert names(yanked, "demo-1-py3-none-any.whl") == ["demo-1-py3-none-any.whl"]
    assert candidates(yanked)[0].yanked


def test_several_places_are_one_list_and_the_first_counts_among_equals() -> None:
    places = [["demo-1-py3-none-any.whl"], ["demo-2.0-py3-none-any.whl"], ["demo-2-py3-none-any.whl", "demo-1.zip"]]
    given = [[ProjectFile(file, "", source=str(number)) for file in files] for number, files in enumerate(places)]
    found = Candidates([listing_of(files, DEMO) for files in given], DEMO, TARGET)
    assert [(str(candidate.version), candidate.file.source) for candidate in found] == [("2.0", "1"), ("1", "0")]


def test_only_the_files_of_versions_that_are_looked_at_are_read() -> None:
    asked: list[str] = []

    def allow(files: Iterable[ProjectFile]) -> list[ProjectFile]:
        allowed = list(files)
        asked.extend(file.filename for file in allowed)
        return allowed

    files = [ProjectFile(f"demo-{version}.zip", "") for version in (1, 3, 2)]
    found = Candidates([listing_of(files, DEMO)], DEMO, TARGET, allow)
    assert str(next(iter(found)).version) == str(next(iter(found)).version) == "3"
    assert asked == ["demo-3.zip"]


def test_files_that_are_not_allowed_are_passed_over() -> None:
    listing = listing_of([ProjectFile("demo-1-py3-none-any.whl", ""), ProjectFile("demo-1.zip", "")], DEMO)
    (candidate,) = Candidates([listing], DEMO, TARGET, lambda files: (file for file in files if not file.is_wheel))
    assert candidate.file.filename == "demo-1.zip"
    assert list(Candidates([listing], DEMO, TARGET, lambda _: ())) == []


def test_is_for() -> None:
    names = ["demo-1.zip", "demo-1-py3-none-any.whl", "demo-1-cp399-cp399-any.whl", "demo-1.whl"]
    assert [is_for(TARGET, ProjectFile(name, "")) for name in names] == [True, True, False, False]


@pytest.mark.parametrize("filename", ["demo-1.0.exe", "demo-x.y.zip", "demo-x.y-py3-none-any.whl", "demo-1.whl"])
def test_what_is_neither_wheel_nor_source_is_left_out(filename: str) -> None:
    assert names(filename) == []


def test_parse_version() -> None:
    known: dict[str, object] = {}
    assert str(parse_version("1.0_1", known)) == "1.0.post1"  # type: ignore[arg-type]
    assert parse_version("1.0_x!", known) is None  # type: ignore[arg-type]
    assert list(known) == ["1.0_1", "1.0_x!"]
    assert parse_version("1.0_1", known) is known["1.0_1"]  # type: ignore[arg-type]
