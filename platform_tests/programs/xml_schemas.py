# /// script
# dependencies = ["xmlschema", "elementpath", "zeep", "defusedxml", "xmltodict", "signxml"]
# ///
"""Schemas of the XML world that are shipped as files, and a SOAP service described by one."""

import http.server
import os
import threading

import defusedxml.ElementTree
import elementpath
import xmlschema
import zeep
import zeep.cache
import zeep.transports

print(len(xmlschema.XMLSchema10.meta_schema.maps.types), os.path.isfile(xmlschema.XMLSchema11.meta_schema.url[7:]))
schema = xmlschema.XMLSchema11(
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    '<xs:element name="n" type="xs:positiveInteger"/></xs:schema>'
)
print(schema.is_valid("<n>1</n>"), schema.is_valid("<n>0</n>"), schema.to_dict("<n>7</n>"))
tree = defusedxml.ElementTree.fromstring("<a><b x='1'/><b x='2'/></a>")
print(elementpath.select(tree, "sum(b/@x)"))
WSDL = """<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:tea" targetNamespace="urn:tea"
 xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema">
<types><x:schema targetNamespace="urn:tea"><x:element name="Brew"><x:complexType><x:sequence>
<x:element name="name" type="x:string"/></x:sequence></x:complexType></x:element>
<x:element name="Brewed" type="x:string"/></x:schema></types>
<message name="i"><part name="p" element="t:Brew"/></message>
<message name="o"><part name="p" element="t:Brewed"/></message>
<portType name="P"><operation name="Brew"><input message="t:i"/><output message="t:o"/></operation></portType>
<binding name="B" type="t:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Brew">
<soap:operation soapAction="brew"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
</operation></binding><service name="S"><port name="P" binding="t:B"><soap:address location="URL"/></port></service>
</definitions>"""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = (
            b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            b'<Brewed xmlns="urn:tea">done</Brewed></e:Body></e:Envelope>'
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open("tea.wsdl", "w") as stream:
    stream.write(WSDL.replace("URL", f"http://127.0.0.1:{server.server_port}/"))
transport = zeep.transports.Transport(cache=zeep.cache.SqliteCache("cache.db"))
print(zeep.Client("tea.wsdl", transport=transport).service.Brew(name="green"))
server.shutdown()
