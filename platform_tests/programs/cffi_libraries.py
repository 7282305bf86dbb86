# /// script
# dependencies = ["cffi", "pycryptodome"]
# ///
"""Libraries opened through cffi's ABI modes: the process's own, and one that a package ships, by path."""

import os
import sys

import cffi
import Crypto.Hash
import Crypto.Util

ffi = cffi.FFI()
ffi.cdef("size_t strlen(const char *); int abs(int);")
process = ffi.dlopen(None)
print(process.strlen(b"memory"), process.abs(-3))
declared = cffi.FFI()
declared.cdef("int have_clmul(void); int have_aes_ni(void);")
path = os.path.join(os.path.dirname(Crypto.Util.__file__), "_cpuid_c.abi3.so")
library = declared.dlopen(path)
print(library.have_clmul() in (0, 1), library.have_aes_ni() in (0, 1))
declared.dlclose(library)
for bad in (os.path.dirname(path), path + ".none"):
    try:
        declared.dlopen(bad)
    except OSError as error:
        print(type(error).__name__, "directory" in str(error).lower())
ffi.set_source("_out_of_line", None)
ffi.emit_python_code("_out_of_line.py")
sys.path.insert(0, os.getcwd())
from _out_of_line import ffi as prepared

print(prepared.dlopen(None).strlen(b"abc"), type(prepared).__name__)
header = os.path.join(os.path.dirname(cffi.__file__), "_cffi_include.h")
print(len(open(header).read()) > 5000, ffi.sizeof("size_t"), ffi.getctype("char[3]"))
