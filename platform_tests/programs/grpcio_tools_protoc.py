# /// script
# dependencies = ["grpcio-tools", "googleapis-common-protos"]
# ///
"""A compiler in an extension, which reads definitions that packages ship, and the modules that it writes."""

import importlib.resources
import os
import sys

from google.type import money_pb2
from grpc_tools import protoc

with open("tea.proto", "w") as stream:
    stream.write(
        'syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "google/type/money.proto";\n'
        "message Tea { string name = 1; google.protobuf.Timestamp at = 2; google.type.Money price = 3; }\n"
        "service Shop { rpc Buy(Tea) returns (Tea); }\n"
    )
shipped = str(importlib.resources.files("grpc_tools") / "_proto")
common = os.path.dirname(os.path.dirname(money_pb2.__file__)).removesuffix("/google")
command = ["protoc", "-I.", f"-I{shipped}", f"-I{common}", "--python_out=.", "--grpc_python_out=.", "tea.proto"]
print(protoc.main(command), sorted(os.listdir(".")))
sys.path.insert(0, os.getcwd())
import tea_pb2
import tea_pb2_grpc

tea = tea_pb2.Tea(name="green")
tea.at.FromJsonString("2020-01-02T03:04:05Z")
tea.price.units = 3
print(tea.SerializeToString(), tea_pb2_grpc.ShopServicer.__name__)
