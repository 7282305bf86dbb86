# /// script
# dependencies = ["pynacl"]
# [tool.mempip]
# container = true
# ///
"""libsodium inside of an extension that cffi made: boxes, signatures and password hashes."""

import nacl.bindings
import nacl.encoding
import nacl.hash
import nacl.pwhash
import nacl.secret
import nacl.signing
from nacl.public import PrivateKey, SealedBox

box = nacl.secret.SecretBox(bytes(32))
sealed = box.encrypt(b"in memory", bytes(24))
print(sealed.hex(), box.decrypt(sealed))
key = nacl.signing.SigningKey(bytes(32))
print(key.verify_key.verify(key.sign(b"message")), key.verify_key.encode(nacl.encoding.Base64Encoder))
print(nacl.hash.blake2b(b"x", digest_size=16), SealedBox(PrivateKey(bytes(32)).public_key) is not None)
kdf = nacl.pwhash.argon2id
print(kdf.kdf(16, b"secret", bytes(16), opslimit=kdf.OPSLIMIT_MIN, memlimit=kdf.MEMLIMIT_MIN).hex())
