# /// script
# dependencies = ["xgboost-cpu"]
# [tool.mempip]
# container = true
# ///
"""libxgboost.so, found by walking through the package's directories, by ctypes; a VERSION file by path."""

import numpy as np
import xgboost

rng = np.random.default_rng(0)
x = rng.random((300, 4))
y = (x[:, 0] > 0.5).astype(int)
booster = xgboost.train({"max_depth": 3, "objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(x, y), 10)
print(xgboost.__version__, round(float(((booster.predict(xgboost.DMatrix(x)) > 0.5) == y).mean()), 3))
again = xgboost.Booster()
again.load_model(booster.save_raw("json"))
print(
    np.array_equal(again.predict(xgboost.DMatrix(x)), booster.predict(xgboost.DMatrix(x))),
    "f0" in booster.get_dump()[0],
)
print(xgboost.build_info()["USE_OPENMP"])
