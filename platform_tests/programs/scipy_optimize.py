# /// script
# dependencies = ["scipy"]
# [tool.mempip]
# container = true
# ///
"""Optimisation, sparse matrices, integration, statistics and special functions."""

import numpy as np
import scipy
from scipy import integrate, interpolate, optimize, signal, sparse, spatial, special, stats
from scipy.sparse import linalg

print(scipy.__version__, float(np.round(special.jv(1, 2.5), 12)))
print(np.round(optimize.minimize(optimize.rosen, [1.3, 0.7, 0.8]).x, 3).tolist())
print(round(integrate.quad(np.exp, 0, 1)[0], 10))
matrix = sparse.diags_array([np.full(99, -1.0), np.full(100, 2.0), np.full(99, -1.0)], offsets=[-1, 0, 1]).tocsc()
print(np.round(linalg.spsolve(matrix, np.ones(100))[:3], 8).tolist())
print(round(float(stats.norm.cdf(1.96)), 8), round(float(stats.t.ppf(0.975, 10)), 8))
print(np.round(interpolate.CubicSpline([0, 1, 2, 3], [0, 1, 8, 27])([0.5, 2.5]), 8).tolist())
print(np.round(signal.butter(3, 0.2)[0], 8).tolist())
print(spatial.ConvexHull(np.random.default_rng(3).random((50, 2))).vertices.size)
