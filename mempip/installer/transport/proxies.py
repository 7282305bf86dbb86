"""Which proxy the environment, or the system's settings, have for an address."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mempip.installer.transport.addresses import Origin

_SYSTEM_HAS_SETTINGS = sys.platform in ("darwin", "win32")


def proxy_of(origin: Origin) -> str:
    """Return the proxy to use for `origin`, as `urllib.request` finds it; empty for none."""
    if not _SYSTEM_HAS_SETTINGS and not any(name.lower().endswith("_proxy") for name in os.environ):
        return ""
    from urllib.request import getproxies, proxy_bypass  # slow to import, and most machines need no proxy

    if proxy_bypass(f"{origin.host}:{origin.port}"):
        return ""
    proxies = getproxies()
    return proxies.get(origin.scheme) or proxies.get("all", "")
