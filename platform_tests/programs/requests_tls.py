# /// script
# dependencies = ["requests", "trustme"]
# ///
"""TLS to a server of one's own: certifi's bundle refuses it, its own authority's certificate lets it pass."""

import http.server
import ssl
import threading

import requests
import trustme


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, address):
        pass


authority = trustme.CA()
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
authority.issue_cert("127.0.0.1").configure_cert(context)
server = Server(("127.0.0.1", 0), Hello)
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"https://127.0.0.1:{server.server_port}/"
try:
    requests.get(url, timeout=20)
except requests.exceptions.SSLError as error:
    print(type(error).__name__, "self-signed" in str(error))
with requests.Session() as session:
    session.mount("https://", adapter := requests.adapters.HTTPAdapter(max_retries=1))
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    adapter.init_poolmanager(1, 1, ssl_context=trusting)
    print(session.get(url, timeout=20, verify=None).text)
server.shutdown()
