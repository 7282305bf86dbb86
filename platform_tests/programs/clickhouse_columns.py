# /// script
# dependencies = ["clickhouse-connect"]
# [tool.mempip]
# container = true
# ///
"""Columns read by Cython from a server that the program imitates, and a dialect of SQLAlchemy by entry point."""

from importlib.metadata import entry_points

from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.insert import InsertContext
from clickhouse_connect.driver.transform import NativeTransform
from clickhouse_connect.driverc import buffer, dataconv

print(buffer.__name__, dataconv.__name__)
names, types = ["n", "s"], [get_from_name("UInt32"), get_from_name("LowCardinality(String)")]
context = InsertContext("t", names, types, [[1, "a"], [2, "b"]], compression="lz4")
print(len(b"".join(NativeTransform().build_insert(context))) > 20)
print(get_from_name("Array(Tuple(DateTime('Europe/Oslo'), Nullable(Float64)))").python_type)
print(sorted(point.name for point in entry_points(group="sqlalchemy.dialects")))
