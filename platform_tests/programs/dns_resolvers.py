# /// script
# dependencies = ["aiodns", "pycares", "dnspython", "idna", "trustme"]
# [tool.mempip]
# container = true
# ///
"""c-ares by way of cffi, and dnspython, which finds the classes of records by name, ask a server of the program's."""

import asyncio
import socket
import threading

import aiodns
import dns.flags
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import dns.zone

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
port = server.getsockname()[1]


def serve():
    while True:
        data, address = server.recvfrom(4096)
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        value = {"A": "192.0.2.7", "MX": "5 mail.example.", "TXT": '"some text"'}[kind]
        answer.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", kind, value))
        server.sendto(answer.to_wire(), address)


threading.Thread(target=serve, daemon=True).start()
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = ["127.0.0.1"], port
for kind in ("A", "MX", "TXT"):
    print(kind, [record.to_text() for record in resolver.resolve("tea.example", kind)])


async def main():
    asynchronous = aiodns.DNSResolver(nameservers=["127.0.0.1"], udp_port=port, tcp_port=port)
    print((await asynchronous.query("tea.example", "A"))[0].host)


asyncio.run(main())
zone = dns.zone.from_text('@ IN SOA a. b. 1 2 3 4 5\n@ IN NS a.\n@ IN CAA 0 issue "x"\n', "example.", relativize=False)
print(
    sorted(dns.rdatatype.to_text(data.rdtype) for data in zone.get_node("example.")),
    idna_encoded := "ü.example".encode("idna"),
)
