# /// script
# dependencies = ["pyopenssl", "trustme"]
# [tool.mempip]
# container = true
# ///
"""Connections of OpenSSL through bytes in memory, with authorities that are given as objects."""

import OpenSSL
import trustme
from OpenSSL import SSL, crypto

authority = trustme.CA()
server_context, client_context = SSL.Context(SSL.TLS_METHOD), SSL.Context(SSL.TLS_METHOD)
authority.issue_cert("memory").configure_cert(server_context)
client_context.set_verify(SSL.VERIFY_PEER)
authority.configure_trust(client_context)
client, server = SSL.Connection(client_context), SSL.Connection(server_context)
client.set_connect_state()
server.set_accept_state()
for _ in range(6):
    for one, other in ((client, server), (server, client)):
        try:
            one.do_handshake()
        except SSL.WantReadError:
            pass
        try:
            other.bio_write(one.bio_read(65536))
        except SSL.WantReadError:
            pass
client.send(b"in memory")
server.bio_write(client.bio_read(65536))
print(server.recv(100), client.get_protocol_version_name(), OpenSSL.__version__ > "20")
print(client.get_peer_certificate().get_subject().CN, crypto.TYPE_RSA)
