# /// script
# dependencies = ["aiohttp[speedups]", "swagger-ui-bundle"]
# [tool.mempip]
# container = true
# ///
"""Server and client: static files of a package by sendfile, compressed answers, a web socket, a resolver in C."""

import asyncio

import aiohttp
import swagger_ui_bundle
from aiohttp import web


async def socket(request):
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    async for message in answer:
        await answer.send_str(message.data.upper())
        await answer.close()
    return answer


async def compressed(request):
    answer = web.json_response(list(range(200)))
    answer.enable_compression()
    return answer


async def main():
    app = web.Application()
    app.router.add_static("/static", swagger_ui_bundle.swagger_ui_path, show_index=True)
    app.router.add_get("/socket", socket)
    app.router.add_get("/compressed", compressed)
    runner = web.AppRunner(app)
    await runner.setup()
    await (site := web.TCPSite(runner, "127.0.0.1", 0)).start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    async with aiohttp.ClientSession() as session:
        async with session.get(url + "/static/swagger-ui-bundle.js") as answer:
            print(answer.status, answer.content_type, len(await answer.read()) > 10**6)
        async with session.get(url + "/static/index.css", headers={"Range": "bytes=2-7"}) as answer:
            print(answer.status, await answer.read())
        async with session.get(url + "/static/") as answer:
            print(answer.status, "swagger-ui-bundle.js" in await answer.text())
        async with session.get(url + "/compressed") as answer:
            print(answer.headers.get("Content-Encoding"), sum(await answer.json()))
        async with session.ws_connect(url + "/socket") as connection:
            await connection.send_str("abc")
            print((await connection.receive()).data)
    await runner.cleanup()


asyncio.run(main())
print(aiohttp.http_parser.HttpRequestParser.__module__, aiohttp.resolver.DefaultResolver.__name__)
