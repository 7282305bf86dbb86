# /// script
# dependencies = ["tornado"]
# [tool.mempip]
# container = true
# ///
"""Templates, a server and a client; test data that the package ships, served as static files."""

import asyncio
import os

import tornado.locale
import tornado.template
import tornado.test
import tornado.web
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

shipped = os.path.dirname(tornado.test.__file__)


class Page(tornado.web.RequestHandler):
    def get(self):
        self.render("utf8.html")


async def main():
    app = tornado.web.Application(
        [("/", Page)], template_path=shipped + "/templates", static_path=shipped + "/static", static_hash_cache=True
    )
    socket, port = bind_unused_port()
    server = HTTPServer(app)
    server.add_socket(socket)
    client = AsyncHTTPClient()
    print((await client.fetch(f"http://127.0.0.1:{port}/")).body)
    answer = await client.fetch(f"http://127.0.0.1:{port}/static/robots.txt")
    print(answer.headers["Content-Type"], answer.headers["Etag"], answer.body)
    server.stop()


asyncio.run(main())
print(sorted(os.listdir(shipped + "/gettext_translations")))
tornado.locale.load_gettext_translations(shipped + "/gettext_translations", "tornado_test")
print(tornado.locale.get("fr_FR").translate("school"))
tornado.locale.load_translations(shipped + "/csv_translations")
print(tornado.locale.get("fr_FR").translate("school"))
import tornado.speedups

print(tornado.speedups.websocket_mask(b"abcd", b"hello"))
