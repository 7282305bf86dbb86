# /// script
# dependencies = ["pycryptodomex", "cffi"]
# [tool.mempip]
# container = true
# ///
"""The same kind of libraries, opened with cffi, which is preferred where it is installed."""

from Cryptodome.Cipher import AES, Salsa20
from Cryptodome.Hash import MD4, RIPEMD160
from Cryptodome.Util import _raw_api

print(_raw_api.backend, AES.new(bytes(16), AES.MODE_EAX, nonce=bytes(8)).encrypt(b"in memory").hex())
print(
    Salsa20.new(bytes(32), bytes(8)).encrypt(b"in memory").hex(),
    MD4.new(b"x").hexdigest(),
    RIPEMD160.new(b"x").hexdigest(),
)
