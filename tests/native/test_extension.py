"""Extension modules by the address of their function; that of a real one is called in test_macos_loader."""

from __future__ import annotations

import ctypes
import types
from importlib.machinery import ModuleSpec

import pytest

from mempip_native import _extension


@pytest.mark.parametrize(
    ("module", "function"),
    [("x", "PyInit_x"), ("pkg.sub.x", "PyInit_x"), ("pkg.é", "PyInitU_9ca"), ("ab-ü", "PyInitU_ab__joa")],
)
def test_the_functions_name(module: str, function: str) -> None:
    assert _extension.function_name(module) == function


def test_single_phase_initialization_is_refused() -> None:
    made = types.ModuleType("x")
    initialize = ctypes.PYFUNCTYPE(ctypes.py_object)(lambda: made)
    address = ctypes.cast(initialize, ctypes.c_void_p).value
    assert address is not None
    with pytest.raises(ImportError, match=r"pkg\.x has single-phase initialization"):
        _extension.create_module(ModuleSpec("pkg.x", None), address)
