# /// script
# dependencies = ["google-cloud-storage"]
# ///
"""Namespace packages of many projects below `google`, a checksum in C, and a server that the program imitates."""

import http.server
import json
import pkgutil
import threading

import google.cloud
import google_crc32c
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

STORED = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        STORED["file"] = body.split(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0] if b"\r\n\r\n" in body else body
        self.answer(json.dumps({"name": "file", "bucket": "b", "size": str(len(STORED["file"]))}).encode())

    def do_GET(self):
        crc = google_crc32c.Checksum(STORED["file"])
        self.answer(STORED["file"], crc)

    def answer(self, body, crc=None):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if crc is not None:
            import base64

            self.send_header("X-Goog-Hash", "crc32c=" + base64.b64encode(crc.digest()).decode())
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
options = {"api_endpoint": f"http://127.0.0.1:{server.server_port}"}
client = storage.Client("project", AnonymousCredentials(), client_options=options)
blob = client.bucket("b").blob("file")
blob.upload_from_string(b"in memory", checksum="crc32c")
print(STORED, blob.size, blob.download_as_bytes(checksum="crc32c"))
print(google_crc32c.implementation, hex(google_crc32c.value(b"123456789")))
print(sorted(name for _, name, _ in pkgutil.iter_modules(google.cloud.__path__)))
server.shutdown()
