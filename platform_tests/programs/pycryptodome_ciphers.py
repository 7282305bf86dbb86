# /// script
# dependencies = ["pycryptodome"]
# [tool.mempip]
# container = true
# ///
"""Some forty libraries that are opened by path with ctypes: ciphers, hashes, curves, key derivation."""

from Crypto.Cipher import AES, ChaCha20_Poly1305
from Crypto.Hash import KMAC128, SHA3_256, BLAKE2b, keccak
from Crypto.Protocol.KDF import bcrypt, scrypt
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import eddsa
from Crypto.Util import strxor
from Crypto.Util.number import getPrime, isPrime

cipher = AES.new(bytes(16), AES.MODE_GCM, nonce=bytes(12))
print(cipher.encrypt_and_digest(b"in memory"))
print(ChaCha20_Poly1305.new(key=bytes(32), nonce=bytes(12)).encrypt(b"in memory").hex())
print(SHA3_256.new(b"x").hexdigest(), BLAKE2b.new(data=b"x", digest_bits=128).hexdigest())
print(KMAC128.new(key=bytes(16), data=b"x", mac_len=16).hexdigest(), keccak.new(data=b"x", digest_bits=256).hexdigest())
print(scrypt("secret", "salt", 16, 16, 8, 1).hex(), bcrypt("secret", 5, bytes(16)))
key = ECC.construct(curve="ed25519", seed=bytes(32))
print(eddsa.new(key, "rfc8032").sign(b"message").hex(), strxor.strxor(b"ab", b"cd"), isPrime(getPrime(64)))
print(RSA.generate(1024).size_in_bits(), ECC.generate(curve="p256").curve)
