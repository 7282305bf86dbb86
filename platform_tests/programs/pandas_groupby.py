# /// script
# dependencies = ["pandas"]
# [tool.mempip]
# container = true
# ///
"""Grouping, joining, time series and CSV."""

import io

import pandas as pd

frame = pd.read_csv(io.StringIO("day,city,rain\n2024-01-01,Oslo,3\n2024-01-02,Oslo,5\n2024-01-02,Rome,1\n"))
frame["day"] = pd.to_datetime(frame["day"])
print(pd.__version__)
print(frame.groupby("city")["rain"].agg(["sum", "mean"]).to_csv())
print(frame.set_index("day")["rain"].resample("D").sum().to_json())
print(frame.merge(pd.DataFrame({"city": ["Oslo"], "country": ["NO"]}), how="left").to_csv(index=False))
print(pd.Timestamp("2024-03-31 12:00", tz="Europe/Oslo").tz_convert("UTC").isoformat())
