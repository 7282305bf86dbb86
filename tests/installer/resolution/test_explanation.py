from __future__ import annotations

import pytest

from mempip.errors import NoMatchingVersion, ProjectNotFound, ResolutionImpossible, ResolutionTooDeep
from mempip.installer.resolution.explanation import MOST_LINES
from tests.installer.resolution.memory_catalog import solve

NUMPY = {"1.19": [], "1.26": [], "2.2.1": []}


def failure(error, world, *requirements, **options):
    with pytest.raises(error) as caught:
        solve(world, *requirements, **options)
    return caught.value


def test_what_the_user_asked_for_comes_first_and_the_way_out_is_named():
    error = failure(
        ResolutionImpossible, {"numpy": NUMPY, "pandas": {"2.2.3": ["numpy>=1.26"]}}, "pandas", "numpy<1.20"
    )
    assert error.causes == ["you asked for numpy<1.20", "pandas 2.2.3 needs numpy>=1.26 (you asked for pandas)"]
    assert error.hint == "Without your 'numpy<1.20', numpy 2.2.1 would fit: loosen it or leave it out."


def test_parents_are_followed_up_to_the_user():
    world = {"numpy": NUMPY, "top": {"3": ["middle>1"]}, "middle": {"2": ["low"]}, "low": {"1": ["numpy>=2"]}}
    error = failure(ResolutionImpossible, world, "top", "numpy<1.20")
    assert error.causes[1] == "low 1 needs numpy>=2 (middle 2 needs low, top 3 needs middle>1, you asked for top)"


def test_two_dependencies_in_conflict():
    world = {"numpy": NUMPY, "a": {"1": ["numpy<2"]}, "b": {"1": ["numpy>=2"]}}
    error = failure(ResolutionImpossible, world, "a", "b>0")
    assert sorted(error.causes) == ["a 1 needs numpy<2 (you asked for a)", "b 1 needs numpy>=2 (you asked for b>0)"]
    assert error.hint in ("Loosen or leave out one of: 'a', 'b>0'.", "Loosen or leave out one of: 'b>0', 'a'.")


def test_versions_that_want_the_same_share_a_line():
    world = {"numpy": NUMPY, "a": {str(version): ["numpy>=2"] for version in range(1, 6)}}
    error = failure(ResolutionImpossible, world, "a", "numpy<2")
    assert error.causes[1] == "a 1 to 5 (5 versions) need numpy>=2 (you asked for a)"
    error = failure(ResolutionImpossible, world, "a>3", "numpy<2")
    assert error.causes[1] == "a 5, 4 need numpy>=2 (you asked for a>3)"


def test_very_many_reasons_are_counted():
    world = {"numpy": NUMPY, "a": {str(version): [f"numpy>={version}"] for version in range(2, 30)}}
    error = failure(ResolutionImpossible, world, "a", "numpy<2")
    assert len(error.causes) == MOST_LINES + 1
    assert error.causes[-1] == "and 17 more of this kind"


def test_the_user_against_the_user():
    error = failure(ResolutionImpossible, {"numpy": NUMPY}, "numpy<1.20", "numpy>2")
    assert error.causes == ["you asked for numpy<1.20", "you asked for numpy>2"]
    assert "Without your 'numpy<1.20', numpy 2.2.1 would fit" in error.hint


def test_a_constraint_is_named():
    error = failure(ResolutionImpossible, {"numpy": NUMPY}, "numpy>2", constraints=["numpy<2"])
    assert error.causes == ["you asked for numpy>2", "a constraint limits numpy to <2"]
    assert error.hint == "Without your 'numpy>2', numpy 1.26 would fit: loosen it or leave it out."
    world = {"numpy": NUMPY, "pandas": {"1": ["numpy>2"]}}
    error = failure(ResolutionImpossible, world, "pandas", constraints=["numpy<2"])
    assert error.hint == "Without the constraint 'numpy<2', numpy 2.2.1 would fit."
    error = failure(ResolutionImpossible, world, "pandas", constraints=["numpy==9"])
    assert error.causes == ["pandas 1 needs numpy>2 (you asked for pandas)", "a constraint limits numpy to ==9"]


def test_extras_in_conflict():
    world = {"numpy": NUMPY, "a": {"1": {"requires": ["numpy<2; extra == 'x'"], "extras": ["x"]}}}
    error = failure(ResolutionImpossible, world, "a[x]", "numpy>=2")
    assert error.causes == ["you asked for numpy>=2", "a[x] 1 needs numpy<2 (you asked for a[x])"]


def test_extras_of_a_version_that_is_not_to_be_had():
    world = {
        "a": {
            "1": {"requires": [], "extras": ["x"]},
            "2": {"requires": ["b; extra == 'x'"], "extras": ["x"]},
        },
        "b": {"1": ["a<2"]},
    }
    error = failure(ResolutionImpossible, world, "a[x]>1")
    assert "b 1 needs a<2 (a[x] 2 needs b, you asked for a[x]>1)" in error.causes


def test_no_version_that_fits():
    error = failure(NoMatchingVersion, {"numpy": NUMPY}, "numpy>3")
    assert error.requirement == "numpy>3"
    assert error.reasons == ["versions of numpy: 2.2.1, 1.26, 1.19"]
    assert error.required_by == []


