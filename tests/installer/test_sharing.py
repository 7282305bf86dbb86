"""Resolutions as text, and what decides one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mempip.installer import session
from mempip.installer.requirements.gather import gather
from mempip.installer.sharing import Question, write
from mempip.installer.target import Target
from mempip.options import InstallOptions
from tests.support.index_server import Behaviour, IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from mempip.installer.resolution import Resolution

HERE = Target.current()
DIGEST = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
PLAIN = f"https://host/made-1-py3-none-any.whl#sha256={DIGEST}"
WHEELS = dict(
    [
        build_wheel("app", "1", requires=["base[more]>=1", "there"], metadata_extra="Author: J\u00fcrgen\n"),
        build_wheel("base", "1", extras={"more": ["other"]}),
        build_wheel("other", "2"),
        build_wheel("there", "1"),
    ]
)
THERE = {"name": "there", "version": "1", "requires": []}


def question(*requirements: str, target: Target = HERE, **options: Any) -> Question | None:
    return Question.of(gather(InstallOptions(requirements, **options), target, print), target)


class Memory:
    """A pool that remembers the texts of what it was asked."""

    def __init__(self) -> None:
        self.texts: dict[str, str | None] = {}
        self.resolutions: list[Resolution] = []

    def answer(self, wanted, target, resolve):
        asked = Question.of(wanted, target)
        if text := self.texts.get(asked.text):
            self.resolutions.append(asked.read(text))
        else:
            self.resolutions.append(resolve())
            self.texts[asked.text] = write(self.resolutions[-1])
        return self.resolutions[-1]


def answers(**behaviour: Any) -> Memory:
    """Have the same asked twice, by way of a pool."""
    pool = Memory()
    behaviour = {"yanked": {"app-1-py3-none-any.whl": "it is broken"}, **behaviour}
    with IndexServer(WHEELS, Behaviour(**behaviour)) as index:
        options = InstallOptions(["app==1"], index_url=index.url, installed=[THERE], dry_run=True)
        reports = [session.install(options, lambda _: None, pool=pool).report for _ in range(2)]
    assert reports[0] == reports[1]
    return pool


def test_what_is_read_is_what_was_written() -> None:
    pool = answers()
    first, second = pool.resolutions
    assert len(pool.texts) == 1
    assert second == first
    assert [*second.pins] == [*first.pins] == ["other", "base", "app"]
    assert [*second.satisfied] == ["there"]
    assert "it is broken" in second.warnings[0]
    assert [pinned.metadata.raw for pinned in second.pins.values()] == [
        pinned.metadata.raw for pinned in first.pins.values()
    ]


def test_what_nobody_vouches_for_is_not_shared() -> None:
    assert [*answers(hashes=False).texts.values()] == [None]


@pytest.mark.parametrize(
    "url",
    [
        "https://me:secret@host/made-1-py3-none-any.whl",
        "https://host/made-1-py3-none-any.whl?signature=secret",
        "file:///made-1-py3-none-any.whl",
        "https://host/made-1.tar.gz",
    ],
)
def test_addresses_that_are_not_shared(url: str) -> None:
    resolution = answers().resolutions[0]
    pinned = resolution.pins["other"]
    file = pinned.candidate.file._replace(url=url, filename=url.rpartition("/")[2].partition("?")[0])
    pinned = pinned._replace(candidate=pinned.candidate._replace(file=file))
    assert write(resolution._replace(pins={**resolution.pins, "other": pinned})) is None


@pytest.mark.parametrize(
    ("requirement", "options"),
    [
        ("./made", {}),
        ("./made-1-py3-none-any.whl", {}),
        ("made @ git+https://host/made@0123456789012345678901234567890123456789", {}),
        ("made @ https://host/made-1.tar.gz", {}),
        ("made @ https://host/made-1-py3-none-any.whl", {}),
        (PLAIN.replace("host", "me:secret@host"), {}),
        (PLAIN.replace("#", "?signature=secret#"), {}),
        ("made", {"editables": ["./made"]}),
        ("made", {"find_links": ["wheels"]}),
        ("made", {"index_url": "file:///index"}),
        ("made", {"extra_index_urls": ["/index"]}),
        ("made", {"project_index": ["made=file:///index"]}),
    ],
)
def test_questions_that_are_not_asked_others(
    requirement: str, options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "pyproject.toml").touch()
    (tmp_path / "made-1-py3-none-any.whl").touch()
    assert question(requirement, **options) is None


def test_a_lock_file_is_no_question(tmp_path: Path) -> None:
    lock = tmp_path / "pylock.toml"
    lock.write_text('lock-version = "1.0"\ncreated-by = "hand"\npackages = []\n')
    assert question(lock=str(lock)) is None


def test_equal_questions_have_equal_texts(tmp_path: Path) -> None:
    plain = question("made>1")
    assert plain is not None
    (tmp_path / "r.txt").write_text("made>1")
    same = question(requirement_files=[str(tmp_path / "r.txt")], timeout=3, cache_dir="/cache", adapter="any")
    assert same == plain == question("made>1", target=replace(HERE, executable="/other/python"))


def test_whatever_decides_is_part_of_a_question(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("other<2")
    (tmp_path / "h.txt").write_text(f"made>1 --hash=sha256:{DIGEST}")
    texts = [
        asked and asked.text
        for asked in (
            question("made>1"),
            question("made>2"),
            question("made>1", "other"),
            question("made>1", constraint_files=[str(tmp_path / "c.txt")]),
            question(requirement_files=[str(tmp_path / "h.txt")]),
            question("made>1", pre=True),
            question("made>1", index_url="https://host/simple/"),
            question("made>1", index_url="https://me:secret@host/simple/"),
            question("made>1", project_index=["made=https://host/simple/"]),
            question("made>1", only_binary=[":all:"]),
            question("made>1", installed=[THERE]),
            question("made>1", target=replace(HERE, python_version="3.99.0")),
            question("made>1", target=replace(HERE, tags=HERE.tags[1:])),
            question("made>1", target=replace(HERE, environment={**HERE.environment, "platform_release": "other"})),
            question(PLAIN),
        )
    ]
    assert None not in texts
    assert len({*texts}) == len(texts)


def changed(text: str, **changes: Any) -> str:
    table = json.loads(text)
    table["pins"][0] |= changes
    return json.dumps(table)


def test_other_texts_are_not_read() -> None:
    (text,) = answers().texts.values()
    asked = question("app", installed=[THERE])
    assert asked is not None
    assert asked.read(text).pins
    file = json.loads(text)["pins"][0]["file"]
    for other in (
        "",
        "no JSON",
        "[]",
        "[" * 100_000,
        "{}",
        json.dumps({**json.loads(text), "satisfied": ["what is not there"]}),
        changed(text, version="0"),
        changed(text, version="none"),
        changed(text, metadata="Name: another\nVersion: 2\n"),
        changed(text, metadata=None),
        changed(text, file={**file, "url": "file:///etc/made-1-py3-none-any.whl"}),
        changed(text, file={**file, "hashes": {}}),
        changed(text, file={**file, "unknown": 1}),
        changed(text, file=None),
    ):
        with pytest.raises(ValueError, match="it cannot be read"):
            asked.read(other)
