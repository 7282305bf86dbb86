from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from mempip.installer.index.formats import formats_of
from mempip.installer.index.model import ProjectFile
from mempip.options import InstallOptions

WHEEL, SOURCE = ProjectFile("a_b-1-py3-none-any.whl", ""), ProjectFile("a_b-1.tar.gz", "")


@pytest.mark.parametrize(
    ("no_binary", "only_binary", "expected"),
    [
        ([], [], [WHEEL, SOURCE]),
        (["a.B"], [], [SOURCE]),
        (["other"], [], [WHEEL, SOURCE]),
        ([":all:"], [], [SOURCE]),
        ([":all:"], ["a-b"], [WHEEL]),
        (["a_b"], [":all:"], [SOURCE]),
        ([], [":all:"], [WHEEL]),
    ],
)
def test_what_may_be_used(no_binary: list[str], only_binary: list[str], expected: list[ProjectFile]) -> None:
    options = InstallOptions(no_binary=no_binary, only_binary=only_binary)
    formats = formats_of(canonicalize_name("A-b"), options)
    assert list(filter(formats.allow, [WHEEL, SOURCE])) == expected
