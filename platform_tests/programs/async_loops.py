# /// script
# dependencies = ["uvloop", "anyio[trio]", "aiofiles", "janus"]
# [tool.mempip]
# container = true
# ///
"""Event loops: libuv in an extension, children of it, and others behind one interface."""

import asyncio
import sys

import aiofiles
import anyio
import janus
import uvloop


async def main():
    loop = asyncio.get_running_loop()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import anyio; print(anyio.__name__)", stdout=-1
    )
    print(type(loop).__module__, (await process.communicate())[0], process.returncode)
    queue = janus.Queue()
    await loop.run_in_executor(None, queue.sync_q.put, "tea")
    print(await queue.async_q.get())
    await queue.aclose()
    async with aiofiles.open(aiofiles.__file__) as stream:
        print((await stream.read()).startswith('"""'))


async def nursery():
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0)
    print(await anyio.to_thread.run_sync(lambda: 42), await anyio.Path(anyio.__file__).exists())


uvloop.run(main())
for backend in ("asyncio", "trio"):
    anyio.run(nursery, backend=backend)
