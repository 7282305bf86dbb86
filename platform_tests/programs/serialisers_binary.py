# /// script
# dependencies = ["msgpack", "msgspec", "cbor2", "bitarray", "ormsgpack"]
# [tool.mempip]
# container = true
# ///
"""Binary formats in C, Cython and Rust."""

import datetime

import bitarray
import bitarray.util
import cbor2
import msgpack
import msgspec
import ormsgpack

value = {"a": [1, 2.5, None, True], "b": b"\x00\xff", "c": "ø" * 3}
packed = msgpack.packb(value)
print(packed.hex(), msgpack.unpackb(packed) == value, msgpack.Packer.__module__)
print(ormsgpack.packb(value) == packed, msgspec.msgpack.decode(packed) == value)
print(
    cbor2.dumps(value).hex(),
    cbor2.loads(cbor2.dumps({"t": datetime.date(2020, 1, 2)}, date_as_datetime=True, timezone=datetime.timezone.utc)),
)
print(bitarray.util.ba2hex(bitarray.bitarray("11110000")), len(bitarray.util.urandom(9)))


class Tea(msgspec.Struct):
    name: str
    grams: float = 1


print(msgspec.json.decode(b'{"name": "green"}', type=Tea), msgspec.yaml.__name__)
