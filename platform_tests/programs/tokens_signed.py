# /// script
# dependencies = ["pyjwt[crypto]", "jwcrypto", "authlib", "itsdangerous", "joserfc"]
# [tool.mempip]
# container = true
# ///
"""Tokens made by one library and read by another."""

import itsdangerous
import joserfc.jwk
import joserfc.jwt
import jwt
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from jwcrypto import jwe, jwk
from jwcrypto import jwt as jwcrypto_jwt

secret = "0123456789abcdef0123456789abcdef"
token = jwt.encode({"sub": "ada"}, secret, "HS256")
print(token, joserfc.jwt.decode(token, joserfc.jwk.OctKey.import_key(secret)).claims)
key = jwk.JWK.generate(kty="EC", crv="P-256")
signed = jwcrypto_jwt.JWT({"alg": "ES256"}, {"sub": "ada"})
signed.make_signed_token(key)
print(jwt.decode(signed.serialize(), key.export_to_pem(), ["ES256"]))
hidden = jwe.JWE(b"in memory", '{"alg": "dir", "enc": "A256GCM"}')
hidden.add_recipient(jwk.JWK(kty="oct", k="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"))
opened = jwe.JWE()
opened.deserialize(hidden.serialize(compact=True), jwk.JWK(kty="oct", k="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"))
print(opened.payload, create_s256_code_challenge("verifier"))
print(itsdangerous.URLSafeSerializer("secret", "salt").dumps([1, "two"]))
