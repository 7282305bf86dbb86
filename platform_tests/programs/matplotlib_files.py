# /// script
# dependencies = ["matplotlib"]
# ///
"""Data files of matplotlib, by path."""

import hashlib
import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.plot([1, 3, 2])
axes.set_title(r"$\alpha$ and text")
for format in ("png", "svg"):
    stream = io.BytesIO()
    figure.savefig(stream, format=format, metadata={"Date": None} if format == "svg" else None)
    drawn = stream.getvalue()
    print(format, hashlib.sha256(drawn).hexdigest() if format == "png" else b"<svg" in drawn)
print(len(plt.style.available), matplotlib.font_manager.findfont("DejaVu Sans").rpartition("/")[2])
