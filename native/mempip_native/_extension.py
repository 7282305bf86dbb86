"""Extension modules in libraries that no path leads to: what importlib does with the address of ``PyInit_…`` (PEP 489).

``_imp.create_dynamic`` takes a path.
"""

from __future__ import annotations

import ctypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_Initialize = ctypes.PYFUNCTYPE(ctypes.py_object)
_from_definition = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.py_object, ctypes.c_int)(
    ("PyModule_FromDefAndSpec2", ctypes.pythonapi)
)
_hold = ctypes.PYFUNCTYPE(None, ctypes.py_object)(("Py_IncRef", ctypes.pythonapi))
_API_VERSION = 1013


def function_name(name: str) -> str:
    """Return the name of the function that initializes the module `name`."""
    last = name.rpartition(".")[2]
    if last.isascii():
        return f"PyInit_{last}"
    return "PyInitU_" + last.encode("punycode").decode("ascii").replace("-", "_")


def initialize(address: int) -> Any:
    """Return what the function at `address` does: a module's definition, or a module of single-phase initialization.

    Raises what that raises.
    """
    return _Initialize(address)()


def is_definition(made: Any) -> bool:
    """Return whether what `initialize` returned is a definition, of which modules are made."""
    return type(made).__name__ == "moduledef"


def from_definition(definition: Any, spec: ModuleSpec) -> ModuleType:
    """Create the module that a definition defines."""
    _hold(definition)  # it is static, and its reference was borrowed: it must not be counted down to nothing
    module: ModuleType = _from_definition(definition, spec, _API_VERSION)
    return module


def create_module(spec: ModuleSpec, address: int) -> ModuleType:
    """Create the module of multi-phase initialization that the function at `address` defines.

    Raises what that raises, and `ImportError` if it is a module of single-phase initialization, whose full name only
    importlib can tell CPython.
    """
    made = initialize(address)
    if not is_definition(made):
        raise ImportError(f"{spec.name} has single-phase initialization", name=spec.name)
    return from_definition(made, spec)
