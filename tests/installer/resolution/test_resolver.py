from __future__ import annotations

import pytest
from packaging.version import Version

from mempip.errors import (
    HashMismatch,
    IndexUnavailable,
    InvalidRequirement,
    NoMatchingVersion,
    ProjectNotFound,
    ResolutionImpossible,
    ResolutionTooDeep,
    WheelRefused,
)
from mempip.installer.resolution import resolver
from mempip.installer.target import Target
from tests.installer.resolution.memory_catalog import MemoryCatalog, pinned, solve


def kept(resolution):
    return {name: str(installed.version) for name, installed in resolution.satisfied.items()}


# --- versions and markers ------------------------------------------------------------------------


def test_the_newest_version_that_fits_everybody():
    world = {"a": {"1": [], "2": ["b<3"]}, "b": {"1": [], "2": [], "3": []}}
    assert pinned(solve(world, "a", "b!=2")) == {"a": "2", "b": "1"}


def test_nothing_to_do():
    assert pinned(solve({})) == {}


def test_several_requirements_for_one_project_add_up():
    assert pinned(solve({"a": {"1": [], "2": [], "3": []}}, "a>1", "A<3")) == {"a": "2"}


def test_an_older_version_is_taken_if_the_newest_contradicts():
    world = {"a": {"1": ["b<2"], "2": ["b>=2"]}, "b": {"1": [], "2": []}, "c": {"1": ["b<2"]}}
    assert pinned(solve(world, "a", "c")) == {"a": "1", "b": "1", "c": "1"}


def test_a_version_that_needs_an_unknown_project_is_passed_over():
    assert pinned(solve({"a": {"1": [], "2": ["nowhere"]}}, "a")) == {"a": "1"}


def test_markers_are_those_of_the_target():
    amiga = Target("3.12.0", (), {**Target.current().environment, "sys_platform": "amiga"})
    world = {"a": {"1": ["b; sys_platform == 'amiga'", "c; sys_platform != 'amiga'"]}, "b": {"1": []}, "c": {"1": []}}
    assert set(pinned(solve(world, "a", target=amiga))) == {"a", "b"}
    assert set(pinned(solve(world, "a; sys_platform != 'amiga'", "b", target=amiga))) == {"b"}


def test_no_deps():
    assert pinned(solve({"a": {"1": ["b"]}}, "a", no_deps=True)) == {"a": "1"}
    assert pinned(solve({"a": {"1": {"requires": ["b"], "extras": ["x"]}}}, "a[x]", no_deps=True)) == {"a": "1"}


# --- extras ----------------------------------------------------------------------------------------


def test_extras_bring_their_dependencies():
    world = {"a": {"1": {"requires": ["b", "c; extra == 'Big_One'"], "extras": ["big-one"]}}, "b": {"1": []}}
    world["c"] = {"1": []}
    assert set(pinned(solve(world, "a"))) == {"a", "b"}
    resolution = solve(world, "a[big.one]")
    assert set(pinned(resolution)) == {"a", "b", "c"}
    assert resolution.pins["a"].extras == {"big-one"}
    assert resolution.warnings == ()


def test_extras_that_ask_for_extras_of_the_same_project():
    requires = ["a[x,y]; extra == 'all'", "b; extra == 'x'", "c; extra == 'y'"]
    world = {"a": {"1": {"requires": requires, "extras": ["all", "x", "y"]}}, "b": {"1": []}, "c": {"1": []}}
    resolution = solve(world, "a[all]")
    assert set(pinned(resolution)) == {"a", "b", "c"}
    assert resolution.pins["a"].extras == {"all", "x", "y"}


def test_extras_are_of_the_version_that_is_installed():
    world = {
        "a": {
            "1": {"requires": ["c; extra == 'x'"], "extras": ["x"]},
            "2": {"requires": ["d; extra == 'x'"], "extras": ["x"]},
        },
        "b": {"1": ["a<2"]},
        "c": {"1": []},
        "d": {"1": []},
    }
    assert pinned(solve(world, "a[x]", "b")) == {"a": "1", "b": "1", "c": "1"}
    assert pinned(solve(world, "a[x]>1")) == {"a": "2", "d": "1"}


def test_an_unknown_extra_is_left_out_with_a_warning():
    resolution = solve({"a": {"1": []}}, "a[nope]")
    assert pinned(resolution) == {"a": "1"}
    assert resolution.warnings == ("a 1 has no extra named 'nope'; it was left out.",)


# --- pre-releases (PEP 440) --------------------------------------------------------------------------

PRE = {"a": {"1": [], "2rc1": []}, "only": {"1b1": [], "1b2": []}, "wants": {"1": ["a>=2rc1"]}}


