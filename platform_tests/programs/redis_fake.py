# /// script
# dependencies = ["redis[hiredis]", "fakeredis[lua,json]"]
# ///
"""A client with its parser in C against a server in Python, which reads its commands from files, and Lua."""

import fakeredis
import hiredis
import redis
from redis._parsers import _HiredisParser

reader = hiredis.Reader()
reader.feed(b"*2\r\n$5\r\nhello\r\n:5\r\n")
print(reader.gets(), hiredis.pack_command((b"SET", b"a", b"1")))
server = fakeredis.FakeRedis()
server.set("a", 1)
print(server.incr("a"), server.lpush("list", 1, 2, 3), server.lrange("list", 0, -1))
print(server.eval("return {KEYS[1], redis.call('get', 'a')}", 1, "a"))
server.json().set("doc", "$", {"a": [1, 2]})
print(server.json().get("doc", "$.a[1]"), redis.connection.DefaultParser is _HiredisParser)
try:
    redis.Redis("127.0.0.1", 1).ping()
except redis.ConnectionError as error:
    print(type(error).__name__)
