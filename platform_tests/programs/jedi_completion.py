# /// script
# dependencies = ["jedi", "rope", "python-lsp-server"]
# ///
"""Completion with the types that the package ships, in this process and in a child; a language server over pipes."""

import json
import subprocess
import sys

import jedi

environment = jedi.InterpreterEnvironment()
script = jedi.Script("import json\njson.lo", environment=environment)
print(
    [completion.name for completion in script.complete()],
    jedi.Script("''.joi", environment=environment).complete()[0].name,
)
print([name.name for name in jedi.Script("import parso\nparso.parse", environment=environment).infer(2, 8)])
print([signature.to_string() for signature in jedi.Interpreter("pow(", [{}]).get_signatures()][:1])
server = subprocess.Popen([sys.executable, "-m", "pylsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def call(number, method, **parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    server.stdin.flush()
    while True:
        headers = iter(server.stdout.readline, b"\r\n")
        length = int(next(line for line in headers if line.lower().startswith(b"content-length")).split()[1])
        list(headers)
        answer = json.loads(server.stdout.read(length))
        if answer.get("id") == number:
            return answer["result"]


started = call(1, "initialize", processId=None, rootUri=None, capabilities={})
print(sorted(started["capabilities"])[:3], started["serverInfo"]["name"])
call(2, "shutdown")
server.stdin.close()
server.wait()
