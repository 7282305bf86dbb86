"""What a client asks for: read, checked, and reduced to the key under which equal requests share an answer."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mempip.errors import DaemonRefused, MempipError, ProtocolError
from mempip.image.code import kind
from mempip.options import MANNERS, InstallOptions
from mempip.store.daemon.rules import is_own
from mempip.store.protocol import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

if sys.platform != "linux":
    raise ImportError("for Linux only")

#: Optimisation levels of Python's ``-O``.
LEVELS = (0, 1, 2)
#: Names of environments.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
#: What may hold credentials: an address, with or without a name in front of it.
_ADDRESS = re.compile(r"(?:@\s*)?\S*://.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to install. ``key`` is equal for requests that have the same answer.

    A ``stranger`` is neither the daemon's user nor root: for one of those nothing is built, which would run code as the
    daemon's user, and no credentials of the daemon's user are used.
    """

    options: InstallOptions
    python: dict[str, Any]
    refresh: bool
    uid: int
    stranger: bool
    optimize: int  #: the optimisation level of the client's code, or -1 if it cannot load what is compiled here
    key: str
    own_key: str  #: that of the same request by the daemon's user
    environment: str = ""  #: the named environment that it is for
    base: int = 0  #: the version of that which it begins with
    directory: str = ""  #: where its files are named from; ``""`` if there are none

    @property
    def flight(self) -> tuple[str, bool]:
        """What requests have in common that may wait for one installation."""
        return self.key, self.refresh

    @property
    def shown(self) -> list[str]:
        """The requirements as they may be shown: addresses may hold credentials."""
        return [_ADDRESS.sub("@ …", text) for text in self.options.requirements]


class NotHere(Exception):
    """What was asked for is for an installer of the client's own; the argument says why."""


def check_version(message: dict[str, Any]) -> None:
    """Raise `DaemonRefused` if a request is of another version of the protocol."""
    if message.get("protocol") != VERSION:
        raise DaemonRefused(
            f"the client speaks version {message.get('protocol')!r} of the protocol, and the daemon version {VERSION}; "
            "install the same mempip on both sides"
        )


def read_environment(message: dict[str, Any]) -> str:
    """Return the name of the environment that a request is about, ``""`` for none. Raises `ProtocolError`."""
    name = message.get("environment", "")
    if not isinstance(name, str) or (name and not NAME.fullmatch(name)):
        raise ProtocolError(f"{name!r} is no name of an environment: letters, digits and '._-', 100 at most")
    return name


def read_install(
    message: dict[str, Any],
    network: InstallOptions,
    uid: int,
    *,
    same_files: bool,
    base: int = 0,
    installed: Iterable[Mapping[str, Any]] | None = None,
) -> Request:
    """Return the request in a message. `network` says by which certificates and proxy this daemon reaches indexes.

    `same_files` says whether paths mean for the daemon what they mean for the client; `base` is the version of the
    named environment that it is for, and `installed` what that has, in the place of what the client has. Raises
    `ProtocolError` for what makes no sense, and `NotHere`.
    """
    options, python = _read(message)
    if installed is not None:
        options = options.replace(installed=installed)
    digest, directory = _read_files(message)
    if options.names_files and not (directory and same_files):
        raise NotHere("requirements are in files that only the client sees, or can read")
    _refuse_what_is_the_clients(options, network, same_files)
    parts = {name: value for name, value in options.to_wire().items() if name not in MANNERS}
    places = [(place, _changed(place)) for place in options.find_links if os.path.isabs(place)]
    environment = read_environment(message)
    own_key, strangers_key = (
        _digest([parts, python, places, digest, directory, environment, base, stranger]) for stranger in (False, True)
    )
    options = options.replace(cache_dir="", cert=network.cert, proxy=network.proxy)
    stranger = not is_own(uid)
    if stranger:
        options = options.replace(only_binary=[":all:"], no_binary=())
    key = strangers_key if stranger else own_key
    refresh, level = bool(message.get("refresh")), read_level(message)
    return Request(options, python, refresh, uid, stranger, level, key, own_key, environment, base, directory)


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read_level(message: dict[str, Any]) -> int:
    """Return the optimisation level of the code that a client can load, -1 if none that is compiled here."""
    return next((level for level in LEVELS if message.get("code") == kind(level)), -1)


