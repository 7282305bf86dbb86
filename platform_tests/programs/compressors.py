# /// script
# dependencies = ["zstandard", "lz4", "brotli", "python-snappy", "cramjam", "zopfli", "isal"]
# [tool.mempip]
# container = true
# ///
"""Compression in C, C++ and Rust, also by way of cffi, and by workers in threads."""

import io

import brotli
import cramjam
import isal.isal_zlib
import lz4.block
import lz4.frame
import snappy
import zopfli.zlib
import zstandard

data = b"packages in memory " * 500
samples = [b"sample %d of something" % n for n in range(1000)]
dictionary = zstandard.train_dictionary(1000, samples)
compressor = zstandard.ZstdCompressor(3, threads=2)
print(zstandard.backend, len(compressor.compress(data)) < 100, len(dictionary) <= 1000)
with zstandard.open(io.BytesIO(compressor.compress(data)), "rb") as stream:
    print(stream.read() == data)
print(len(lz4.frame.compress(data)), lz4.block.decompress(lz4.block.compress(data)) == data)
print(brotli.decompress(brotli.compress(data)) == data, snappy.uncompress(snappy.compress(data)) == data)
print(
    bytes(cramjam.bzip2.decompress(cramjam.bzip2.compress(data))) == data, bytes(cramjam.lz4.compress(data))[:4].hex()
)
print(len(zopfli.zlib.compress(data)), isal.isal_zlib.decompress(isal.isal_zlib.compress(data)) == data)
