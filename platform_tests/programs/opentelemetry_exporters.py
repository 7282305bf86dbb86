# /// script
# dependencies = ["opentelemetry-sdk", "opentelemetry-exporter-otlp", "opentelemetry-instrumentation-requests"]
# ///
"""Exporters, propagators and instrumentation that are found as entry points; spans sent to a server on loopback."""

import http.server
import os
import threading
from importlib.metadata import entry_points

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

RECEIVED = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        RECEIVED.extend(span.name for one in request.resource_spans for two in one.scope_spans for span in two.spans)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = url = f"http://127.0.0.1:{server.server_port}"

import requests
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

groups = ("opentelemetry_traces_exporter", "opentelemetry_propagator", "opentelemetry_instrumentor")
for group in groups:
    print(group, sorted({point.name for point in entry_points(group=group)}))
exporter = next(iter(entry_points(group=groups[0], name="otlp_proto_http"))).load()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter()))
trace.set_tracer_provider(provider)
next(iter(entry_points(group=groups[2], name="requests"))).load()().instrument()
with trace.get_tracer("tea").start_as_current_span("brew"):
    requests.get(url, timeout=20)
print(RECEIVED, type(propagate.get_global_textmap()).__name__, provider.resource.attributes["telemetry.sdk.language"])
server.shutdown()
