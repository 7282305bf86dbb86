"""Random little worlds: a solution is found if there is one, and what is found is a solution."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from mempip.errors import NoMatchingVersion, ProjectNotFound, ResolutionImpossible
from mempip.installer.requirements import pep508
from tests.installer.resolution.memory_catalog import MemoryCatalog, pinned, solve

NAMES = ("a", "b", "c", "d")
VERSIONS = ("1", "2", "3")
NO_SOLUTION = (NoMatchingVersion, ProjectNotFound, ResolutionImpossible)

requirements = st.builds(
    "{}{}{}".format,
    st.sampled_from(NAMES),
    st.sampled_from(("", "", "[x]")),
    st.sampled_from(("", "", "==1", "==2", "==3", "<2", "<3", ">1", ">=2", "!=2", "<1")),
)
releases = st.builds(
    lambda plain, extra: {"requires": [*plain, *(f"{text}; extra == 'x'" for text in extra)], "extras": ["x"]},
    st.lists(requirements, max_size=2),
    st.lists(requirements, max_size=1),
)
worlds = st.dictionaries(
    st.sampled_from(NAMES), st.dictionaries(st.sampled_from(VERSIONS), releases, min_size=1), min_size=1
)
wishes = st.lists(requirements, min_size=1, max_size=3)


def demanded(world, choice, roots):
    """Everything that `choice` (name → version, "" for none) has to satisfy; None if something is missing."""
    todo = [pep508(text) for text in roots]
    seen = set()
    needed = []
    while todo:
        requirement = todo.pop()
        version = choice.get(requirement.name, "")
        needed.append(requirement)
        if not version:
            return None
        for extra in ("", *requirement.extras):
            if (requirement.name, extra) in seen:
                continue
            seen.add((requirement.name, extra))
            for text in world[requirement.name][version]["requires"]:
                below = pep508(text)
                if below.marker is None or below.marker.evaluate({"extra": extra}):
                    todo.append(below)
    return needed


def is_solution(world, choice, roots):
    needed = demanded(world, choice, roots)
    return needed is not None and all(
        requirement.specifier.contains(Version(choice[requirement.name])) for requirement in needed
    )


def has_solution(world, roots):
    spaces = [("", *world.get(name, ())) for name in NAMES]
    return any(is_solution(world, dict(zip(NAMES, choice, strict=True)), roots) for choice in product(*spaces))


@settings(max_examples=150)
@given(worlds, wishes)
def test_a_solution_is_found_exactly_if_there_is_one(world, roots):
    try:
        chosen = pinned(solve(world, *roots))
    except NO_SOLUTION:
        assert not has_solution(world, roots)
    else:
        assert is_solution(world, chosen, roots)
        needed = {requirement.name for requirement in demanded(world, chosen, roots)}
        assert set(chosen) == needed, "something was installed that nobody needs"


@settings(max_examples=50)
@given(worlds, wishes, st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VERSIONS)), max_size=3))
def test_what_is_installed_never_makes_a_solution_impossible(world, roots, kept):
    rows = [
        {"name": name, "version": version, "requires": world[name][version]["requires"]}
        for name, version in dict(kept).items()
        if version in world.get(name, ())
    ]
    try:
        resolution = solve(world, *roots, installed=rows)
    except NO_SOLUTION:
        assert not has_solution(world, roots)
    else:
        kept_versions = {name: str(kept.version) for name, kept in resolution.satisfied.items()}
        assert is_solution(world, {**pinned(resolution), **kept_versions}, roots)


@settings(max_examples=30)
@given(worlds, wishes)
def test_the_answer_is_the_same_each_time_and_in_the_same_order(world, roots):
    def answer():
        try:
            return list(pinned(solve(MemoryCatalog(world), *roots)).items())
        except NO_SOLUTION as error:
            return str(error)

    assert answer() == answer()
