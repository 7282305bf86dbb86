"""URLs as text: taking credentials out, hiding them, joining, and the way between ``file:`` URLs and paths.

Pure functions; nothing here touches the network.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import url2pathname

if TYPE_CHECKING:
    from collections.abc import Iterable


class Origin(NamedTuple):
    """Scheme, host and port of a URL: what credentials belong to (RFC 6454)."""

    scheme: str
    host: str
    port: int | None


class Login(NamedTuple):
    """What ``user:password@`` in a URL says; the password is ``None`` if there is only a name."""

    user: str
    password: str | None

    @property
    def authorization(self) -> str:
        """The value of an ``Authorization`` header."""
        return basic_auth(self.user, self.password or "")


@lru_cache(maxsize=64)  # each request asks several times
def origin_of(url: str) -> Origin:
    """Return the origin of `url`; default ports count as given. Raises `ValueError` if `url` is no URL."""
    parts = urlsplit(url)
    return Origin(parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme))


def target_of(url: str) -> str:
    """Return what a server is asked for: path and query (RFC 9112, 3.2.1). What is encoded already stays as it is."""
    parts = urlsplit(url)
    return quote(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", safe="!$%&'()*+,/:;=?@[]~")


def split_credentials(url: str) -> tuple[str, Login | None]:
    """Take ``user:password@`` out of `url`. Return the clean URL, and what was taken out or None."""
    if "@" not in url:
        return url, None
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    clean = urlunsplit(parts._replace(netloc=host))
    user, colon, password = userinfo.partition(":")
    return clean, Login(unquote(user), unquote(password) if colon else None) if userinfo else None


def basic_auth(user: str, password: str) -> str:
    """Return the value of an ``Authorization`` header (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


def redact(url: str) -> str:
    """Return `url` fit to be shown: without credentials, and without a query, which may hold a signature."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return re.sub(r"//.*@", "//", url, flags=re.DOTALL)
    shown = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
    # Of schemes that it does not know (git+file:///), urlunsplit leaves out an empty host.
    return shown.replace(":", "://", 1) if ":///" in url and "://" not in shown else shown


def hide_credentials(text: str) -> str:
    """Return `text` with the credentials of every address in it replaced by ``****``."""
    return re.sub(r"(?<=://)[^/?#\s]+@", "****@", text)


def is_secure(url: str, trusted_hosts: Iterable[str]) -> bool:
    """Say whether nobody on the way can change what comes from `url`, or the user trusts its host anyway."""
    try:
        origin = origin_of(url)
    except ValueError:
        return True  # no URL at all: whoever fetches it says so
    if origin.scheme != "http" or is_trusted(origin, trusted_hosts):
        return True
    return origin.host in ("localhost", "::1") or origin.host.startswith("127.")


def is_trusted(origin: Origin, trusted_hosts: Iterable[str]) -> bool:
    """Say whether `trusted_hosts`, each ``HOST`` or ``HOST:PORT``, name an origin; IPv6 addresses in brackets."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return not {host, f"{host}:{origin.port}"}.isdisjoint(entry.lower() for entry in trusted_hosts)


def is_file_url(url: str) -> bool:
    """Say whether `url` names something on this machine's file system."""
    return url[:5].lower() == "file:"


def path_of(url: str) -> str:
    """Return the path that a ``file:`` URL names (RFC 8089)."""
    parts = urlsplit(url)
    host = "" if parts.netloc in ("", "localhost") else f"//{parts.netloc}"
    return url2pathname(host + parts.path)


def file_url(path: str) -> str:
    """Return the ``file:`` URL of `path`, made absolute."""
    return Path(os.path.abspath(path)).as_uri()
