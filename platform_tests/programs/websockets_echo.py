# /// script
# dependencies = ["websockets"]
# [tool.mempip]
# container = true
# ///
"""A server with compression and a client, lazily imported parts, and masking in C."""

import asyncio

import websockets
import websockets.speedups


async def echo(socket):
    async for message in socket:
        await socket.send(message[::-1])


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}") as socket:
            await socket.send("abc" * 1000)
            print(len(await socket.recv()), [type(extension).__name__ for extension in socket.protocol.extensions])


asyncio.run(main())
print(websockets.speedups.apply_mask(b"abcdef", b"1234"), len(websockets.__all__) > 30)
