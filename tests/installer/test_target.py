from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from packaging.tags import Tag

from mempip.errors import UsageError
from mempip.installer.target import Target

TAGS = (Tag("cp312", "cp312", "manylinux_2_17_x86_64"), Tag("cp312", "abi3", "any"), Tag("py3", "none", "any"))
TARGET = Target("3.12.4", TAGS, {})


def test_current_describes_this_interpreter() -> None:
    target = Target.current()
    assert target.python_version == ".".join(map(str, sys.version_info[:3]))
    assert target.environment["sys_platform"] == sys.platform
    assert target.rank("py3-none-any") is not None
    assert target.rank(str(target.tags[0])) == 0


@pytest.mark.parametrize(
    ("tag", "rank"),
    [
        ("cp312-cp312-manylinux_2_17_x86_64", 0),
        ("py3-none-any", 2),
        ("py2.py3-none-any", 2),
        ("cp311.cp312-abi3.cp312-any.manylinux_2_17_x86_64", 0),
        ("cp312-cp312-win_amd64", None),
        ("py2.py1-none-any", None),
        ("nonsense", None),
        ("a.b", None),
    ],
)
def test_rank_is_that_of_the_best_tag_of_a_set(tag: str, rank: int | None) -> None:
    assert TARGET.rank(tag) == rank
    assert TARGET.rank(tag) == rank  # remembered


@pytest.mark.parametrize(
    ("filename", "taken"),
    [
        ("a-1-py3-none-any.whl", True),
        ("a-1-cp39-cp39-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", True),
        ("a-1-cp39-cp39-Manylinux_2_17_X86_64.whl", True),
        ("a-1-cp39-cp39-win_amd64.whl", False),
        ("a-1-cp39-cp39-macosx_11_0_arm64.win32.whl", False),
        ("a-1-py3-none-.whl", False),
        (".whl", False),
        ("a-1.tar.gz", True),
    ],
)
def test_may_take(filename: str, taken: bool) -> None:
    assert TARGET.may_take(filename) is taken
    assert TARGET.may_take(filename) is taken  # remembered


def test_a_tag_listed_twice_has_its_better_rank() -> None:
    assert Target("3.12.4", (*TAGS, TAGS[0]), {}).rank(str(TAGS[0])) == 0


@pytest.mark.parametrize(
    ("requires_python", "accepted"),
    [("", True), (">=3.8", True), (">=3.13", False), ("!=3.12.*", False), ("what", True), (">=3.12.4", True)],
)
def test_accepts_python(requires_python: str, accepted: bool) -> None:
    assert TARGET.accepts_python(requires_python) is accepted
    assert TARGET.accepts_python(requires_python) is accepted  # remembered


def test_targets_are_equal_whatever_they_were_asked() -> None:
    other = Target("3.12.4", TAGS, {})
    assert other == Target("3.12.4", TAGS, {})
    other.rank("py2.py3-none-any")
    assert other == Target("3.12.4", TAGS, {})


class TestNamed:
    """Targets that pip's options name."""

    def test_what_is_not_named_is_as_here(self) -> None:
        here, target = Target.current(), Target.named(abis=["abi9"])
        assert (target.python_version, target.environment) == (here.python_version, here.environment)
        assert not target.is_current
        interpreter, platform = here.tags[0].interpreter, here.tags[0].platform
        assert target.rank(f"{interpreter}-abi9-{platform}") == 0
        assert target.rank(str(here.tags[0])) is None
        assert target.rank("py3-none-any") is not None

    @pytest.mark.parametrize(
        ("text", "full", "short"), [("3.11", "3.11.0", "3.11"), ("3.9.7", "3.9.7", "3.9"), ("312", "3.12.0", "3.12")]
    )
    def test_a_version(self, text: str, full: str, short: str) -> None:
        target = Target.named(text, ["win32"], "cp")
        assert target.python_version == target.environment["python_full_version"] == full
        assert target.environment["python_version"] == short
        assert target.environment["implementation_version"] == full
        number = short.replace(".", "")
        assert target.rank(f"cp{number}-cp{number}-win32") == 0
        assert target.rank("cp38-abi3-win32") is not None
        assert target.rank("cp399-cp399-win32") is None

    @pytest.mark.parametrize(
        ("implementation", "taken", "refused", "name"),
        [
            ("cp", "cp311-cp311-win_amd64", "pp311-pypy311_pp73-win_amd64", "cpython"),
            ("pp", "pp311-pypy311_pp73-win_amd64", "cp311-cp311-win_amd64", "pypy"),
            ("py", "py3-none-win_amd64", "cp311-cp311-win_amd64", "cpython"),
        ],
    )
    def test_an_implementation(self, implementation: str, taken: str, refused: str, name: str) -> None:
        target = Target.named("3.11", ["win_amd64"], implementation)
        assert target.rank(taken) is not None
        assert target.rank(refused) is None
        assert target.environment["implementation_name"] == name

    @pytest.mark.parametrize("text", ["3", "three", "3.x", "3.1.2.3", "", "3..1", "-3.1"])
    def test_what_is_no_version(self, text: str) -> None:
        with pytest.raises(UsageError, match=r"python_version: .* is no version of Python"):
            Target.named(text or " ")

    def test_what_is_no_implementation(self) -> None:
        with pytest.raises(UsageError, match="implementation: 'jy' is none of cp, pp, py"):
            Target.named(implementation="jy")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no daemon for other operating systems")
class TestOthers:
    """Targets of interpreters that only described themselves."""

    def test_an_equal_one_has_the_same_target(self) -> None:
        from mempip.store.python import describe

        target = Target.of({**describe(), "executable": "/other/python"}, describe())
        assert target == replace(Target.current(), executable="/other/python")

    def test_another_one_of_the_same_kind_takes_the_same_wheels(self) -> None:
        from mempip.store.python import describe

        own = describe()
        if own["implementation"] != "cpython" or not own["libc"].startswith("glibc"):
            pytest.skip("this is no CPython with glibc")
        target = Target.of(own, {**own, "release": "another kernel"})
        assert target is not None
        assert not target.is_current
        assert set(target.tags) == set(Target.current().tags)
        assert target.environment == Target.current().environment

    def test_another_version_of_python_and_glibc(self) -> None:
        from mempip.store.python import describe

        told = {"implementation": "cpython", "version": [3, 11, 4, "candidate", 2], "libc": "glibc 2.17", "bits": 64}
        more = {
            "machine": "aarch64",
            "platform": "linux",
            "abiflags": "",
            "implementation_version": [3, 11, 4, "final", 0],
        }
        target = Target.of({**describe(), **told, **more}, describe())
        assert target is not None
        assert target.rank("cp311-cp311-manylinux2014_aarch64") is not None
        assert target.rank("cp39-abi3-manylinux_2_17_aarch64") is not None
        assert target.rank("py3-none-any") is not None
        assert target.rank("cp311-cp311-manylinux_2_28_aarch64") is None
        assert target.rank("cp312-cp312-manylinux2014_aarch64") is None
        assert target.environment["python_full_version"] == "3.11.4rc2"
        assert target.environment["python_version"] == "3.11"

    @pytest.mark.parametrize(
        "told", [{"implementation": "pypy"}, {"libc": ""}, {"machine": "riscv64"}, {"bits": 32}, {"platform": "darwin"}]
    )
    def test_one_that_is_not_known(self, told: dict[str, object]) -> None:
        from mempip.store.python import describe

        assert Target.of({**describe(), **told}, describe()) is None
