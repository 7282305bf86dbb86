# /// script
# dependencies = ["bcrypt", "argon2-cffi", "passlib"]
# [tool.mempip]
# container = true
# ///
"""Password hashes by Rust (bcrypt), by C that cffi binds (argon2), and by backends that passlib looks for."""

import argon2
import argon2.low_level
import bcrypt
from passlib.hash import argon2 as passlib_argon2
from passlib.hash import pbkdf2_sha256

print(bcrypt.hashpw(b"secret", b"$2b$05$CCCCCCCCCCCCCCCCCCCCC."), bcrypt.kdf(b"secret", b"salt", 16, 50).hex())
raw = argon2.low_level.hash_secret(b"secret", b"somesalt", 1, 64, 1, 16, argon2.low_level.Type.ID)
print(raw, argon2.PasswordHasher(1, 64, 1).verify(raw, "secret"), argon2.extract_parameters(raw.decode()))
print(passlib_argon2.using(rounds=1).verify("secret", raw), passlib_argon2.get_backend())
print(pbkdf2_sha256.using(rounds=10, salt=b"salt").hash("secret"))
