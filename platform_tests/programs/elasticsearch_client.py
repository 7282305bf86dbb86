# /// script
# dependencies = ["elasticsearch[async,requests]"]
# [tool.mempip]
# container = true
# ///
"""A client with several transports against a server that the program imitates, and certifi's bundle by path."""

import asyncio
import http.server
import json
import threading

import elastic_transport
from elasticsearch import AsyncElasticsearch, Elasticsearch, helpers


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        items = [{"index": {"status": 201}}] * (text.count(b"\n") // 2)
        answer = json.dumps({"hits": {"total": 3}, "items": items, "errors": False, "path": self.path}).encode()
        self.send_response(200)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST

    def log_message(self, *_):
        pass


async def asynchronous(url):
    async with AsyncElasticsearch(url) as client:
        return (await client.search(index="teas"))["path"]


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
for node in ("urllib3", "requests"):
    client = Elasticsearch(url, node_class=node)
    print(
        node, client.search(index="teas", query={"match_all": {}})["hits"], client.index(index="a", document={})["path"]
    )
print(helpers.bulk(client, ({"_index": "teas", "n": n} for n in range(4))), asyncio.run(asynchronous(url)))
try:
    Elasticsearch(url.replace("http", "https"), max_retries=0).info()
except elastic_transport.TlsError as error:
    print(type(error).__name__)
server.shutdown()
