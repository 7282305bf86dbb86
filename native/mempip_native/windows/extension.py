"""Extension modules of mapped DLLs: what importlib's loader does once it has the address of ``PyInit_…`` (PEP 489).

``_imp.create_dynamic`` takes a path that Windows can load, and there is none.
"""

from __future__ import annotations

import ctypes
import sys
import threading

from mempip_native import _extension

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

if sys.platform != "win32":
    raise ImportError("for Windows only")

_api = ctypes.PyDLL("python", handle=sys.dllhandle)
_Create2 = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_int)
_create2 = _Create2(("PyModule_Create2", _api))
_definition_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object)(("PyModule_GetDef", _api))
_add = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_void_p)(("PyState_AddModule", _api))
#: Where ``m_name`` is in a PyModuleDef: behind an object's header and m_init, m_index, m_copy.
_NAME = object.__basicsize__ + 3 * ctypes.sizeof(ctypes.c_void_p)

_initializing = threading.local()  # the full name of the module that this thread initializes


def create_module(spec: ModuleSpec, address: int) -> ModuleType:
    """Create the module that the function at `address` initializes. Raises what that raises."""
    before = getattr(_initializing, "name", "")
    _initializing.name = spec.name
    try:
        made = _extension.initialize(address)
    finally:
        _initializing.name = before
    if _extension.is_definition(made):
        return _extension.from_definition(made, spec)
    module: ModuleType = made
    module.__file__ = spec.origin
    definition = _definition_of(module)
    if definition:
        _add(module, definition)
    return module


def _create_with_full_name(definition: int, version: int) -> Any:
    """Do what ``PyModule_Create2`` does, and name a module of a package as importlib has CPython name it."""
    name = getattr(_initializing, "name", "")
    field = ctypes.c_void_p.from_address(definition + _NAME)
    own = field.value or 0
    if not own or name.rpartition(".")[2].encode() != ctypes.string_at(own):
        return _create2(definition, version)
    _initializing.name = ""
    field.value = _kept(name)
    try:
        return _create2(definition, version)
    finally:
        field.value = own


_names: dict[str, Any] = {}


def _kept(name: str) -> int:
    """Return the address of a name in C's form that is never freed."""
    buffer = _names.setdefault(name, ctypes.create_string_buffer(name.encode()))
    return ctypes.addressof(buffer)


_callback = _Create2(_create_with_full_name)

#: Functions of the interpreter's that mapped DLLs get another one for: name → what returns its address.
INTERPOSED: dict[str | int, Callable[[], int]] = {
    "PyModule_Create2": lambda: ctypes.cast(_callback, ctypes.c_void_p).value or 0
}
