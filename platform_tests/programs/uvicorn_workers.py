# /// script
# dependencies = ["uvicorn", "starlette"]
# ///
"""Two workers that are interpreters of their own, started by the command."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

with open("application.py", "w") as stream:
    stream.write(
        "async def app(scope, receive, send):\n    if scope['type'] != 'http': return\n"
        "    from starlette.responses import PlainTextResponse\n"
        "    await PlainTextResponse('hello ' + scope['path'])(scope, receive, send)\n"
    )
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
command = [
    sys.executable,
    "-m",
    "uvicorn",
    "application:app",
    "--port",
    str(port),
    "--workers",
    "2",
    "--log-level",
    "critical",
]
server = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.getcwd()})
for _ in range(300):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/tea") as answer:
            print(answer.status, answer.read())
        break
    except urllib.error.URLError:
        if server.poll() is not None:
            break
        time.sleep(0.1)
server.send_signal(signal.SIGTERM)
print(server.wait(30) in (0, -signal.SIGTERM))
