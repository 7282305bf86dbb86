# /// script
# dependencies = ["scrapy"]
# ///
"""A project and a spider made from templates, and a crawl of a server on loopback."""

import contextlib
import http.server
import io
import os
import sys
import threading

from scrapy.cmdline import execute


def command(*arguments):
    out = io.StringIO()  # where templates are is told, too
    try:
        with contextlib.redirect_stdout(out):
            execute(["scrapy", *arguments])
    except SystemExit as status:
        print("status", status.code, len(out.getvalue().splitlines()))


command("startproject", "teas", "here")
os.chdir("here")
for directory, _, files in sorted(os.walk(".")):
    print(directory, sorted(files), [oct(os.stat(os.path.join(directory, file)).st_mode & 0o600) for file in files])
sys.path.insert(0, os.getcwd())
os.environ["SCRAPY_SETTINGS_MODULE"] = "teas.settings"
command("genspider", "-t", "crawl", "follow", "example.com")
command("genspider", "-l")
print("CrawlSpider" in open("teas/spiders/follow.py").read())

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path != "/robots.txt" else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<a href='/green'>green</a>" if self.path == "/" else b"<h1>Tea</h1>")

    def log_message(self, *_):
        pass


class Teas(scrapy.Spider):
    name = "teas"

    def parse(self, response):
        yield from response.follow_all(css="a", callback=self.tea)

    def tea(self, response):
        yield {"title": response.css("h1::text").get(), "path": response.url.rpartition("/")[2]}


web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=web.serve_forever, daemon=True).start()
settings = get_project_settings()
settings.setdict({"FEEDS": {"teas.json": {"format": "json"}}, "LOG_LEVEL": "ERROR", "DOWNLOAD_DELAY": 0})
process = CrawlerProcess(settings)
process.crawl(Teas, start_urls=[f"http://127.0.0.1:{web.server_port}/"])
process.start()
print(open("teas.json").read())
