# /// script
# dependencies = ["psycopg2-binary"]
# [tool.mempip]
# container = true
# ///
"""libpq and its many bundled libraries, without a server."""

import psycopg2
from psycopg2 import extensions, sql

print(psycopg2.__version__, psycopg2.__libpq_version__)
print(extensions.parse_dsn("postgresql://user@localhost:1/db?sslmode=require"))
print(extensions.QuotedString("it's").getquoted(), psycopg2.Binary(b"\x00\xff").getquoted())
print(sql.SQL("select {}").format(sql.Identifier("a b")))
try:
    psycopg2.connect("host=127.0.0.1 port=1 connect_timeout=5")
except psycopg2.OperationalError as error:
    print(str(error).splitlines()[0])
