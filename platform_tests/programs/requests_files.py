# /// script
# dependencies = ["requests"]
# ///
"""Data files of requests, by path."""

import os

import requests
import requests.certs
import requests.utils

path = requests.certs.where()
print(os.path.basename(path), requests.utils.extract_zipped_paths(path) == path)
session = requests.Session()
session.get_adapter("https://x").cert_verify(type("C", (), {})(), "https://x", path, None)
try:
    session.get("https://127.0.0.1:9", timeout=5)
except requests.ConnectionError as error:
    print(type(error).__name__)
