# /// script
# dependencies = ["numba"]
# [tool.mempip]
# container = true
# ///
"""LLVM by ctypes, machine code made at run time, and a gufunc that calls into numpy's C."""

import llvmlite.binding as llvm
import numba
import numpy as np


@numba.njit
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@numba.vectorize(["float64(float64, float64)"])
def hypotenuse(a, b):
    return (a * a + b * b) ** 0.5


@numba.njit(parallel=True)
def total(values):
    result = 0.0
    for i in numba.prange(values.size):
        result += values[i]
    return result


print(numba.__version__, llvm.llvm_version_info[0], [collatz(n) for n in (7, 27, 97)])
print(hypotenuse(np.array([3.0, 5.0]), np.array([4.0, 12.0])).tolist(), total(np.arange(1000.0)))
