# /// script
# dependencies = ["azure-storage-blob", "azure-identity"]
# [tool.mempip]
# container = true
# ///
"""Namespace packages of several projects below `azure`, and a server that the program imitates."""

import http.server
import pkgutil
import threading

import azure
import azure.identity
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

STORED = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_PUT(self):
        STORED[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, b"")

    def do_GET(self):
        body = STORED.get(self.path)
        self.answer(404 if body is None else 200, body or b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Thu, 02 Jan 2020 03:04:05 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
endpoint = f"http://127.0.0.1:{server.server_port}/account"
client = BlobServiceClient(endpoint, {"account_name": "account", "account_key": "a2V5"}, retry_total=0)
client.get_blob_client("c", "b").upload_blob(b"in memory")
print(STORED, client.get_blob_client("c", "b").download_blob().readall())
try:
    client.get_blob_client("c", "none").download_blob()
except ResourceNotFoundError as error:
    print(type(error).__name__, error.status_code)
print(sorted(name for _, name, _ in pkgutil.iter_modules(azure.__path__)), azure.identity.AzureAuthorityHosts)
server.shutdown()
