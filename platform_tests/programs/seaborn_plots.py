# /// script
# dependencies = ["seaborn"]
# ///
"""Plots with statistics; palettes from colour tables of the package."""

import hashlib
import io

import matplotlib

matplotlib.use("Agg")
import pandas as pd
import seaborn as sns

data = pd.DataFrame({"tea": ["green", "black"] * 10, "price": range(20), "cups": [n * n % 7 for n in range(20)]})
sns.set_theme()
print(sns.color_palette("rocket", 2).as_hex(), sns.color_palette("husl", 2).as_hex())
for draw in (
    lambda: sns.boxplot(data, x="tea", y="price"),
    lambda: sns.scatterplot(data, x="price", y="cups", hue="tea"),
):
    matplotlib.pyplot.figure()
    stream = io.BytesIO()
    draw().figure.savefig(stream, format="png")
    print(hashlib.sha256(stream.getvalue()).hexdigest())
