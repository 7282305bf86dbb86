# /// script
# dependencies = ["protobuf", "googleapis-common-protos"]
# [tool.mempip]
# container = true
# ///
"""Messages in C (upb), well-known types, JSON, and definitions that namespace packages share."""

import google
import google.protobuf
from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, struct_pb2, text_format
from google.protobuf.internal import api_implementation
from google.rpc import error_details_pb2, status_pb2

print(google.protobuf.__version__, api_implementation.Type(), len(list(google.__path__)))
status = status_pb2.Status(code=5, message="gone")
status.details.add().Pack(error_details_pb2.RetryInfo())
print(json_format.MessageToJson(status, indent=None), text_format.MessageToString(status))
value = json_format.ParseDict({"a": [1, "x", None]}, struct_pb2.Struct())
print(sorted(value.fields), annotations_pb2.http.name, http_pb2.HttpRule(get="/x"))
file = descriptor_pb2.FileDescriptorProto(name="a.proto", syntax="proto3")
message = file.message_type.add(name="Tea")
message.field.add(name="name", number=1, type=9, label=1)
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Tea = message_factory.GetMessageClass(pool.FindMessageTypeByName("Tea"))
print(Tea.FromString(Tea(name="green").SerializeToString()))
