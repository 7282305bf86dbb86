"""HTML → what the Simple API says in it (PEP 503, 629): anchors, the base address, the API version."""

from __future__ import annotations

from html.parser import HTMLParser


class AnchorReader(HTMLParser):
    """Collects the attributes of anchors, the base address and the API version."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: list[dict[str, str | None]] = []
        self.base = ""
        self.api_version: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.anchors.append(dict(attrs))
        elif tag == "base" and not self.base:
            self.base = dict(attrs).get("href") or ""
        elif tag == "meta":
            attributes = dict(attrs)
            if attributes.get("name") == "pypi:repository-version":
                self.api_version = attributes.get("content")
