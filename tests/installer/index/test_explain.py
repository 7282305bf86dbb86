from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import canonicalize_name

from mempip.installer.index.explain import explain_absence
from mempip.installer.index.model import ProjectFile
from mempip.installer.target import Target

TARGET = Target("3.10.13", (Tag("cp310", "cp310", "linux_x86_64"), Tag("py3", "none", "any")), {})


def explain(specifier: str, *files: ProjectFile | str) -> list[str]:
    given = [ProjectFile(file, "") if isinstance(file, str) else file for file in files]
    return explain_absence(given, canonicalize_name("demo"), SpecifierSet(specifier), TARGET)


def pure(version: str, **values: str) -> ProjectFile:
    return ProjectFile(f"demo-{version}-py3-none-any.whl", "", **values)  # type: ignore[arg-type]


def test_no_files() -> None:
    assert explain("", "demo-1.exe", "demo-what-py3-none-any.whl") == ["the project has no files"]


def test_other_versions() -> None:
    assert explain(">20", pure("1"), pure("10"), "demo-11.zip") == ["versions that this Python can use: 11, 10, 1"]


def test_other_versions_are_a_way_out() -> None:
    assert explain(">10", pure("1"), pure("10"), "demo-11-cp399-cp399-any.whl") == [
        "11: wheels exist for cp399 any; this Python takes cp310-cp310-linux_x86_64 and what is compatible with it",
        "versions that this Python can use: 10, 1",
    ]


def test_many_other_versions_are_shortened() -> None:
    (line,) = explain(">50", *(pure(str(version)) for version in range(20)))
    assert line == "versions that this Python can use: 19, 18, 17, 16, 15, 14, 13, 12, 11, 10 and 10 older"


def test_other_versions_that_are_of_no_use_either() -> None:
    (exist, why) = explain(">5", "demo-1-cp399-cp399-any.whl")
    assert exist == "versions that exist: 1"
    assert why.startswith("1: wheels exist for cp399 any")


def test_sources_are_usable() -> None:
    assert explain("", "demo-1.zip", "demo-2.tar.gz") == ["2, 1: usable, but excluded by another requirement"]


def test_other_platforms() -> None:
    files = [f"demo-2-cp3{minor}-cp3{minor}-{os}.whl" for minor in (11, 12, 13) for os in ("win32", "linux_x.other")]
    (line,) = explain("", *files)
    assert line == (
        "2: wheels exist for cp311 win32, cp311 linux_x, cp312 win32, cp312 linux_x and 2 more; "
        "this Python takes cp310-cp310-linux_x86_64 and what is compatible with it"
    )


def test_other_platforms_for_a_python_that_takes_nothing() -> None:
    bare = Target("3.10.13", (), {})
    (line,) = explain_absence([pure("1")], canonicalize_name("demo"), SpecifierSet(), bare)
    assert "this Python takes nothing" in line


def test_other_pythons_share_a_line() -> None:
    files = [
        pure("3", requires_python=">=3.12"),
        pure("2", requires_python=">=3.11"),
        pure("1", requires_python=">=3.11"),
    ]
    assert explain("", *files) == [
        "3: needs Python >=3.12, this is 3.10.13",
        "2, 1: needs Python >=3.11, this is 3.10.13",
    ]


def test_python_is_the_reason_even_if_no_tag_fits() -> None:
    files = [
        ProjectFile(f"demo-1-{tag}", "", requires_python=">=3.11")
        for tag in ("cp311-cp311-win32.whl", "cp312-cp312-win32.whl")
    ]
    assert explain("", *files) == ["1: needs Python >=3.11, this is 3.10.13"]


def test_yanked_and_pre_releases() -> None:
    files = [pure("3rc1"), pure("2", yanked="breaks things"), pure("1", yanked="")]
    assert explain("", *files) == [
        "3rc1: a pre-release (--pre allows it)",
        "2: yanked: breaks things (only == of your own asks for it)",
        "1: yanked (only == of your own asks for it)",
    ]


def test_usable_but_not_wanted() -> None:
    assert explain("==1", pure("1"), pure("2")) == ["1: usable, but excluded by another requirement"]


def test_many_reasons_are_shortened() -> None:
    lines = explain("", *(pure(str(number), requires_python=f">=3.{20 + number}") for number in range(9)))
    assert len(lines) == 7
    assert lines[-1] == "… and 3 more groups of versions with other reasons"
