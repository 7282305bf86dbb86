"""Which credentials go to which origin: those written in the options' addresses, then netrc."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from mempip.errors import UsageError
from mempip.installer.transport.addresses import Origin, basic_auth, origin_of, split_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable


class Credentials:
    """Looks up ``Authorization`` values by origin: scheme, host and port must all fit."""

    def __init__(self, addresses: Iterable[str]) -> None:
        """Learn the credentials that `addresses` hold; the first of an origin wins."""
        self._by_origin: dict[Origin, str | None] = {}
        for address in addresses:
            try:
                clean, authorization = split_credentials(address)
                if authorization and "://" in clean:
                    self._by_origin.setdefault(origin_of(clean), authorization)
            except ValueError:
                continue  # no URL at all: whoever fetches it says so

    def find(self, url: str) -> str | None:
        """Return the ``Authorization`` value for `url`, or None.

        Raises `UsageError` for an unreadable netrc file.
        """
        origin = origin_of(url)
        if origin not in self._by_origin:
            self._by_origin[origin] = _from_netrc(origin.host)
        return self._by_origin[origin]


def _from_netrc(host: str) -> str | None:
    path = os.environ.get("NETRC") or os.path.expanduser("~/_netrc" if sys.platform == "win32" else "~/.netrc")
    if not os.path.isfile(path):
        return None
    from netrc import NetrcParseError, netrc

    try:
        entry = netrc(path).authenticators(host)
    except (NetrcParseError, OSError, UnicodeDecodeError) as fault:
        raise UsageError("netrc", f"{path} cannot be read: {fault}") from fault
    return None if entry is None else basic_auth(entry[0], entry[2] or "")
