# /// script
# dependencies = ["pycurl", "certifi", "trustme"]
# ///
"""A bundled libcurl: a request, and certifi's bundle, which is given by path."""

import http.server
import io
import ssl
import threading

import certifi
import pycurl
import trustme


class Handler(http.server.BaseHTTPRequestHandler):
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


def get(url, bundle):
    out = io.BytesIO()
    curl = pycurl.Curl()
    for option, value in ((pycurl.URL, url), (pycurl.WRITEDATA, out), (pycurl.CAINFO, bundle)):
        curl.setopt(option, value)
    try:
        curl.perform()
    except pycurl.error as error:
        return error.args[0]
    return out.getvalue()


plain, secure = Server(("127.0.0.1", 0), Handler), Server(("127.0.0.1", 0), Handler)
authority = trustme.CA()
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
authority.issue_cert("127.0.0.1").configure_cert(context)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
for one in (plain, secure):
    threading.Thread(target=one.serve_forever, daemon=True).start()
print(get(f"http://127.0.0.1:{plain.server_port}/", certifi.where()))
authority.cert_pem.write_to_path("own.pem")
url = f"https://127.0.0.1:{secure.server_port}/"
print(get(url, "own.pem"), get(url, certifi.where()) == pycurl.E_PEER_FAILED_VERIFICATION)
