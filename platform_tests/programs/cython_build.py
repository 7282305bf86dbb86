# /// script
# dependencies = ["cython", "pybind11", "cffi", "setuptools", "numpy"]
# ///
"""A compiler from Python to C with includes of its own, headers of packages, and a build by setuptools."""

import os
import subprocess
import sys

import Cython.Build
import numpy
import pybind11
from setuptools import Distribution

with open("tea.pyx", "w") as stream:
    stream.write(
        "from libc.math cimport sqrt\nfrom cpython.list cimport PyList_New\n"
        "cimport cython\ndef root(double x):\n    return sqrt(x)\n"
    )
(extension,) = Cython.Build.cythonize("tea.pyx", quiet=True, language_level=3)
with open(extension.sources[0]) as stream:
    print(len(stream.read()) > 10_000)
distribution = Distribution({"name": "tea", "version": "1", "ext_modules": [extension]})
distribution.script_args = ["-q", "build_ext", "--inplace"]
distribution.parse_command_line()
distribution.run_commands()
sys.path.insert(0, os.getcwd())
import tea

print(tea.root(9.0))
for directory, header in (
    (pybind11.get_include(), "pybind11/pybind11.h"),
    (numpy.get_include(), "numpy/arrayobject.h"),
):
    with open(os.path.join(directory, header)) as stream:
        print(header, len(stream.read()) > 100)
done = subprocess.run([sys.executable, "-m", "pybind11", "--version"], capture_output=True, text=True)
print(done.returncode, done.stdout)
