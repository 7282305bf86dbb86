# /// script
# dependencies = ["duckdb", "pandas"]
# [tool.mempip]
# container = true
# ///
"""A database in one extension module: queries over a data frame, functions in Python, JSON and Parquet."""

import duckdb
import pandas as pd

teas = pd.DataFrame({"name": ["green", "black", "white"], "price": [3.0, 4.5, 6.0]})
connection = duckdb.connect()
connection.register("teas", teas)
print(connection.sql("SELECT name, price * 2 AS double FROM teas WHERE price > 3 ORDER BY name").fetchall())
connection.create_function("shout", lambda text: text.upper(), ["VARCHAR"], "VARCHAR")
print(connection.sql("SELECT shout(name) FROM teas ORDER BY 1").fetchall())
print(connection.sql("SELECT json_extract('{\"a\": [1, 2]}', '$.a[1]')").fetchall())
print(
    connection.sql(
        "SELECT extension_name, loaded FROM duckdb_extensions() WHERE extension_name IN ('json', 'parquet') ORDER BY 1"
    ).fetchall()
)
try:
    connection.sql("SELECT nothing FROM teas")
except duckdb.BinderException as error:
    print(str(error).splitlines()[0])
print(connection.sql("SELECT sum(price) AS total FROM teas").df().to_dict("records"))