@pytest.mark.parametrize(
    ("requirement", "options", "expected"),
    [
        ("a", {}, {"a": "1"}),
        ("a", {"all_releases": [":all:"]}, {"a": "2rc1"}),
        ("a", {"all_releases": ["A"], "only_final": [":all:"]}, {"a": "2rc1"}),
        ("a", {"all_releases": [":all:"], "only_final": ["A"]}, {"a": "1"}),
        ("a>=2rc1", {}, {"a": "2rc1"}),
        ("a>1", {}, {"a": "2rc1"}),
        ("only", {}, {"only": "1b2"}),
        ("wants", {}, {"a": "2rc1", "wants": "1"}),
        ("a", {"constraints": ["a>=2rc1"]}, {"a": "2rc1"}),
    ],
)
def test_pre_releases_only_if_asked_for_or_nothing_else_fits(requirement, options, expected):
    assert pinned(solve(PRE, requirement, **options)) == expected


@pytest.mark.parametrize("requirement", ["a>=2rc1", "only", "wants"])
def test_no_pre_release_if_only_final_ones_may_be_taken(requirement):
    with pytest.raises(NoMatchingVersion):
        solve(PRE, requirement, only_final=[":all:"])


# --- yanked files (PEP 592) --------------------------------------------------------------------------

YANKED = {"a": {"1": [], "2": {"yanked": "broken on Mondays"}, "3": {"yanked": ""}}}


@pytest.mark.parametrize(
    ("requirement", "options", "version"),
    [
        ("a", {}, "1"),
        ("a==2", {}, "2"),
        ("a===2", {}, "2"),
        ("a", {"constraints": ["a==3"]}, "3"),
    ],
)
def test_yanked_versions_only_if_pinned(requirement, options, version):
    assert pinned(solve(YANKED, requirement, **options)) == {"a": version}


@pytest.mark.parametrize("requirement", ["a>1", "a==2.*", "a!=1", "a~=2.0"])
def test_a_range_never_finds_a_yanked_version(requirement):
    with pytest.raises(NoMatchingVersion):
        solve(YANKED, requirement)


def test_what_somebody_else_pins_is_no_reason_to_take_a_yanked_version():
    world = {**YANKED, "b": {"1": ["a==2"]}}
    with pytest.raises(NoMatchingVersion) as caught:
        solve(world, "b")
    assert caught.value.required_by == ["b 1"]
    assert caught.value.hint == "'a==2' asks for a yanked version all the same."
    assert pinned(solve(world, "b", "a==2")) == {"a": "2", "b": "1"}
    assert pinned(solve(world, "b", constraints=["a==2"])) == {"a": "2", "b": "1"}


def test_a_yanked_version_is_reported():
    assert solve(YANKED, "a==2").warnings == ("a 2 was yanked by its publisher: broken on Mondays",)
    assert solve(YANKED, "a==3").warnings == ("a 3 was yanked by its publisher: no reason is given",)


# --- wheels that turn out to be of no use --------------------------------------------------------------


def test_the_python_that_metadata_ask_for_counts():
    world = {"a": {"1": [], "2": {"requires_python": ">=4"}}}
    assert pinned(solve(world, "a")) == {"a": "1"}


def test_unreadable_metadata_is_passed_over():
    world = {"a": {"1": [], "2": {"broken": WheelRefused("a-2-py3-none-any.whl", "no METADATA")}}}
    assert pinned(solve(world, "a")) == {"a": "1"}


def test_a_dependency_on_what_cannot_be_fetched_is_passed_over():
    world = {"a": {"1": [], "2": ["b @ git+https://example.org/b"]}}
    assert pinned(solve(world, "a")) == {"a": "1"}


@pytest.mark.parametrize(
    "error", [HashMismatch("a-2-py3-none-any.whl", "sha256", "x", "y"), IndexUnavailable("https://index/", "down")]
)
def test_neither_a_wrong_hash_nor_a_silent_index_is_passed_over(error):
    with pytest.raises(type(error)):
        solve({"a": {"1": [], "2": {"broken": error}}}, "a")


# --- wheels named directly -------------------------------------------------------------------------------

URL = "https://example.org/a-1.5-py3-none-any.whl"


def with_direct(projects, requires=(), extras=()):
    catalog = MemoryCatalog(projects)
    catalog.releases["a-1.5-py3-none-any.whl"] = {"requires": list(requires), "extras": list(extras)}
    return catalog


def test_a_wheel_named_directly_is_taken_instead_of_the_index():
    resolution = solve(with_direct({"a": {"2": []}, "b": {"1": ["a>=1"]}}), "b", f"a @ {URL}")
    assert pinned(resolution) == {"a": "1.5", "b": "1"}
    assert resolution.pins["a"].candidate.file.url == URL


