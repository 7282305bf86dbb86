# /// script
# dependencies = ["asyncpg"]
# [tool.mempip]
# container = true
# ///
"""A protocol in Cython; a server of the program's own says no."""

import asyncio

import asyncpg
from asyncpg.protocol import protocol


async def answer(reader, writer):
    await reader.read(1000)
    fields = b"SFATAL\0VFATAL\0C28000\0Mnot you\0\0"
    writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        await asyncpg.connect(host="127.0.0.1", port=port, user="u", database="d", ssl=False, timeout=20)
    except asyncpg.PostgresError as error:
        print(type(error).__name__, error.sqlstate, error)
    server.close()


asyncio.run(main())
print(protocol.BUILTIN_TYPE_NAME_MAP["int4"], asyncpg.Range(1, 5), asyncpg.Box((1, 2), (0, 0)))
