# /// script
# dependencies = ["python-socketio[asyncio_client]", "aiohttp"]
# [tool.mempip]
# container = true
# ///
"""A server and a client that talk over a web socket."""

import asyncio

import socketio
from aiohttp import web


async def main():
    server = socketio.AsyncServer(async_mode="aiohttp")
    app = web.Application()
    server.attach(app)
    server.on("shout", lambda sid, text: text.upper())
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with socketio.AsyncSimpleClient() as client:
        await client.connect(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}", transports=["websocket"])
        print(await client.call("shout", "hello"), client.transport)
    await runner.cleanup()


asyncio.run(main())