def test_no_version_that_fits_a_dependency():
    error = failure(NoMatchingVersion, {"numpy": NUMPY, "a": {"1": ["numpy>3"], "2": ["numpy>3"]}}, "a")
    assert error.requirement == "numpy>3"
    assert error.required_by == ["a 2", "a 1"]


def test_an_unknown_dependency():
    error = failure(ProjectNotFound, {"a": {"1": ["nowhere"]}}, "a")
    assert (error.project, error.sources, error.required_by) == ("nowhere", ["https://index/"], ["a 1"])


def test_an_unknown_dependency_is_one_reason_among_others():
    world = {"a": {"1": ["numpy>=2"], "2": ["nowhere"], "3": ["numpy>=3"]}, "numpy": NUMPY}
    error = failure(ResolutionImpossible, world, "a", "numpy<2")
    assert "a 2 needs nowhere, which no index knows (you asked for a)" in error.causes
    assert "a 3 needs numpy>=3, of which there is no usable version (you asked for a)" in error.causes


def test_another_python_is_needed():
    world = {"a": {"1": {"requires_python": "<3"}, "2": {"requires_python": ">=4"}}, "b": {"1": ["a"]}}
    error = failure(NoMatchingVersion, world, "b")
    assert error.requirement == "a"
    assert error.required_by == ["b 1"]
    assert [reason[: reason.index(" and this is Python 3.")] for reason in error.reasons] == [
        "a 2 needs Python >=4,",
        "a 1 needs Python <3,",
    ]
    assert failure(NoMatchingVersion, world, "a").required_by == []


def test_a_wheel_that_is_named_directly_and_does_not_fit():
    error = failure(NoMatchingVersion, {}, "https://example.org/a-1-cp30-none-any.whl")
    assert error.requirement == "https://example.org/a-1-cp30-none-any.whl"
    assert error.reasons[0].startswith("the requirement names a-1-cp30-none-any.whl, a wheel that Python 3.")


@pytest.mark.parametrize(
    ("world", "requirement", "hint"),
    [
        (
            {"a": {"1": [], "2": []}},
            "a>2",
            "a 2 is the newest that can be used here: ask for that, or use another Python.",
        ),
        ({"a": {"1": {"yanked": "broken"}}}, "a", "'a==1' asks for a yanked version all the same."),
        ({"a": {"1": {"yanked": "broken"}}}, "a>1", "Relax the requirement, allow pre-releases with --pre"),
        (
            {"a": {"1": []}, "b": {"1": ["a>1"]}, "c": {"1": ["b"]}},
            "c>0",
            "a 1 can be used here: ask for another version of 'c>0'.",
        ),
    ],
)
def test_the_nearest_version_that_can_be_had_is_named(world, requirement, hint):
    assert failure(NoMatchingVersion, world, requirement).hint.startswith(hint)


def test_what_cannot_be_had_is_traced_to_the_user():
    world = {"a": {"1": ["nowhere", "b>2"]}, "b": {"1": []}, "top": {"1": ["a"]}, "other": {"1": ["b>3"]}}
    error = failure(ProjectNotFound, {**world, "a": {"1": ["nowhere"]}}, "top>0")
    assert error.required_by == ["a 1 (top 1 needs a, you asked for top>0)"]
    assert str(error).startswith(
        "No project named 'nowhere', required by a 1 (top 1 needs a, you asked for top>0), was"
    )
    error = failure(NoMatchingVersion, {**world, "a": {"1": ["b>2"]}}, "top")
    assert str(error).startswith("No usable file satisfies b>2, required by a 1 (top 1 needs a, you asked for top):")


def test_one_project_that_contradicts_itself():
    error = failure(ResolutionImpossible, {"a": {"1": [], "3": []}, "b": {"1": ["a>1", "a<3"]}}, "b")
    assert error.causes == ["b 1 needs a>1 (you asked for b)", "b 1 needs a<3 (you asked for b)"]
    assert error.hint == "Ask for another version of 'b', or leave it out."


def test_wheels_named_directly_that_contradict_each_other():
    wheels = [f"https://example.org/a-{version}-py3-none-any.whl" for version in (1, 2)]
    error = failure(ResolutionImpossible, {"a": {"1": [], "2": []}}, *wheels)
    assert error.causes == ["you asked for a==1 (a-1-py3-none-any.whl)", "you asked for a==2 (a-2-py3-none-any.whl)"]
    assert error.hint.startswith("Without your 'a==1 (a-1-py3-none-any.whl)', a 2 would fit")


def pigeons(number):
    """More pigeons than holes: to see that there is no place for all takes exponentially many tries."""
    world = {f"pigeon{i}": {str(hole): [f"hole{hole}=={i}"] for hole in range(number)} for i in range(number + 1)}
    return world | {f"hole{hole}": {str(i): [] for i in range(number + 1)} for hole in range(number)}


def test_what_a_resolution_was_stuck_on_is_told(monkeypatch):
    monkeypatch.setattr("mempip.installer.resolution.resolver.MOST_ROUNDS", 300)
    error = failure(ResolutionTooDeep, pigeons(6), *(f"pigeon{i}" for i in range(7)))
    assert error.rounds == 300
    assert len(error.projects) == 3
    assert all(project.startswith("hole") for project in error.projects)
    assert any(error.projects[0] in cause for cause in error.causes)
    assert f"most conflicts were about {error.projects[0]}, " in str(error)
    assert error.hint.endswith(f"for {error.projects[0]} above all.")