def test_extras_of_a_wheel_named_directly():
    catalog = with_direct({"b": {"1": []}}, ["b; extra == 'x'"], ["x"])
    assert pinned(solve(catalog, f"a[x] @ {URL}")) == {"a": "1.5", "b": "1"}
    catalog = with_direct({"a": {"2": []}, "b": {"1": []}, "c": {"1": ["a[x]"]}}, ["b; extra == 'x'"], ["x"])
    assert pinned(solve(catalog, f"a @ {URL}", "c")) == {"a": "1.5", "b": "1", "c": "1"}


def test_a_dependency_may_name_a_wheel():
    assert pinned(solve(with_direct({"b": {"1": [f"a @ {URL}"]}}), "b")) == {"a": "1.5", "b": "1"}


def test_a_constraint_names_the_file():
    world = {"a": {"2": []}, "b": {"1": ["a>=1", "c"]}, "c": {"1": []}}
    limits = [
        f"a @ {URL}",
        "unused @ https://example.org/unused-1-py3-none-any.whl",
        "b @ https://example.org/b-2-py3-none-any.whl ; python_version < '3'",
    ]
    resolution = solve(with_direct(world), "b", constraints=limits)
    assert pinned(resolution) == {"a": "1.5", "b": "1", "c": "1"}
    assert resolution.pins["a"].candidate.file.url == URL
    extras = with_direct({"c": {"1": []}}, ["c; extra == 'x'"], ["x"])
    assert pinned(solve(extras, "a[x]>1", f"a @ {URL}", constraints=[f"a @ {URL}"])) == {"a": "1.5", "c": "1"}


def test_nothing_fits_the_file_that_a_constraint_names():
    world = {"a": {"2": []}, "b": {"1": ["a>=2"]}}
    with pytest.raises(ResolutionImpossible, match=r"a==1\.5 \(a-1\.5-py3-none-any\.whl, which a constraint names\)"):
        solve(with_direct(world), "b", constraints=[f"a @ {URL}"])
    other = URL.replace("1.5", "1.6")
    with pytest.raises(NoMatchingVersion, match="not that of its constraint"):
        solve(with_direct(world), f"a @ {other}", constraints=[f"a @ {URL}"])
    with pytest.raises(InvalidRequirement, match="another constraint names another file"):
        solve(with_direct(world), "b", constraints=[f"a @ {URL}", f"a @ {other}"])


def test_a_wheel_named_directly_has_to_fit_the_others():
    with pytest.raises(ResolutionImpossible, match=r"you asked for a==1.5 \(a-1.5-py3-none-any.whl\)"):
        solve(with_direct({"b": {"1": ["a>=2"]}}), "b", f"a @ {URL}")
    with pytest.raises(ResolutionImpossible, match="a constraint limits a to >=2"):
        solve(with_direct({}), f"a @ {URL}", constraints=["a>=2"])


def test_two_wheels_of_one_project():
    other = "https://elsewhere.example/a-1.5-py3-none-any.whl"
    with pytest.raises(ResolutionImpossible):
        solve(with_direct({}), f"a @ {URL}", f"a @ {other}")
    assert pinned(solve(with_direct({}), f"a @ {URL}", f"a @ {URL}")) == {"a": "1.5"}


def test_a_wheel_for_another_interpreter():
    with pytest.raises(NoMatchingVersion, match=r"a-1-cp30-none-any.whl, a wheel that Python 3[\d.]+ cannot load"):
        solve({}, "https://example.org/a-1-cp30-none-any.whl")
    world = {"b": {"1": [], "2": ["a @ https://example.org/a-1-cp30-none-any.whl"]}}
    assert pinned(solve(world, "b")) == {"b": "1"}


# --- what is installed -----------------------------------------------------------------------------------

NEWER = {"a": {"1": ["b"], "2": ["b"]}, "b": {"1": [], "2": []}}
HAS_BOTH = ({"name": "A", "version": "1", "requires": ["b"]}, {"name": "b", "version": "1", "requires": []})


def test_what_is_installed_stays_if_it_satisfies():
    resolution = solve(NEWER, "a", installed=HAS_BOTH)
    assert pinned(resolution) == {}
    assert kept(resolution) == {"a": "1", "b": "1"}


def test_what_is_installed_is_replaced_if_it_does_not_satisfy():
    resolution = solve(NEWER, "a>1", installed=HAS_BOTH)
    assert pinned(resolution) == {"a": "2"}
    assert kept(resolution) == {"b": "1"}


def test_what_is_installed_and_not_asked_for_is_not_mentioned():
    assert kept(solve(NEWER, "b", installed=HAS_BOTH)) == {"b": "1"}


def test_upgrade_takes_what_is_named_and_leaves_the_rest():
    resolution = solve(NEWER, "a", upgrade=True, installed=HAS_BOTH)
    assert pinned(resolution) == {"a": "2"}
    assert kept(resolution) == {"b": "1"}


