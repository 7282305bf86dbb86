"""The daemon's status in Prometheus' text format (version 0.0.4), and the little HTTP that a scraper speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: Name, kind, what it says, and where it is in the status.
_METRICS = (
    ("uptime_seconds", "gauge", "Seconds since the daemon began", "uptime"),
    ("clients", "gauge", "Clients that are connected", "clients"),
    ("images_handed_out_total", "counter", "Images that clients were handed", "served"),
    ("images_reused_total", "counter", "Images that were there when they were asked for", "reused"),
    ("installations_total", "counter", "Installations that were begun", "begun"),
    ("installations_failed_total", "counter", "Installations that ended with an error", "failed"),
    ("installations", "gauge", "Installations under way", "installing"),
    ("queued", "gauge", "Installations that wait for a worker", "queued"),
    ("wheels", "gauge", "Wheels that are kept", "wheels"),
    ("resolutions", "gauge", "Resolutions that are kept", "resolutions"),
    ("kept_bytes", "gauge", "Bytes of memory that are kept", "bytes"),
    ("limit_bytes", "gauge", "Bytes of memory that may be kept", "limit"),
    ("upstream_hits_total", "counter", "Wheels that another machine had put upstream", "upstream_hit"),
    ("upstream_misses_total", "counter", "Wheels that were not upstream", "upstream_miss"),
    ("upstream_damaged_total", "counter", "Wheels upstream that were something else", "upstream_damaged"),
    (
        "upstream_resolution_hits_total",
        "counter",
        "Resolutions that another machine had made",
        "upstream_resolution_hit",
    ),
    ("upstream_resolution_misses_total", "counter", "Resolutions that were made here", "upstream_resolution_miss"),
    ("upstream_resolution_refusals_total", "counter", "Resolutions forged or old", "upstream_resolution_refused"),
    ("upstream_lost_total", "counter", "Times that upstream did not answer", "upstream_lost"),
    ("evicted_total", "counter", "Wheels that were dropped to make room", "evicted"),
)


def render(status: Mapping[str, Any]) -> str:
    """Return the metrics of a status."""
    lines = []
    for name, kind, text, key in _METRICS:
        value = status[key]
        number = len(value) if isinstance(value, list) else value
        lines += [f"# HELP mempipd_{name} {text}.", f"# TYPE mempipd_{name} {kind}", f"mempipd_{name} {number}"]
    return "\n".join(lines) + "\n"


def respond(path: str, status: Mapping[str, Any]) -> bytes:
    """Return the HTTP response to a GET of `path`."""
    code, kind, body = "404 Not Found", "text/plain", "There is /metrics.\n"
    if path == "/metrics":
        code, kind, body = "200 OK", "text/plain; version=0.0.4; charset=utf-8", render(status)
    content = body.encode()
    head = f"HTTP/1.1 {code}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    return head.encode() + content
