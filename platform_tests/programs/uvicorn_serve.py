# /// script
# dependencies = ["uvicorn[standard]", "starlette"]
# [tool.mempip]
# container = true
# ///
"""One request over loopback through uvloop and httptools, and a web socket."""

import asyncio
import threading
import time
import urllib.request

import uvicorn
import websockets.sync.client
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute


async def hello(request):
    return JSONResponse({"loop": type(asyncio.get_running_loop()).__module__, "path": request.url.path})


async def echo(socket):
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


app = Starlette(routes=[Route("/{any:path}", hello), WebSocketRoute("/echo", echo)])
config = uvicorn.Config(app, "127.0.0.1", 0, log_level="error", loop="uvloop", http="httptools")
server = uvicorn.Server(config)
thread = threading.Thread(target=server.run)
thread.start()
while not server.started:
    time.sleep(0.01)
port = server.servers[0].sockets[0].getsockname()[1]
print(config.http_protocol_class.__name__, config.ws_protocol_class.__name__)
with urllib.request.urlopen(f"http://127.0.0.1:{port}/some/path") as answer:
    print(answer.read(), answer.headers["server"])
with websockets.sync.client.connect(f"ws://127.0.0.1:{port}/echo") as socket:
    socket.send("over a socket")
    print(socket.recv())
server.should_exit = True
thread.join()
