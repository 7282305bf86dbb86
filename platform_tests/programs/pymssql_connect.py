# /// script
# dependencies = ["pymssql"]
# [tool.mempip]
# container = true
# ///
"""FreeTDS with OpenSSL inside one extension; nobody answers."""

import pymssql
from pymssql import _mssql

print(_mssql.quote_simple_value("it's"), _mssql.quote_data((1, None, b"\x01")))
print(pymssql.paramstyle, pymssql.threadsafety)
try:
    pymssql.connect("127.0.0.1", "user", "secret", "db", port="1", login_timeout=2)
except pymssql.OperationalError as error:
    print(error.args[0][0])
