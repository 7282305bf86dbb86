# /// script
# dependencies = ["lightgbm", "scikit-learn"]
# [tool.mempip]
# container = true
# ///
"""lib_lightgbm.so by path, through ctypes; it wants libgomp, which scikit-learn's wheel bundles."""

import sklearn  # noqa: F401, I001 - brings libgomp
import lightgbm
import numpy as np

rng = np.random.default_rng(0)
x = rng.random((300, 4))
y = (x[:, 0] + x[:, 1] > 1).astype(int)
model = lightgbm.LGBMClassifier(n_estimators=20, num_leaves=7, verbose=-1, n_jobs=1, random_state=1).fit(x, y)
print(lightgbm.__version__, round(model.score(x, y), 3), model.feature_importances_.argmax() in (0, 1))
booster = lightgbm.Booster(model_str=model.booster_.model_to_string())
print(np.allclose(booster.predict(x), model.predict_proba(x)[:, 1]), booster.num_trees())
