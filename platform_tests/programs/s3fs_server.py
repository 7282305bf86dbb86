# /// script
# dependencies = ["s3fs", "moto[server,s3]"]
# ///
"""A file system in the cloud, found through an entry point of fsspec, against a server of moto's on loopback."""

import fsspec
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
host, port = server.get_host_and_port()
files = fsspec.filesystem("s3", key="a", secret="b", endpoint_url=f"http://{host}:{port}")
files.mkdir("bucket")
with files.open("bucket/folder/file.txt", "wb") as stream:
    stream.write(b"line\n" * 3)
print(type(files).__name__, files.ls("bucket/folder"), files.cat("bucket/folder/file.txt"))
print(files.info("bucket/folder/file.txt")["size"], sorted(files.find("bucket")))
server.stop()
