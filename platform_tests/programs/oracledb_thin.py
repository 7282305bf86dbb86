# /// script
# dependencies = ["oracledb"]
# [tool.mempip]
# container = true
# ///
"""Cython modules that open a connection in thin mode; nobody answers. Thick mode has no client to load."""

import datetime

import oracledb

print(oracledb.is_thin_mode(), oracledb.makedsn("h", 1, service_name="s"))
params = oracledb.ConnectParams(host="127.0.0.1", port=1, service_name="s", retry_count=0, tcp_connect_timeout=2)
print(params.get_connect_string())
try:
    oracledb.connect(user="u", password="p", params=params)
except oracledb.OperationalError as error:
    print(error.args[0].full_code)
print(oracledb.Timestamp is datetime.datetime, oracledb.DB_TYPE_VECTOR.name)
