# /// script
# dependencies = ["pyopenssl", "certifi"]
# ///
"""certifi's bundle of authorities, by path, for OpenSSL as cryptography has it."""

import certifi
from OpenSSL import SSL

context = SSL.Context(SSL.TLS_CLIENT_METHOD)
context.load_verify_locations(certifi.where())
print(context.get_cert_store() is not None)
