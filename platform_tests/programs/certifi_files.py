# /// script
# dependencies = ["certifi"]
# [tool.mempip]
# container = true
# ///
"""Data files of certifi, by path."""

import hashlib
import os
import ssl

import certifi

path = certifi.where()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(path)
print(context.cert_store_stats(), os.path.getsize(path), hashlib.sha256(open(path, "rb").read()).hexdigest())
