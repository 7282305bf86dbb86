# /// script
# dependencies = ["sqlite-vec", "apsw"]
# ///
"""An extension of SQLite, which loads it by path."""

import apsw
import sqlite_vec

connection = apsw.Connection(":memory:")
connection.enable_load_extension(True)
sqlite_vec.load(connection)
print(connection.execute("SELECT vec_distance_l2('[1, 2]', '[4, 6]')").fetchall())
