"""``%mempip``: the command in the interpreter of the cells."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

import mempip
import mempip_native
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

if not mempip_native.adapters():
    pytest.skip("mempip has no memory adapter for this system", allow_module_level=True)


class Shell:
    """What a magic needs of IPython's."""

    magics: dict[str, Callable[[str], None]]

    def __init__(self) -> None:
        self.magics = {}

    def register_magic_function(self, function: Any, kind: str, name: str) -> None:
        assert kind == "line"
        self.magics[name] = function


@pytest.fixture
def magic() -> Callable[[str], None]:
    shell = Shell()
    mempip.load_ipython_extension(shell)
    return shell.magics["mempip"]


def test_packages_stay(magic: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    with IndexServer(dict([build_wheel("by-magic", "1.0")])) as server:
        magic(f"install -i {server.url} 'by-magic>=1'")
        assert capsys.readouterr() == ("Successfully installed by-magic-1.0\n", "")
        assert importlib.import_module("by_magic").__version__ == "1.0"
        magic(f"install -i {server.url} by-magic")
        assert capsys.readouterr() == ("Everything is installed already\n", "")
    magic("freeze")
    magic("uninstall -y by-magic")
    assert capsys.readouterr().out == "by-magic==1.0\nSuccessfully uninstalled by-magic\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("install 'unfinished", "ERROR: No closing quotation\n"),
        ("run numpy -- -c pass", "ERROR: 'mempip run' needs a process of its own: !mempip run numpy -- -c pass\n"),
        ("nonsense", "invalid choice: 'nonsense'"),
        ("uninstall not-there", "ERROR: "),
    ],
)
def test_errors_are_printed(
    magic: Callable[[str], None], capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    magic(line)
    assert said in capsys.readouterr().err
