# /// script
# dependencies = ["google-crc32c", "xxhash", "mmh3", "blake3", "cityhash", "murmurhash", "preshed"]
# [tool.mempip]
# container = true
# ///
"""Hash functions in C, C++ and Rust; headers that Cython code of others includes."""

import os

import blake3
import google_crc32c
import mmh3
import murmurhash
import murmurhash.mrmr
import preshed.counter
import xxhash

print(hex(google_crc32c.value(b"x" * 100)), google_crc32c.implementation, xxhash.xxh3_128_hexdigest(b"x"))
print(
    mmh3.hash128(b"x", 3),
    mmh3.hash_from_buffer(bytearray(b"x")),
    blake3.blake3(b"x" * 10**6, max_threads=2).hexdigest(),
)
print(murmurhash.mrmr.hash("x"), sorted(os.listdir(os.path.join(murmurhash.get_include(), "murmurhash"))))
counter = preshed.counter.PreshCounter()
counter.inc(5, 3)
print(counter[5])
