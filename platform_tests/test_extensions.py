"""Extension modules of every kind, and libraries that they find in other wheels: the same from memory as from disk."""

from __future__ import annotations

import sys
import sysconfig
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from platform_tests.support.libraries import Compiler
from platform_tests.support.tools import clean_environment, mempip_command, output, require
from tests.support.wheel_factory import build_wheel

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
HEADERS = Path(sysconfig.get_path("include"))

#: Initialised in a single phase: one state, whatever is imported again.
SINGLE_PHASE = """
static int calls;
static PyObject *count(PyObject *self, PyObject *none) { return PyLong_FromLong(++calls); }
static PyMethodDef methods[] = {{"count", count, METH_NOARGS, ""}, {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "single", "", -1, methods};
PyMODINIT_FUNC PyInit_single(void) { return PyModule_Create(&definition); }
"""
#: Initialised in several phases (PEP 489): each import makes a module with a state of its own.
MULTI_PHASE = """
typedef struct { int calls; } state;
static PyObject *count(PyObject *self, PyObject *none) {
    return PyLong_FromLong(++((state *)PyModule_GetState(self))->calls);
}
static PyMethodDef methods[] = {{"count", count, METH_NOARGS, ""}, {0}};
static PyModuleDef_Slot slots[] = {{0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "multi", "", sizeof(state), methods, slots};
PyMODINIT_FUNC PyInit_multi(void) { return PyModuleDef_Init(&definition); }
"""
#: Needs a library of another wheel.
DEPENDENT = """
int number(void);
static PyObject *get(PyObject *self, PyObject *none) { return PyLong_FromLong(number()); }
static PyMethodDef methods[] = {{"number", get, METH_NOARGS, ""}, {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "dependent", "", 0, methods};
PyMODINIT_FUNC PyInit_dependent(void) { return PyModule_Create(&definition); }
"""

KINDS = """
import importlib, sys
from made import abi3, multi, single
for module in (single, multi, abi3):
    name = module.__name__
    assert module.__file__ == module.__spec__.origin, module.__spec__
    print(name, module.__file__.rpartition("/made/")[2], type(module.__loader__).__mro__[-4:-1], module.__package__)
    print([module.count(), module.count()], importlib.reload(module) is module, module.count())
    del sys.modules[name]
    again = importlib.import_module(name)
    print(again is module, again.count())
"""
SIBLINGS = """
import ctypes, ctypes.util, os
from pathlib import Path
import made.dependent, vendor
print(made.dependent.number())
libraries = Path(vendor.__file__).parent / "lib"
try:
    print(ctypes.CDLL(str(libraries / "libplugin.so")).plugin())
except OSError as error:
    print(str(error).rpartition(": ")[2])
ctypes.CDLL(str(libraries / "libglobal.so"), mode=ctypes.RTLD_GLOBAL)
print(ctypes.CDLL(os.fspath(libraries / "libplugin.so"), mode=os.RTLD_NOW).plugin())
for load in (ctypes.PyDLL, ctypes.cdll.LoadLibrary):
    print(load(str(libraries / "libmade.so.1")).number())
print(ctypes.util.find_library("c"), ctypes.util.find_library("made"))
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of two wheels: ``made``, and ``vendor``, which brings libraries in a directory of its own."""
    require((HEADERS / "Python.h").exists(), f"{HEADERS}/Python.h is not here: apt-get install python3-dev")
    compiler = Compiler(tmp_path_factory.mktemp("libraries"))

    def extension(code: str, *options: str, **more: object) -> bytes:
        return compiler.library("#include <Python.h>\n" + code, options=[f"-I{HEADERS}", *options], **more)

    made = {
        "made/__init__.py": "",
        f"made/single{SUFFIX}": extension(SINGLE_PHASE),
        f"made/multi{SUFFIX}": extension(MULTI_PHASE),
        "made/abi3.abi3.so": extension(MULTI_PHASE.replace("multi", "abi3"), "-DPy_LIMITED_API=0x030a0000"),
        f"made/dependent{SUFFIX}": extension(
            DEPENDENT,
            "-Wl,-rpath,$ORIGIN/../vendor/lib",
            needs=["libmade.so.1"],
            exports={"libmade.so.1": ["number"]},
        ),
    }
    vendor = {
        "vendor/__init__.py": "",
        "vendor/lib/libmade.so.1": compiler.library("int number(void) { return 42; }", soname="libmade.so.1"),
        "vendor/lib/libglobal.so": compiler.library("int shared(void) { return 7; }", soname="libglobal.so"),
        "vendor/lib/libplugin.so": compiler.library("int shared(void); int plugin(void) { return shared(); }"),
    }
    place = tmp_path_factory.mktemp("wheels")
    for name, files in {"made": made, "vendor": vendor}.items():
        filename, content = build_wheel(name, "1.0", files)
        (place / filename).write_bytes(content)
    return place


@pytest.mark.parametrize("view", ["overlay", "mount"])
@pytest.mark.parametrize("program", [KINDS, SIBLINGS], ids=["kinds of modules", "libraries of another wheel"])
def test_the_same_as_from_disk(program: str, view: str, wheels: Path, tmp_path: Path) -> None:
    for wheel in wheels.iterdir():
        zipfile.ZipFile(BytesIO(wheel.read_bytes())).extractall(tmp_path)
    environment = clean_environment()
    disk = output([sys.executable, "-c", program], {**environment, "PYTHONPATH": str(tmp_path)})
    options = ["--no-index", f"--find-links={wheels}", f"--files={view}"]
    memory = output([*mempip_command(), "run", *options, "made", "vendor", "--", "-c", program], environment)
    assert memory == disk
