# /// script
# dependencies = ["cryptography"]
# [tool.mempip]
# container = true
# ///
"""OpenSSL and Rust in one extension: signatures, authenticated encryption, certificates' names."""

import cryptography
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
signature = key.sign(b"in memory")
key.public_key().verify(signature, b"in memory")
print(cryptography.__version__, signature.hex())
print(key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex())
print(PBKDF2HMAC(hashes.SHA256(), 32, b"salt", 1000).derive(b"secret").hex())
fernet = Fernet(Fernet.generate_key())
print(fernet.decrypt(fernet.encrypt(b"there and back")))
print(x509.Name.from_rfc4514_string("CN=mempip,O=Memory").rfc4514_string())
