# /// script
# dependencies = ["sqlite-vec", "apsw"]
# [tool.mempip]
# misses.overlay = "SQLite opens its extension by path"
# ///
"""An extension of SQLite, which loads it by path."""

import apsw
import sqlite_vec

connection = apsw.Connection(":memory:")
connection.enable_load_extension(True)
connection.load_extension(sqlite_vec.loadable_path())
print(connection.execute("SELECT vec_distance_l2('[1, 2]', '[4, 6]')").fetchall())
