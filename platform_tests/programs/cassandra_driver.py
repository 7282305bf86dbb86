# /// script
# dependencies = ["cassandra-driver"]
# requires-python = "<3.14"
# ///
"""Types and murmur hashes in C, and a cluster that nobody answers for."""

import cassandra.cluster
import cassandra.cmurmur3
import cassandra.cqltypes
import cassandra.io.libevwrapper
import cassandra.metadata
from cassandra.cluster import Cluster, NoHostAvailable

print(cassandra.cmurmur3.murmur3(b"key"), cassandra.metadata.Murmur3Token.from_key(b"key").value)
listing = cassandra.cqltypes.ListType.apply_parameters([cassandra.cqltypes.Int32Type])
print(listing.from_binary(listing.to_binary([1, 2], 4), 4), listing.cql_parameterized_type())
try:
    Cluster(["127.0.0.1"], port=1, protocol_version=4).connect()
except NoHostAvailable as error:
    print(type(error).__name__, cassandra.cluster.DefaultConnection.__name__)