def test_an_eager_upgrade_takes_what_that_needs_too():
    assert pinned(solve(NEWER, "a", upgrade=True, eager=True, installed=HAS_BOTH)) == {"a": "2", "b": "2"}
    assert kept(solve(NEWER, "a", eager=True, installed=HAS_BOTH)) == {"a": "1", "b": "1"}


def test_upgrade_of_what_is_the_newest_keeps_it():
    has = [{"name": "a", "version": "2"}]
    assert kept(solve({"a": {"1": [], "2": []}}, "a", upgrade=True, installed=has)) == {"a": "2"}


def test_upgrade_falls_back_to_what_is_installed():
    world = {"a": {"2": ["nowhere"], "1": []}}
    has = [{"name": "a", "version": "1.5"}]
    assert kept(solve(world, "a", upgrade=True, installed=has)) == {"a": "1.5"}
    assert kept(solve({}, "a", upgrade=True, installed=has)) == {"a": "1.5"}


def test_an_installed_version_between_others_has_its_place():
    world = {"a": {"1": [], "2": ["c"], "3": ["c"]}, "c": {"1": ["a<2"]}}
    has = [{"name": "a", "version": "1.5"}]
    assert kept(solve(world, "a", upgrade=True, installed=has)) == {"a": "1.5"}


def test_an_installed_version_that_contradicts_gives_way():
    world = {"a": {"1": [], "2": []}, "b": {"1": ["a>1"]}}
    has = [{"name": "a", "version": "1"}]
    assert pinned(solve(world, "a", "b", installed=has)) == {"a": "2", "b": "1"}


def test_extras_of_what_is_installed():
    has = [{"name": "a", "version": "1", "requires": ["b; extra == 'x'"]}]
    resolution = solve(NEWER, "a[x]", installed=has)
    assert pinned(resolution) == {"b": "2"}
    assert kept(resolution) == {"a": "1"}


def test_an_installed_version_the_index_does_not_know():
    assert kept(solve({}, "a", installed=[{"name": "a", "version": "1"}])) == {"a": "1"}


def test_installed_metadata_that_cannot_be_read():
    has = [{"name": "a", "version": "1", "requires": ["b=1"]}]
    with pytest.raises(InvalidRequirement, match="from the installed a 1"):
        solve({}, "a", installed=has)


# --- constraints -----------------------------------------------------------------------------------------


def test_constraints_limit_and_ask_for_nothing():
    world = {"a": {"1": ["b"]}, "b": {"1": [], "2": []}, "c": {"1": []}}
    assert pinned(solve(world, "a", constraints=["B<2", "b>0", "c<2"])) == {"a": "1", "b": "1"}


def test_a_constraint_with_a_false_marker_is_none():
    world = {"a": {"1": [], "2": []}}
    assert pinned(solve(world, "a", constraints=["a<2; sys_platform == 'amiga'"])) == {"a": "2"}


# --- the outcome -----------------------------------------------------------------------------------------


def test_the_outcome_says_who_wanted_what():
    world = {"a": {"1": ["c"]}, "b": {"1": ["c", "a"]}, "c": {"1": []}}
    pins = solve(world, "b", "a").pins
    assert list(pins) == ["c", "a", "b"]
    assert {name: pin.requested for name, pin in pins.items()} == {"a": True, "b": True, "c": False}
    assert pins["c"].required_by == ("a", "b")
    assert pins["a"].required_by == ("b",)
    assert pins["a"].metadata.version == Version("1")


def test_circles_have_an_order_too():
    world = {"a": {"1": ["b"]}, "b": {"1": ["c"]}, "c": {"1": ["a", "d"]}, "d": {"1": []}}
    assert list(solve(world, "c").pins) == ["d", "c", "b", "a"]


def test_what_was_abandoned_on_the_way_leaves_no_trace():
    world = {
        "a": {"3": ["a"]},
        "c": {"3": ["d[x]==1"]},
        "d": {"1": {"requires": ["a; extra == 'x'"], "extras": ["x"]}, "3": ["c"]},
    }
    resolution = solve(world, "d")
    assert pinned(resolution) == {"d": "1"}
    assert resolution.pins["d"].required_by == ()


# --- no outcome ------------------------------------------------------------------------------------------


def test_an_unknown_project():
    with pytest.raises(ProjectNotFound) as caught:
        solve({}, "nowhere")
    assert caught.value.project == "nowhere"
    assert caught.value.sources == ["https://index/"]
    assert caught.value.required_by == []


def test_rounds_are_limited(monkeypatch):
    monkeypatch.setattr(resolver, "MOST_ROUNDS", 1)
    with pytest.raises(ResolutionTooDeep, match="within 1 rounds"):
        solve({"a": {"1": ["b"]}, "b": {"1": []}}, "a")
