# /// script
# dependencies = ["urllib3[brotli]", "certifi"]
# [tool.mempip]
# container = true
# ///
"""A pool that trusts certifi's bundle; compressed answers, retries and multipart bodies over loopback."""

import gzip
import http.server
import threading
import zlib

import brotli
import certifi
import urllib3

ENCODERS = {"gzip": gzip.compress, "br": brotli.compress, "deflate": zlib.compress}
failures = iter([True, False])


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name = self.path[1:]
        if name == "retry":
            self.answer(503 if next(failures) else 200, b"at last")
        else:
            self.answer(200, ENCODERS[name](b"memory " * 100), Content_Encoding=name)

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.answer(200, f"{length > 100} {self.headers['Content-Type'].partition(';')[0]}".encode())
        self.rfile.read(length)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
pool = urllib3.PoolManager(ca_certs=certifi.where(), retries=urllib3.Retry(2, status_forcelist=[503]))
for name in ENCODERS:
    print(name, len(pool.request("GET", url + name, headers={"Accept-Encoding": name}).data))
print(pool.request("GET", url + "retry").data)
print(pool.request("POST", url, fields={"a": "1", "f": ("name.txt", b"content")}).data)
try:
    pool.request("GET", url.replace("http", "https"), retries=False)
except urllib3.exceptions.SSLError as error:
    print(type(error).__name__)
server.shutdown()
