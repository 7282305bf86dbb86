# /// script
# dependencies = ["numpy"]
# [tool.mempip]
# container = true
# ///
"""Dense linear algebra (OpenBLAS), FFT, random numbers and the .npy format."""

import io

import numpy as np

rng = np.random.default_rng(7)
a = rng.standard_normal((200, 200))
b = rng.standard_normal(200)
print(np.__version__, bool(np.allclose(a @ np.linalg.solve(a, b), b)))
print(np.round(np.linalg.svd(a, compute_uv=False)[:5], 6).tolist())
print(np.round(np.abs(np.fft.rfft(b))[:4], 6).tolist())
file = io.BytesIO()
np.save(file, a)
file.seek(0)
print(np.array_equal(np.load(file), a))
