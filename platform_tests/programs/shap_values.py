# /// script
# dependencies = ["shap", "scikit-learn", "matplotlib"]
# ///
"""Explanations of models: an extension, numba's compiler, and a script and a logo of the package."""

import matplotlib

matplotlib.use("Agg")
import numpy as np
import shap
from sklearn.ensemble import RandomForestRegressor

generator = np.random.default_rng(0)
x = generator.random((50, 3))
model = RandomForestRegressor(5, random_state=0).fit(x, x[:, 0] * 2)
explained = shap.TreeExplainer(model)(x)
print(
    explained.values.shape,
    np.abs(explained.values).mean(0).argmax(),
    bool(np.allclose(explained.values.sum(1) + explained.base_values, model.predict(x))),
)
page = shap.plots.force(explained.base_values[0], explained.values[0], matplotlib=False)
print(len(shap.getjs()) > 10_000, "id=" in page.html())
