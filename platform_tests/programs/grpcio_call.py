# /// script
# dependencies = ["grpcio"]
# [tool.mempip]
# container = true
# ///
"""A server and a client in one process: C core, threads, and certificates that the package ships as a file."""

from concurrent import futures

import grpc


class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request[::-1])


server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[Echo()])
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    print(grpc.__version__, channel.unary_unary("/echo/Echo")(b"abc", timeout=20))
server.stop(None).wait()
print(grpc.ssl_channel_credentials() is not None)
