# /// script
# dependencies = ["polars"]
# [tool.mempip]
# container = true
# ///
"""Data frames in Rust: lazy queries, expressions in Python, and formats of files."""

import io

import polars as pl

frame = pl.DataFrame({"tea": ["green", "black", "green", None], "price": [3, 4, 5, 6]})
print(frame.lazy().group_by("tea").agg(pl.col("price").sum()).sort("tea", nulls_last=True).collect())
print(frame.with_columns(pl.col("price").map_elements(lambda n: n * 2, return_dtype=pl.Int64).alias("double")))
for write, read in (("write_parquet", pl.read_parquet), ("write_ipc", pl.read_ipc), ("write_csv", pl.read_csv)):
    stream = io.BytesIO()
    getattr(frame, write)(stream)
    stream.seek(0)
    print(write, read(stream).equals(frame))
print(pl.SQLContext(tea=frame).execute("SELECT COUNT(*) AS n FROM tea WHERE price > 3").collect().item())
try:
    frame.select("nothing")
except pl.exceptions.ColumnNotFoundError as error:
    print(type(error).__name__)
