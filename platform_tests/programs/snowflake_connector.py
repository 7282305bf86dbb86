# /// script
# dependencies = ["snowflake-connector-python"]
# ///
"""A connector that puts OpenSSL by way of cryptography below urllib3."""

import logging

import snowflake.connector

logging.disable()
print(snowflake.connector.paramstyle)
try:
    snowflake.connector.connect(
        user="u", password="p", account="a", host="127.0.0.1", port=1, login_timeout=1, ocsp_fail_open=True
    )
except snowflake.connector.errors.OperationalError as error:
    print(type(error).__name__, error.errno)
