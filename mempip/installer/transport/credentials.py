"""Which credentials go to which address: those written in the options' addresses, then netrc, then a keyring."""

from __future__ import annotations

import os
import sys
import threading
from posixpath import commonpath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mempip.errors import UsageError
from mempip.installer.transport.addresses import Login, Origin, basic_auth, origin_of, split_credentials
from mempip.installer.transport.keyrings import Keyring

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Known(NamedTuple):
    """An address of the options."""

    url: str  #: without credentials
    login: Login | None


class Credentials:
    """Looks up ``Authorization`` values: scheme, host and port must all fit. Thread-safe."""

    def __init__(self, addresses: Iterable[str], keyring_provider: str = "disabled") -> None:
        """Learn the credentials that `addresses` hold."""
        self._known: dict[Origin, list[_Known]] = {}
        self._netrc: dict[str, Login | None] = {}
        self._keyring = Keyring(keyring_provider)
        self._from_keyring: dict[str, str | None] = {}
        self._lock = threading.Lock()
        for address in addresses:
            try:
                clean, login = split_credentials(address)
                if "://" in clean:
                    self._known.setdefault(origin_of(clean), []).append(_Known(clean, login))
            except ValueError:
                continue  # no URL at all: whoever fetches it says so

    def find(self, url: str, given: Login | None = None) -> str | None:
        """Return the ``Authorization`` value for `url`, which had the login `given` in it, or None.

        Raises `UsageError` for an unreadable netrc file.
        """
        known = self._nearest(url)
        login = given or (known.login if known else None)
        if login is not None and login.password is not None:
            return login.authorization
        remembered = self._from_keyring.get(known.url if known else urlsplit(url).netloc)
        if remembered is not None:
            return remembered
        with self._lock:
            host = origin_of(url).host
            if host not in self._netrc:
                self._netrc[host] = _from_netrc(host)
            found = self._netrc[host]
        if found is not None and (login is None or login.user == found.user):
            return found.authorization
        return None if login is None else login.authorization  # a token, perhaps, which stands alone

    def after_refusal(self, url: str, given: Login | None = None) -> str | None:
        """Return what a keyring has for `url`, which the server refused without, or None. Each is asked for once.

        Raises `UsageError` if the keyring that the user asked for is not there.
        """
        known = self._nearest(url)
        login = given or (known.login if known else None)
        if login is not None and login.password is not None:
            return None
        place = known.url if known else urlsplit(url).netloc
        with self._lock:
            if place not in self._from_keyring:
                services = dict.fromkeys([place, urlsplit(url).netloc])
                found = self._keyring.find(services, login.user if login else None)
                self._from_keyring[place] = basic_auth(*found) if found else None
            return self._from_keyring[place]

    def _nearest(self, url: str) -> _Known | None:
        """Return the address of the same origin whose path `url` shares most of, as in pip; the first among equals."""
        several = self._known.get(origin_of(url), ())
        if len(several) < 2:
            return next(iter(several), None)
        path = _path(url)
        return max(several, key=lambda known: len(commonpath([path, _path(known.url)])), default=None)


def _path(url: str) -> str:
    return "/" + urlsplit(url).path.lstrip("/")


def _from_netrc(host: str) -> Login | None:
    path = os.environ.get("NETRC") or os.path.expanduser("~/_netrc" if sys.platform == "win32" else "~/.netrc")
    if not os.path.isfile(path):
        return None
    from netrc import NetrcParseError, netrc

    try:
        entry = netrc(path).authenticators(host)
    except NetrcParseError as fault:
        # Its message would quote what may be a password.
        raise UsageError("netrc", f"{path} cannot be read: near line {fault.lineno} it is no netrc file") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError("netrc", f"{path} cannot be read: {fault}") from fault
    return None if entry is None else Login(entry[0], entry[2] or "")
