# /// script
# dependencies = ["pyzmq"]
# [tool.mempip]
# container = true
# ///
"""A bundled libzmq with libsodium: sockets over loopback, encrypted ones, headers that are shipped."""

import asyncio
import os

import zmq
import zmq.asyncio
import zmq.auth

context = zmq.Context()
public, secret = zmq.curve_keypair()
server = context.socket(zmq.REP)
server.curve_server, server.curve_secretkey = True, secret
port = server.bind_to_random_port("tcp://127.0.0.1")
client = context.socket(zmq.REQ)
client.curve_serverkey = public
client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
client.connect(f"tcp://127.0.0.1:{port}")
client.send_json({"a": 1})
print(server.recv_json())
server.send_multipart([b"x", b"y"])
print(client.recv_multipart(), zmq.has("curve"))


async def pair():
    asynchronous = zmq.asyncio.Context()
    one, two = asynchronous.socket(zmq.PAIR), asynchronous.socket(zmq.PAIR)
    one.bind("inproc://pair")
    two.connect("inproc://pair")
    await one.send_string("over memory")
    print(await two.recv_string())
    asynchronous.destroy()


asyncio.run(pair())
for directory in zmq.get_includes():
    print(sorted(name for name in os.listdir(directory) if name.endswith((".h", ".pxd"))))
context.destroy()
