from __future__ import annotations

import os

import pytest
from packaging.specifiers import SpecifierSet

from mempip.errors import InvalidRequirement
from mempip.installer.requirements.hashes import Hashes
from mempip.installer.requirements.parse import (
    file_at,
    hide_credentials,
    parse_constraint,
    parse_editable,
    parse_requirement,
    parse_requirements,
    pep508,
)

WHEEL = "https://example.org/files/Demo_Thing-1.2-py3-none-any.whl"
SHA256 = "ab" * 32


def reason(text, **options):
    with pytest.raises(InvalidRequirement) as caught:
        parse_requirement(text, **options)
    return caught.value.reason


def test_a_named_requirement():
    requirement = parse_requirement(" Demo.Thing[Big_Extra,b] >=1, <2 ; python_version > '3' ", origin="reqs.txt")
    assert requirement.name == "demo-thing"
    assert requirement.extras == {"big-extra", "b"}
    assert requirement.specifier == SpecifierSet(">=1,<2")
    assert str(requirement.marker) == 'python_version > "3"'
    assert requirement.file is None
    assert requirement.origin == "reqs.txt"
    assert str(requirement) == "Demo.Thing[Big_Extra,b] >=1, <2 ; python_version > '3'"


def test_markers_are_asked_of_the_target():
    requirement = parse_requirement("a; sys_platform == 'amiga'")
    assert requirement.applies({"sys_platform": "amiga"})
    assert not requirement.applies({"sys_platform": "linux"})
    assert parse_requirement("a").applies({})


def test_a_marker_of_an_extra_is_false_for_what_the_user_asks():
    assert not parse_requirement("a; extra == 'x'").applies({})


def test_a_marker_that_compares_the_incomparable_is_false():
    assert not parse_requirement("a; python_version ~= 'next'").applies({"python_version": "3.12"})


def test_parsing_is_remembered():
    assert pep508("a>=1") is pep508("a>=1")


@pytest.mark.parametrize("text", [f"Demo-thing @ {WHEEL}#sha256={SHA256.upper()}", f"{WHEEL}#sha256={SHA256}"])
def test_the_address_of_a_wheel(text):
    requirement = parse_requirement(text)
    assert requirement.name == "demo-thing"
    assert requirement.specifier == SpecifierSet()
    assert requirement.file.filename == "Demo_Thing-1.2-py3-none-any.whl"
    assert requirement.file.url == WHEEL
    assert requirement.file.hashes == {"sha256": SHA256}
    assert requirement.file.source == "", "no index listed it"


def test_extras_and_a_marker_may_follow_an_address():
    requirement = parse_requirement(f"{WHEEL}[x, y] ; python_version > '3'")
    assert requirement.extras == {"x", "y"}
    assert str(requirement.marker) == 'python_version > "3"'
    assert parse_requirement(f"demo-thing[x] @ {WHEEL} ; os_name == 'nt'").extras == {"x"}


def test_fragments_that_are_not_hashes_are_passed_over():
    assert parse_requirement(f"{WHEEL}#egg=demo&md5={'0' * 32}").file.hashes == {"md5": "0" * 32}


def test_escapes_in_an_address_are_undone_for_the_name():
    file = file_at("https://example.org/demo-1.0%2Blocal-py3-none-any.whl")
    assert file.filename == "demo-1.0+local-py3-none-any.whl"


def test_the_path_of_a_wheel(tmp_path, monkeypatch):
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    for text in (str(wheel), "demo-1.0-py3-none-any.whl", "./demo-1.0-py3-none-any.whl", wheel.as_uri()):
        assert parse_requirement(text).file.url == wheel.as_uri(), text
    assert parse_requirement("./demo-1.0-py3-none-any.whl#sha256=" + SHA256).file.hashes == {"sha256": SHA256}
    assert parse_requirement("./demo-1.0-py3-none-any.whl[x]").extras == {"x"}


def test_a_path_with_blanks(tmp_path):
    folder = tmp_path / "my wheels"
    folder.mkdir()
    wheel = folder / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    assert parse_requirement(str(wheel)).file.url == wheel.as_uri()


@pytest.mark.parametrize(
    ("text", "name", "filename", "subdirectory"),
    [
        ("https://example.org/x-1.0.tar.gz", "", "x-1.0.tar.gz", ""),
        ("demo @ https://example.org/x-1.0.zip#subdirectory=a/b&egg=x", "demo", "x-1.0.zip", "a/b"),
        ("git+https://example.org/x.git@main#subdirectory=%2Fa", "", "x.git", "a"),
        ("demo[extra] @ git+ssh://git@example.org/x.git@main", "demo", "x.git", ""),
        (".", "", os.path.basename(os.getcwd()), ""),
    ],
)
def test_sources(text, name, filename, subdirectory):
    found = parse_requirement(text)
    assert (found.name, found.file.filename, found.file.subdirectory) == (name, filename, subdirectory)
    assert not found.file.is_wheel


def test_extras_and_markers_of_sources(tmp_path):
    found = parse_requirement(f"{tmp_path}[one, two] ; python_version > '3'")
    assert found.extras == {"one", "two"}
    assert found.file.url == tmp_path.as_uri()
    assert found.marker is not None
    assert "a --hash needs the project's name" in reason_with_hash(str(tmp_path))


