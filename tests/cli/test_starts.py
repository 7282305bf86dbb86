"""Command lines that are read without a parser: the parser would say the same."""

from __future__ import annotations

import pytest

from mempip.cli import parser, starts

READ = [
    ["run", "--", "-c", "pass"],
    ["run", "numpy", "pandas>=2 ; python_version > '3'", "--"],
    ["run", "--daemon", "/s", "numpy", "--", "-m", "module", "--daemon", "x"],
    ["run", "--daemon=/s", "--env", "ci", "--", "script.py", "--"],
    ["run", "--daemon", "", "--env=", "--"],
    ["run", "--daemon", "/one", "--daemon=/two", "numpy", "--"],
]
LEFT = [
    [],
    ["list"],
    ["run"],
    ["run", "numpy"],
    ["run", "--help"],
    ["run", "-q", "numpy", "--"],
    ["run", "--no-deps", "numpy", "--"],
    ["run", "--daem", "/s", "numpy", "--"],
    ["run", "--daemon", "--"],
    ["run", "--daemon", "-x", "numpy", "--"],
    ["run", "numpy", "--daemon", "/s", "--"],
    ["exec", "numpy", "--", "true"],
    ["x", "ruff", "--", "check"],
]


@pytest.mark.parametrize("arguments", READ, ids=" ".join)
def test_read_as_by_the_parser(arguments: list[str]) -> None:
    found = starts.parse(arguments)
    assert found is not None
    for name, value in vars(parser.parse(arguments)).items():
        # Switches that mean nothing to mempip are False by default; nobody looks at them.
        assert getattr(found, name) == (value or None if value is False else value), name


@pytest.mark.parametrize("arguments", LEFT, ids=" ".join)
def test_left_to_the_parser(arguments: list[str]) -> None:
    assert starts.parse(arguments) is None


def test_a_script_ends_the_arguments(tmp_path_factory: pytest.TempPathFactory) -> None:
    script = tmp_path_factory.mktemp("scripts") / "program.py"
    script.write_text("")
    found = starts.parse(["run", "--daemon", str(script), "numpy", str(script), "-v"])
    assert found is not None
    assert (found.daemon, found.requirements, found.python) == (str(script), ["numpy"], [str(script), "-v"])
