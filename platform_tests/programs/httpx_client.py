# /// script
# dependencies = ["httpx[http2,brotli,zstd,cli]", "trustme"]
# ///
"""Clients over TLS and HTTP/2 parts, transports without a network, and the command that an entry point names."""

import asyncio
import http.server
import ssl
import threading
from importlib.metadata import entry_points

import httpx
import trustme
from click.testing import CliRunner


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "13")
        self.end_headers()
        self.wfile.write(b'{"a": [1, 2]}')

    def log_message(self, *_):
        pass


async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


async def asynchronous():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://in.memory") as client:
        return (await client.get("/path")).text


authority = trustme.CA()
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
authority.issue_cert("127.0.0.1").configure_cert(context)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
for one in (server, plain):
    threading.Thread(target=one.serve_forever, daemon=True).start()
trusting = httpx.create_ssl_context()
authority.configure_trust(trusting)
with httpx.Client(verify=trusting, http2=True) as client:
    print(client.get(f"https://127.0.0.1:{server.server_port}/").json())
print(asyncio.run(asynchronous()))
command = next(iter(entry_points(group="console_scripts", name="httpx"))).load()
shown = CliRunner().invoke(command, [f"http://127.0.0.1:{plain.server_port}/", "--no-verify"])
print(shown.exit_code, '"a"' in shown.output)
server.shutdown()
plain.shutdown()
