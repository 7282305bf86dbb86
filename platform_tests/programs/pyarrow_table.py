# /// script
# dependencies = ["pyarrow"]
# [tool.mempip]
# container = true
# ///
"""Large bundled libraries that need each other: compute kernels, Parquet, IPC and JSON."""

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv, json

table = pa.table({"n": list(range(1000)), "s": [str(i % 7) for i in range(1000)]})
file = io.BytesIO()
pq.write_table(table, file, compression="zstd")
print(pa.__version__, pq.read_table(io.BytesIO(file.getvalue())).equals(table))
print(pc.sum(table["n"]).as_py(), table.group_by("s").aggregate([("n", "sum")]).sort_by("s").to_pylist()[:2])
print(csv.read_csv(io.BytesIO(b"a,b\n1,2\n")).to_pydict(), json.read_json(io.BytesIO(b'{"a": [1]}\n')).to_pydict())