def reason_with_hash(text):
    with pytest.raises(InvalidRequirement) as caught:
        parse_requirement(text, hashes=Hashes({"sha256": frozenset({"0" * 64})}))
    return caught.value.reason


def test_editables(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tree").mkdir()
    for text in ("tree", "./tree", str(tmp_path / "tree"), (tmp_path / "tree").as_uri(), "tree[extra]",
                 f"a[extra] @ {(tmp_path / 'tree').as_uri()}"):  # fmt: skip
        found = parse_editable(text)
        assert found.file.editable
        assert found.file.url == (tmp_path / "tree").as_uri()
    for text in ("git+https://example.org/x", "nothing", "tree/x.tar.gz", "a @ https://example.org/a.tar.gz", "a@b"):
        with pytest.raises(InvalidRequirement):
            parse_editable(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("./missing-1.0-py3-none-any.whl", "there is no file"),
        ("wrong.whl", "is not the name of a wheel"),
        ("https://example.org/x.html", "names neither a wheel"),
        ("hg+https://example.org/x", "only Git is supported"),
        ("demo @ svn+ssh://example.org/x", "only Git is supported"),
        ("git@example.org:x", "git+https://HOST/PROJECT"),
        ("./missing.tar.gz", "there is no file"),
        ("ftp://example.org/x-1.0-py3-none-any.whl", "'ftp:' cannot be fetched"),
        ("./no/such/thing", "names neither a wheel"),
        ("some/folder", "names neither a wheel"),
        ("C:\\wheels\\demo", "names neither a wheel"),
        (f"other @ {WHEEL}", "names a wheel of 'demo-thing', not of 'other'"),
        (f"{WHEEL}#sha256=abc", "must have 64 hexadecimal digits"),
        (f"{WHEEL}[x", "names neither a wheel"),
    ],
)
def test_addresses_that_cannot_be_used(text, says):
    assert says in reason(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is empty"),
        ("-r reqs.txt", "it is an option"),
        ("-e .", "it is an option"),
        ("'numpy'", "write numpy"),
        (">=1.0", "name of the project is missing in front of '>='"),
        ("numpy=1.2", "write 'numpy==1.2'"),
        ("numpy[x] = 1.2", "write 'numpy[x]==1.2'"),
        ("numpy=>1.2", "write 'numpy>=1.2'"),
        ("numpy=<1.2", "write 'numpy<=1.2'"),
        ("numpy>=", "a version is missing after '>='"),
        ("numpy =", "a version is missing after '='"),
        ("numpy^1.2", "write 'numpy>=1.2'"),
        ("numpy@1.2", "write 'numpy==1.2'"),
        ("numpy @ v1.2", "write 'numpy==1.2'"),
        ("numpy @ somewhere", "what follows '@' is not an address"),
        ("numpy 1.2", "write 'numpy==1.2'"),
        ("numpy~=1", "write 'numpy~=1.0'"),
        ("numpy==1.x", "write 'numpy==1.*'"),
        ("numpy>=1.*", "write 'numpy>=1'"),
        ("numpy==latest", "'latest' is not a version"),
        ("numpy>1.0 <2.0", "write 'numpy>1.0,<2.0'"),
        ("numpy, pandas", "one requirement at a time"),
        ("numpy pandas", "one requirement at a time"),
        ("numpy==1.2 pandas", "one requirement at a time"),
        ("numpy ;", "a marker is missing"),
        ("numpy; python_version>3", "write > '3'"),
        ("requirements.txt", "name of a file"),
        ("numpy[foo", "the bracket of the extras is not closed"),
        ("numpy!", "found '!'"),
        ("numpy; (os_name == 'nt'", "found its end"),
        ("numpy[foo bar]", "found 'bar]'"),
        ("numpy; nonsense == '1'", "found \"nonsense == '1'\""),
    ],
)
def test_slips_are_recognised(text, says):
    assert says in reason(text)


def test_the_error_says_where_the_text_stands():
    with pytest.raises(InvalidRequirement, match=r"Invalid requirement 'numpy=1' \(from line 3\): '=' is not an op"):
        parse_requirement("numpy=1", origin="line 3")


def test_several_at_once():
    assert [requirement.name for requirement in parse_requirements(["A", "b>1"])] == ["a", "b"]


def test_a_constraint_limits_versions_or_names_the_file():
    assert parse_constraint("a<2").specifier == SpecifierSet("<2")
    assert parse_constraint(WHEEL).file.url == WHEEL


@pytest.mark.parametrize(
    ("text", "says"), [("a[x]<2", "cannot have extras"), ("git+https://example.org/x", "needs the project's name")]
)
def test_a_constraint_can_do_nothing_else(text, says):
    with pytest.raises(InvalidRequirement, match=says):
        parse_constraint(text)


def test_credentials_are_not_repeated():
    text = "https://user:secret@example.org/demo-1.0-py3-none-any.whl"
    assert "secret" not in str(parse_requirement(text))
    assert "secret" in parse_requirement(text).file.url, "the transport needs them"
    with pytest.raises(InvalidRequirement) as caught:
        parse_requirement("https://user:secret@example.org/demo")
    assert "secret" not in str(caught.value)
    assert hide_credentials("a>=1") == "a>=1"


def test_only_the_address_of_a_wheel_is_one():
    with pytest.raises(InvalidRequirement, match="names neither a wheel"):
        file_at("https://example.org/demo")
