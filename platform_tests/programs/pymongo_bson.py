# /// script
# dependencies = ["pymongo"]
# [tool.mempip]
# container = true
# ///
"""BSON in C, JSON of it, and a client that trusts certifi's bundle; nobody answers."""

import datetime

import bson
import bson.json_util
import pymongo

document = {
    "a": 1,
    "t": datetime.datetime(2020, 1, 2),
    "b": b"\x00",
    "i": bson.ObjectId("5" * 24),
    "d": bson.Decimal128("1.5"),
}
data = bson.encode(document)
print(pymongo.has_c(), bson.has_c(), len(data), bson.decode(data))
print(bson.json_util.dumps(document))
client = pymongo.MongoClient("127.0.0.1", 1, serverSelectionTimeoutMS=300)
try:
    client.db.command("ping")
except pymongo.errors.ServerSelectionTimeoutError as error:
    print("refused" in str(error))
client.close()
