# /// script
# dependencies = ["numexpr", "bottleneck", "pywavelets", "numcodecs", "blosc2"]
# [tool.mempip]
# container = true
# ///
"""Kernels in C beside NumPy, threads of their own, and compressors for arrays."""

import blosc2
import bottleneck
import numcodecs
import numexpr
import numpy as np
import pywt

a = np.arange(100_000.0)
print(numexpr.evaluate("sum(sin(a) ** 2 + cos(a) ** 2)"), numexpr.evaluate("where(a > 5, 1, 0)").sum())
print(bottleneck.nanmean([1, np.nan, 3]), bottleneck.move_max(np.array([1, 3, 2, 5]), 2).tolist())
approximation, detail = pywt.dwt([1, 2, 3, 4], "db1")
print(approximation.round(4).tolist(), detail.round(4).tolist(), len(pywt.wavelist("db")), pywt.data.ecg().shape)
for codec in (numcodecs.Blosc("zstd"), numcodecs.LZ4(), numcodecs.Zstd(), numcodecs.Delta("f8")):
    print(codec.codec_id, bool((np.frombuffer(codec.decode(codec.encode(a)), "f8") == a).all()))
packed = blosc2.asarray(a)
print(packed.schunk.cratio > 5, float(packed[10]), blosc2.decompress2(blosc2.compress2(b"tea" * 100)) == b"tea" * 100)
