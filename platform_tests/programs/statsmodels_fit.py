# /// script
# dependencies = ["statsmodels"]
# [tool.mempip]
# container = true
# ///
"""Data sets that the package ships, formulas, and models with parts in Cython."""

import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.tsa.arima.model import ARIMA

data = sm.datasets.longley.load_pandas().data
fit = smf.ols("TOTEMP ~ GNP + UNEMP", data).fit()
print(fit.params.round(4).to_dict(), round(fit.rsquared, 6))
sunspots = sm.datasets.sunspots.load_pandas().data["SUNACTIVITY"]
print(len(sunspots), round(float(ARIMA(sunspots[:100].to_numpy(), order=(1, 0, 0)).fit().params[1]), 2))
print(round(float(sm.tsa.adfuller(sunspots)[0]), 4), sorted(sm.datasets.__all__)[:3])
