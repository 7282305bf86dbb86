from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from mempip.installer.index.formats import allows_wheels
from mempip.options import InstallOptions


@pytest.mark.parametrize(
    ("no_binary", "only_binary", "expected"),
    [
        ([], [], True),
        (["a.B"], [], False),
        (["other"], [], True),
        ([":all:"], [], False),
        ([":all:"], ["a-b"], True),
        (["a_b"], [":all:"], False),
        ([], [":all:"], True),
    ],
)
def test_wheels(no_binary: list[str], only_binary: list[str], expected: bool) -> None:
    options = InstallOptions(no_binary=no_binary, only_binary=only_binary)
    assert allows_wheels(canonicalize_name("A-b"), options) is expected
