"""What requirement files mean for an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mempip.errors import IndexUnavailable, InvalidRequirement, InvalidRequirementFile, InvalidScript
from mempip.installer.requirements.gather import Wanted, gather
from mempip.installer.target import Target
from mempip.options import InstallOptions
from tests.support.index_server import Behaviour, IndexServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Gather = Callable[..., Wanted]

DIGEST = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
OTHER = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings: list[str]) -> Gather:
    """Return a function that writes reqs.txt and gathers what it and options ask for."""
    monkeypatch.chdir(tmp_path)

    def read(content: str, *requirements: str, **options: Any) -> Wanted:
        (tmp_path / "reqs.txt").write_text(content)
        given = InstallOptions(requirements, requirement_files=["reqs.txt"], **options)
        return gather(given, Target.current(), warnings.append)

    return read


def test_arguments_come_first(gathered: Gather) -> None:
    wanted = gathered("b\na>=1  # why\n", "c")
    assert [(str(row), row.origin) for row in wanted.requirements] == [
        ("c", ""),
        ("b", "line 1 of reqs.txt"),
        ("a>=1", "line 2 of reqs.txt"),
    ]


def test_constraints(gathered: Gather, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("b<2")
    wanted = gathered("a\n-c more.txt\n", constraint_files=["more.txt"])
    assert [str(row) for row in wanted.constraints] == ["b<2", "b<2"]
    assert [str(row) for row in wanted.requirements] == ["a"]


def test_the_example_of_pips_documentation(gathered: Gather, tmp_path: Path) -> None:
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "numpy-1.9.2-cp34-none-win32.whl").write_bytes(b"")
    (tmp_path / "other-requirements.txt").write_text("flask\n")
    (tmp_path / "constraints.txt").write_text("flask<3\n")
    wanted = gathered("""\
# What begins with a number sign is a comment.
# Plain names:
pytest
pytest-cov
beautifulsoup4

# Requirement specifiers:
docopt == 0.6.1
requests [security] >= 2.8.1, == 2.8.* ; python_version < "2.7"
urllib3 @ https://github.com/urllib3/urllib3/archive/refs/tags/1.26.8.zip

# Other files:
-r other-requirements.txt
-c constraints.txt

# A path:
./downloads/numpy-1.9.2-cp34-none-win32.whl