def read_projects(message: dict[str, Any]) -> list[str]:
    """Return the names of projects in a message. Raises `ProtocolError`."""
    projects = message.get("projects")
    if not isinstance(projects, list) or not projects or not all(isinstance(name, str) for name in projects):
        raise ProtocolError("names of projects cannot be read")
    return projects


def read_loan(message: dict[str, Any]) -> tuple[str, int, int]:
    """Return what a client wants to be lent: the sha256 of its wheel, the place in that, the optimisation level.

    That of a library is -1. Raises `ProtocolError`, and `DaemonRefused` for code that is not compiled here.
    """
    sha256, place, level = message.get("wheel"), message.get("place"), -1
    if not isinstance(sha256, str) or not isinstance(place, int):
        raise ProtocolError("what is to be lent cannot be read")
    if message.get("type") == "code":
        level = read_level(message)
        if level < 0:
            raise DaemonRefused(f"code of the kind {message.get('code')!r} is not compiled here")
    return sha256, place, level


def _read_files(message: dict[str, Any]) -> tuple[str, str]:
    """Return the digest of the files that a request names, and the directory that they are named from."""
    files = message.get("files")
    if files is None:
        return "", ""
    digest, directory = (files.get(name) if isinstance(files, dict) else None for name in ("digest", "directory"))
    if not isinstance(digest, str) or not isinstance(directory, str) or not os.path.isabs(directory):
        raise ProtocolError("what files a request names cannot be read")
    return digest, directory


def _read(message: dict[str, Any]) -> tuple[InstallOptions, dict[str, Any]]:
    try:
        options, python = InstallOptions.from_wire(message["options"]), dict(message["python"])
        _check(options, python)
    except (AttributeError, KeyError, TypeError, ValueError, MempipError) as error:
        raise ProtocolError(f"a request to install cannot be read ({type(error).__name__}: {error})") from error
    return options, python


def _check(options: InstallOptions, python: dict[str, Any]) -> None:
    """Raise `TypeError` for options of another type; everything that is sent on to a worker is plain."""
    for name, value in options.to_wire().items():
        if isinstance(value, tuple) and name != "installed" and not all(isinstance(item, str) for item in value):
            raise TypeError(name)
    for name in ("index_url", "cert", "client_cert", "keyring_provider", "proxy", "adapter", "build_dir", "program",
                 "lock", "lock_for", "exclude_newer", "uploaded_prior_to"):  # fmt: skip
        if not isinstance(getattr(options, name), str):
            raise TypeError(name)
    if not isinstance(python["executable"], str) or not all(isinstance(part, (int, str)) for part in python["version"]):
        raise TypeError("python")


def _refuse_what_is_the_clients(options: InstallOptions, network: InstallOptions, same_files: bool) -> None:
    if options.lock_for:
        raise NotHere("a lock file is made")
    if options.names_target:
        raise NotHere("what is not named of another Python is as the client's own")
    if options.exclude_newer or options.uploaded_prior_to:
        raise NotHere("days and durations are counted by the client's clock")
    if options.editables:
        raise NotHere("--editable imports from where a project lies")
    if options.build_dir or not options.build_isolation:
        raise NotHere("builds are to use what is the client's own")
    if options.cert not in ("", network.cert) or options.proxy not in ("", network.proxy):
        raise NotHere("--cert or --proxy differ from those of the daemon")
    if options.client_cert or options.keyring_provider != "disabled" or options.no_proxy_env:
        raise NotHere("--client-cert, --keyring-provider and --no-proxy-env are about the client's own ways")
    places = (options.index_url, *options.extra_index_urls, *options.find_links)
    if not same_files and any(_is_local(place) for place in places):
        raise NotHere("--index-url or --find-links name files that the daemon does not see")


def _is_local(place: str) -> bool:
    return "://" not in place or place.lower().startswith("file:")


def _changed(place: str) -> int:
    """Return when a directory changed last, so that an answer made of what was in it before is not given again."""
    try:
        return os.stat(place).st_mtime_ns
    except OSError:
        return 0
