# /// script
# dependencies = ["numba", "scipy"]
# ///
"""Machine code that is cached in a directory, for the program's functions and read back by a second dispatcher."""

import os
from pathlib import Path

os.environ["NUMBA_CACHE_DIR"] = str(Path("cache").absolute())

import numba
import numpy as np


def dot(a, b):
    return np.dot(a, b)


for _ in range(2):
    compiled = numba.njit(cache=True)(dot)
    value = compiled(np.ones(5), np.arange(5.0))
    print(value, sum(compiled.stats.cache_hits.values()), sum(compiled.stats.cache_misses.values()))
print(sorted({path.suffix for path in Path("cache").rglob("*") if path.is_file()}))