# An address:
http://wxpython.org/Phoenix/snapshot-builds/wxPython_Phoenix-3.0.3.dev1820+49a8884-cp34-none-win_amd64.whl
""")
    names = "pytest pytest-cov beautifulsoup4 docopt requests urllib3 flask numpy wxpython-phoenix".split()
    assert [row.name for row in wanted.requirements] == names
    assert [row.name for row in wanted.requirements if row.file] == ["urllib3", "numpy", "wxpython-phoenix"]
    requests = wanted.requirements[4]
    assert (requests.extras, str(requests.specifier)) == ({"security"}, "==2.8.*,>=2.8.1")
    assert not requests.applies(Target.current().environment)
    assert [str(row) for row in wanted.constraints] == ["flask<3"]


class TestOptions:
    def test_an_index_takes_the_place_of_all(self, gathered: Gather) -> None:
        options = gathered("--extra-index-url https://x\n-i https://i\n", extra_index_urls=["https://y"]).options
        assert (options.index_url, options.extra_index_urls) == ("https://i", ())

    def test_an_extra_index_is_added(self, gathered: Gather) -> None:
        options = gathered("-i https://i --extra-index-url https://x", extra_index_urls=["https://y"]).options
        assert (options.index_url, options.extra_index_urls) == ("https://i", ("https://x",))
        assert gathered("--extra-index-url https://x").options.extra_index_urls == ("https://x",)

    @pytest.mark.parametrize(("content", "given"), [("--no-index\n-i https://i", False), ("-i https://i", True)])
    def test_no_index_keeps_out_what_comes_later(self, gathered: Gather, content: str, given: bool) -> None:
        options = gathered(content, no_index=given).options
        assert options.no_index
        assert options.index_url == InstallOptions().index_url

    def test_links_are_beside_the_file_if_there_is_such_a_thing(
        self, gathered: Gather, tmp_path: Path, warnings: list[str]
    ) -> None:
        (tmp_path / "sub" / "wheels").mkdir(parents=True)
        (tmp_path / "sub" / "links.txt").write_text("-f wheels\n-f elsewhere\n")
        options = gathered("-r sub/links.txt", find_links=["first"]).options
        assert options.find_links == ("first", str(tmp_path / "sub" / "wheels"), "elsewhere")

    def test_switches_and_lists(self, gathered: Gather) -> None:
        options = gathered("--pre\n--prefer-binary\n--trusted-host h\n--require-hashes\n", trusted_hosts=["g"]).options
        assert (options.all_releases, options.prefer_binary) == ((":all:",), True)
        assert options.trusted_hosts == ("g", "h")
        assert options.require_hashes is True

    def test_formats(self, gathered: Gather) -> None:
        options = gathered("--only-binary :all:\n--no-binary a,b\n--only-binary b", no_binary=["c"]).options
        assert (options.no_binary, options.only_binary) == (("a",), (":all:", "b"))

    @pytest.mark.parametrize("text", ["--only-final a\n--pre\n", "--pre\n--only-final a\n"])
    def test_final_releases_of_a_project(self, gathered: Gather, text: str) -> None:
        options = gathered(text, pre=True).options
        assert (set(options.all_releases), options.only_final) == ({":all:"}, ("a",))

    def test_warnings(self, gathered: Gather, warnings: list[str]) -> None:
        options = gathered(f"a --pre --config-settings x=y\n--hash=sha256:{DIGEST}\n").options
        assert options.all_releases == ()
        assert [text.partition(":")[0] for text in warnings] == ["line 1 of reqs.txt", "line 2 of reqs.txt"]
        assert "--pre is ignored beside a requirement" in warnings[0]
        assert "--hash is ignored" in warnings[1]


def test_settings_are_not_for_constraints(gathered: Gather, tmp_path: Path, warnings: list[str]) -> None:
    (tmp_path / "c.txt").write_text("a<2 -C x=y\n")
    assert gathered("a\n-c c.txt\n").config_settings == {}
    assert "--config-settings is ignored beside a constraint; give it a requirement" in warnings[0]


def test_an_editable_project_is_no_constraint(gathered: Gather, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("-e .\n")
    with pytest.raises(InvalidRequirementFile, match=r"c\.txt, line 1: an editable project is no constraint"):
        gathered("a\n-c c.txt\n")


def test_settings_beside_a_requirement_are_for_its_build(gathered: Gather, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    content = "a -C x=1 -C x=2 --config-settings y=\nb\n-e ./tree -C z=3\nc; python_version < '3' -C k=v\n"
    wanted = gathered(content, config_settings={"w": "0", "y": "9"})
    assert wanted.config_settings == {
        "a": {"w": "0", "x": ["1", "2"], "y": ""},
        (tmp_path / "tree").as_uri(): {"w": "0", "y": "9", "z": "3"},
    }


class TestBuildConstraints:
    def test_are_for_builds_alone(self, gathered: Gather, tmp_path: Path) -> None:
        (tmp_path / "b.txt").write_text("setuptools<70\n-c more.txt\n")
        (tmp_path / "more.txt").write_text("wheel<1\n")
        wanted = gathered("a\n", build_constraint_files=["b.txt"])
        assert [str(row) for row in wanted.build_constraints] == ["setuptools<70", "wheel<1"]
        assert wanted.constraints == ()

    @pytest.mark.parametrize("line", ["--pre", "-e .", "-r more.txt", f"a==1 --hash=sha256:{DIGEST}"])
    def test_are_versions_only(self, gathered: Gather, tmp_path: Path, line: str) -> None:
        (tmp_path / "b.txt").write_text(line)
        (tmp_path / "more.txt").write_text("b")
        with pytest.raises(InvalidRequirementFile, match="there can only be versions"):
            gathered("a\n", build_constraint_files=["b.txt"])


class TestHashes:
    def test_one_makes_all_needed(self, gathered: Gather) -> None:
        wanted = gathered(f"a==1 --hash=sha256:{DIGEST} --hash=sha256:{OTHER}\nb\n")
        assert wanted.requires_hashes
        assert wanted.hashes(Target.current())["a"].allowed == {"sha256": {DIGEST, OTHER}}
        assert not gathered("a==1").requires_hashes
        assert gathered("a==1", require_hashes=True).requires_hashes
        assert not gathered(f"a==1 --hash=sha256:{DIGEST}", require_hashes=False).requires_hashes

    def test_of_constraints(self, gathered: Gather, tmp_path: Path) -> None:
        (tmp_path / "c.txt").write_text(f"a==1 --hash=sha256:{DIGEST} --hash=sha256:{OTHER}\n")
        wanted = gathered(f"a --hash=sha256:{DIGEST}\n-c c.txt")
        assert wanted.hashes(Target.current())["a"].allowed == {"sha256": {DIGEST}}

    def test_markers_decide(self, gathered: Gather) -> None:
        wanted = gathered(f"a==1; sys_platform == 'amiga' --hash=sha256:{DIGEST}\n")
        assert wanted.requires_hashes
        assert wanted.hashes(Target.current()) == {}


@pytest.mark.parametrize(
    ("line", "error", "reason"),
    [
        ("-e git+https://example.org/x", InvalidRequirement, "only a local directory can be editable"),
        ("--use-feature fast-deps", InvalidRequirementFile, "--use-feature"),
        ("a -C key", InvalidRequirementFile, "KEY=VALUE"),
        ("a --hash=md5:1", InvalidRequirementFile, "sha256"),
        ("--require-hashes\n--no-require-hashes", InvalidRequirementFile, "contradict"),
        ("a=1", InvalidRequirement, r"from line 2 of reqs\.txt\): '=' is not an operator"),
        ("./directory", InvalidRequirement, r"from line 2 of reqs\.txt"),
        ("hg+https://h/r", InvalidRequirement, "only Git is supported"),
        (
            "-c constraints.txt",
            InvalidRequirement,
            r"from line 1 of constraints\.txt\): a constraint cannot have extras",
        ),
    ],
)
def test_errors_name_file_and_line(
    gathered: Gather, tmp_path: Path, line: str, error: type[Exception], reason: str
) -> None:
    (tmp_path / "constraints.txt").write_text("a[b]<2")
    with pytest.raises(error, match=reason) as caught:
        gathered(f"\n{line}\n")
    assert "line" in str(caught.value)


class TestOverTheWeb:
    def test_a_file_and_what_it_includes(self, gathered: Gather) -> None:
        pages = {"/reqs.txt": ("text/plain", b"a\n-c c.txt\n"), "/c.txt": ("text/plain", b"a<2\n")}
        with IndexServer({}, Behaviour(pages=pages)) as server:
            wanted = gathered(f"-r {server.root}/reqs.txt")
            assert [row.origin for row in wanted.constraints] == [f"line 1 of {server.root}/c.txt"]

    def test_missing(self, gathered: Gather) -> None:
        with IndexServer({}) as server, pytest.raises(InvalidRequirementFile, match="answered 404"):
            gathered(f"-r {server.root}/reqs.txt")

    def test_out_of_reach(self, gathered: Gather) -> None:
        with pytest.raises(IndexUnavailable):
            gathered("-r http://127.0.0.1:9/reqs.txt", retries=0)


class TestScripts:
    @pytest.fixture
    def script(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings: list[str]) -> Callable[..., Wanted]:
        monkeypatch.chdir(tmp_path)

        def read(source: str, **options: Any) -> Wanted:
            (tmp_path / "tool.py").write_text(source)
            named = {} if "program" in options else {"script_files": ["tool.py"]}
            return gather(InstallOptions(["first"], **named, **options), Target.current(), warnings.append)

        return read

    def test_come_last(self, script: Callable[..., Wanted]) -> None:
        wanted = script("__requires__ = ['b']\n")
        assert [(str(row), row.origin) for row in wanted.requirements] == [("first", ""), ("b", "line 1 of tool.py")]

    def test_their_index_takes_the_place_of_the_other(self, script: Callable[..., Wanted]) -> None:
        source = "__requires__ = ['b']\n__index_url__ = 'https://i'\n"
        assert script(source).options.index_url == "https://i"
        assert script(source, no_index=True).options.index_url == InstallOptions().index_url

    def test_must_say_what_they_need_unless_they_are_run(self, script: Callable[..., Wanted]) -> None:
        with pytest.raises(InvalidScript, match=r"tool\.py: it does not say what it needs"):
            script("import sys\n")
        assert [str(row) for row in script("import sys\n", program="tool.py").requirements] == ["first"]

    def test_a_requirement_that_is_none(self, script: Callable[..., Wanted]) -> None:
        with pytest.raises(InvalidRequirement, match=r"'b=1' \(from line 2 of tool\.py\): '=' is not an operator"):
            script("# /// script\n# dependencies = ['b=1']\n# ///\n")

    def test_another_python(self, script: Callable[..., Wanted]) -> None:
        with pytest.raises(InvalidScript, match=r"line 2: it needs Python <3"):
            script("# /// script\n# requires-python = '<3'\n# ///\n")
