# /// script
# dependencies = ["psycopg[binary,pool]"]
# [tool.mempip]
# container = true
# ///
"""libpq with its bundled libraries, adapters in C, and a certificate bundle that libpq is told of."""

import psycopg
from psycopg import pq, sql, types

print(psycopg.__version__, pq.__impl__, pq.version() > 90000, pq.__build_version__ > 90000)
print(
    psycopg.conninfo.make_conninfo("dbname=a", host="h", port=1),
    sql.SQL("{}").format(sql.Identifier('a"b')).as_string(),
)
print(psycopg.adapt.Transformer().as_literal([1, 2]), len(list(psycopg.adapters.types)) > 50)
try:
    psycopg.connect("host=127.0.0.1 port=1 connect_timeout=5")
except psycopg.OperationalError as error:
    print(type(error).__name__, "refused" in str(error))
