"""Installations that requirement files describe, by a real installer process: hashes, constraints, formats."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

import mempip
from mempip import errors
from tests.support.index_server import Behaviour, IndexServer
from tests.support.sdist_factory import BACKEND, build_sdist
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("forked", "in_a_directory")

MADE, OLDER, OTHER = (
    build_wheel("made", "1.0", {"rf_made.py": ""}, requires=["needed>=2"]),
    build_wheel("made", "0.9", {"rf_made.py": ""}, requires=["needed>=2"]),
    build_wheel("made", "1.0", {"rf_made.py": "other = True"}, tag="py2.py3-none-any"),
)
NEEDED = build_wheel("needed", "2.1")


def sha256(wheel: tuple[str, bytes]) -> str:
    return hashlib.sha256(wheel[1]).hexdigest()


def pin(wheel: tuple[str, bytes]) -> str:
    name, version = wheel[0].split("-")[:2]
    return f"{name}=={version} --hash=sha256:{sha256(wheel)}\n"


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer(dict([MADE, OLDER, OTHER, NEEDED])) as running:
        yield running


def write(text: str, name: str = "reqs.txt") -> str:
    with open(name, "w") as stream:
        stream.write(text)
    return name


class TestFiles:
    def test_of_requirements_and_constraints(self, server: IndexServer) -> None:
        write("made\n-c limits.txt\n")
        write("made<1\n", "limits.txt")
        with mempip.install(requirement="reqs.txt", index_url=server.url):
            assert mempip.freeze() == ["made==0.9", "needed==2.1"]

    def test_named_by_variables(self, server: IndexServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PIP_REQUIREMENT", write(f"-i {server.url}\nmade"))
        monkeypatch.setenv("PIP_CONSTRAINT", write("made<1", "limits.txt"))
        write("needed==2.1", "more.txt")
        with mempip.install(constraint=["more.txt"]):
            assert mempip.freeze() == ["made==0.9", "needed==2.1"]

    def test_a_fault_names_file_and_line(self) -> None:
        with pytest.raises(
            errors.InvalidRequirementFile, match=r"^reqs\.txt, line 2: unrecognized arguments"
        ) as caught:
            mempip.install(requirement=[write("\n--editabel .\n")])
        assert caught.value.line == 2

    def test_warnings(self, server: IndexServer) -> None:
        with (
            pytest.warns(UserWarning, match=r"line 1 of reqs\.txt: --pre is ignored"),
            mempip.install(requirement=write("needed --pre"), index_url=server.url),
        ):
            pass


class TestHashes:
    def test_that_fit(self, server: IndexServer) -> None:
        with mempip.install(requirement=write(pin(MADE) + pin(NEEDED)), index_url=server.url) as environment:
            assert sorted(row.sha256 for row in environment.distributions) == sorted([sha256(MADE), sha256(NEEDED)])

    @pytest.mark.parametrize("hashes", [True, False])
    @pytest.mark.parametrize("wanted", [MADE, OTHER])
    def test_choose_among_the_files_of_a_version(self, wanted: tuple[str, bytes], hashes: bool) -> None:
        with (
            IndexServer(dict([wanted]), Behaviour(hashes=hashes)) as server,
            mempip.install(requirement=write(pin(wanted)), index_url=server.url, no_deps=True) as environment,
        ):
            assert [row.wheel for row in environment.distributions] == [wanted[0]]

    def test_choose_the_file_that_the_index_promises(self, server: IndexServer) -> None:
        with mempip.install(requirement=write(pin(OTHER)), index_url=server.url, no_deps=True) as environment:
            assert [row.wheel for row in environment.distributions] == [OTHER[0]]

    def test_a_dependency_needs_one_too(self, server: IndexServer) -> None:
        with pytest.raises(errors.HashesMissing) as caught:
            mempip.install(requirement=write(pin(MADE)), index_url=server.url)
        assert caught.value.missing == [f"needed==2.1 --hash=sha256:{sha256(NEEDED)}  # required by made"]
        assert str(caught.value).endswith(caught.value.missing[0])

    def test_what_the_index_does_not_promise_is_found_out(self) -> None:
        with (
            IndexServer(dict([NEEDED]), Behaviour(hashes=False)) as server,
            pytest.raises(errors.HashesMissing, match=f"needed==2.1 --hash=sha256:{sha256(NEEDED)}$"),
        ):
            mempip.install("needed==2.1", require_hashes=True, index_url=server.url)

    def test_the_lines_of_the_error_are_what_is_needed(self, server: IndexServer) -> None:
        with pytest.raises(errors.HashesMissing) as caught:
            mempip.install("made", require_hashes=True, index_url=server.url)
        with mempip.install(requirement=write("\n".join(caught.value.missing)), index_url=server.url):
            assert mempip.freeze() == ["made==1.0", "needed==2.1"]

    def test_all_must_be_pinned(self, server: IndexServer) -> None:
        with pytest.raises(errors.HashesMissing, match="not pinned") as caught:
            mempip.install(requirement=write(pin(NEEDED).replace("==2.1", ">=2")), index_url=server.url)
        assert caught.value.unpinned == [pin(NEEDED).strip()]

    def test_a_constraint_pins(self, server: IndexServer) -> None:
        write("needed\n-c limits.txt\n")
        write(pin(NEEDED), "limits.txt")
        with mempip.install(requirement="reqs.txt", index_url=server.url):
            assert mempip.freeze() == ["needed==2.1"]

    def test_in_an_address(self, server: IndexServer) -> None:
        address = f"needed @ {server.root}/files/{NEEDED[0]}"
        with mempip.install(f"{address}#sha256={sha256(NEEDED)}", require_hashes=True):
            pass
        with pytest.raises(errors.HashesMissing) as caught:
            mempip.install(address, require_hashes=True)
        assert caught.value.missing == [f"{address} --hash=sha256:{sha256(NEEDED)}"]
        with mempip.install(requirement=write(caught.value.missing[0])):
            pass

    def test_sources_without_are_not_run(self, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        backend = f"open({str(ran)!r}, 'w').close()\n{BACKEND}"
        name, content = build_sdist("source", "1.0", more={"backend.py": backend})
        with IndexServer({name: content, **dict([build_wheel("wanting", "1.0", requires=["source"])])}) as server:
            options = {"index_url": server.url, "build_dir": str(tmp_path)}
            with pytest.raises(errors.HashesMissing) as caught:
                mempip.install("wanting==1.0", require_hashes=True, **options)
            line = f"source==1.0 --hash=sha256:{sha256((name, content))}"
            assert (caught.value.missing, ran.exists()) == ([line], False)
            mempip.install(requirement=write(line), **options).close()
            assert ran.exists()

    def test_of_what_cannot_have_one(self, tmp_path: Path) -> None:
        (tmp_path / "project").mkdir()
        (tmp_path / "project" / "pyproject.toml").write_text("this is never read")
        address = (tmp_path / "project").as_uri()
        lines = [f"a @ git+{address}@v1", f"b @ {address}", f"c @ git+{address} ; python_version < '3'"]
        with pytest.raises(errors.HashesMissing, match="cannot have one, as repositories and directories") as caught:
            mempip.install(requirement=write("\n".join(lines)), require_hashes=True)
        assert caught.value.unhashable == lines[:2]
        assert caught.value.hint.startswith("Build wheels")
        with pytest.raises(errors.HashesMissing, match="cannot have one"):
            mempip.install(requirement=write(f"{lines[0]} --hash=sha256:{sha256(NEEDED)}"))

    @pytest.mark.parametrize(
        ("hashes", "command"),
        # Without the index's promise, only the download can tell.
        [(True, mempip.resolve), (True, mempip.install), (False, mempip.install)],
    )
    def test_that_do_not_fit(self, hashes: bool, command: Callable[..., object]) -> None:
        requirement = write(pin(NEEDED).replace(sha256(NEEDED), sha256(MADE)))
        reason = f"expected sha256:{sha256(MADE)}, got sha256:{sha256(NEEDED)}"
        with (
            IndexServer(dict([NEEDED]), Behaviour(hashes=hashes)) as server,
            pytest.raises(errors.HashMismatch, match=reason),
        ):
            command(requirement=requirement, index_url=server.url)

    def test_are_checked_before_a_wheel_without_ranges_is_read(self) -> None:
        line = pin(NEEDED).replace(sha256(NEEDED), sha256(MADE))
        behaviour = Behaviour(hashes=False, core_metadata=False, ranges=False)
        with IndexServer(dict([NEEDED]), behaviour) as server, pytest.raises(errors.HashMismatch):
            mempip.resolve(requirement=write(line), index_url=server.url)


class TestFormats:
    def test_no_binary_leaves_nothing_of_a_project_without_sources(self, server: IndexServer) -> None:
        fits = r"needed:\n  - --no-binary or --only-binary leaves out 1 of 1 files; needed 2\.1 among them would fit"
        with pytest.raises(errors.NoMatchingVersion, match=fits):
            mempip.install("needed", no_binary="needed", index_url=server.url)

    def test_only_binary_is_what_happens_anyway(self, server: IndexServer) -> None:
        options = {"only_binary": ":all:", "prefer_binary": True}
        with mempip.install("needed", **options, index_url=server.url):  # type: ignore[arg-type]
            pass
