"""One suite for every adapter that works here, and the table in the documentation that is made of its results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import mempip_native
from platform_tests.support import conformance
from platform_tests.support.tools import require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RAN = [column for column in conformance.COLUMNS if column[1]]


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The index of what the suite asks for."""
    with conformance.index(tmp_path_factory.mktemp("offered")) as url:
        yield url


@pytest.mark.parametrize("column", RAN, ids=" ".join)
def test_the_table_says_what_is_found(column, offered: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    system, adapter = column
    prefix = tmp_path
    if system == "Windows":
        prefix = request.getfixturevalue("wine_prefix")
    else:
        probe = mempip_native.get(adapter).probe()
        require(probe.ok or adapter == "tempfile", f"{adapter} does not work here: {probe.reason}. {probe.remedy}")
    found = conformance.ask(system, adapter, offered, prefix, tmp_path)
    cells = {name: "yes" if there else "no" for name, there in found.items()}
    assert conformance.documented()[column] == cells, "python -m platform_tests.support.conformance writes the table"


def test_what_never_ran_is_said_to_have_not() -> None:
    for column in conformance.COLUMNS:
        if column not in RAN:
            assert set(conformance.documented()[column].values()) == {"never run"}
