"""The process that carries out one installation for the daemon, and ends.

Heavy half. What it wants to fetch it asks the daemon for first, by the hash that the index promises, so that each
wheel is fetched once and is in memory once.

=============  =========  ================================================================================
type           direction  other members
=============  =========  ================================================================================
``order``      → worker   ``options``, ``python`` (`mempip.store.python.describe`), ``stranger`` (`Request`),
                          ``directory``: where files are named from, or ``""``; ``refresh``: whether what others
                          have resolved is not to be taken; ``upstream``: ``url``, ``key`` (or ``""``) and
                          ``lifetime`` of an engine (`engine.Engine`), or nothing
``want``       daemon ←   ``sha256``: what this worker needs
``have``       → worker   ``sha256``; one descriptor: the wheel
``fetch``      → worker   ``sha256``: it is this worker's to fetch
``failed``     both       ``sha256``, ``error``: whoever was to fetch it could not
``release``    daemon ←   ``sha256``: this worker does not need it any more
``wheel``      daemon ←   ``sha256``, ``filename``; one descriptor: it was fetched
``upstream``   daemon ←   ``outcome``, ``reason``: what came of asking the engine (`upstream.Upstream`)
``declined``   daemon ←   ``reason``: the client needs an installer of its own
``image``      daemon ←   as to clients, with ``wheels``: filename and sha256 of each, and ``age``: that of the
                          resolution, in seconds
=============  =========  ================================================================================

``progress``, ``warning``, ``output``, ``report`` and ``error`` are those of `mempip.store`.
"""

from __future__ import annotations

import gc
import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import mempip_native
from mempip.connection import Connection, take_order
from mempip.errors import BuildForOther, MempipError, from_wire, to_wire
from mempip.installer.transport import is_file_url
from mempip.options import InstallOptions
from mempip.store.one_call import translate
from mempip.store.python import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from mempip.installer.requirements.gather import Wanted
    from mempip.store.daemon.upstream import Upstream


def main() -> None:
    """Carry out the order of the daemon that started this process. Ends it when the daemon closes its end."""
    connection, order, _ = take_order()
    line = Line(connection)
    threading.Thread(target=line.listen, daemon=True).start()
    gc.disable()  # as in `one_call`
    mempip_native.objects.raise_limit()
    try:
        _carry_out(order, line)
    except (Declined, BuildForOther) as refusal:
        line.send({"type": "declined", "reason": str(refusal)})
    except Exception as error:  # noqa: BLE001 - whatever it is, the clients must hear of it
        line.send({"type": "error", "error": to_wire(translate(error))})
    os._exit(0)


class Declined(Exception):
    """The client needs an installer of its own; the argument says why."""


def _carry_out(order: dict[str, Any], line: Line) -> None:
    from mempip.installer import session
    from mempip.installer.downloads import digests
    from mempip.installer.target import Target

    if order["stranger"]:
        os.environ["NETRC"] = os.devnull  # what the daemon's user may fetch is not for others
    if order["directory"]:
        os.chdir(order["directory"])
    options = InstallOptions.from_wire(order["options"])
    target = Target.of(order["python"], describe())
    if target is None:
        raise Declined("the daemon cannot tell which wheels this Python takes")
    if not target.is_current:
        options = options.replace(only_binary=[":all:"], no_binary=())  # a build would be for the daemon's Python
    resolutions: Resolutions | None = None
    if terms := order["upstream"]:
        from mempip.store.daemon.resolutions import Resolutions
        from mempip.store.daemon.upstream import Upstream

        line.upstream = Upstream(terms["url"], mempip_native.select(options.adapter), line.tell_upstream)
        if terms["key"]:
            about = {"refresh": order["refresh"], "stranger": order["stranger"]}
            resolutions = Resolutions(line.upstream, terms["key"], terms["lifetime"], **about)
    outcome = session.install(options, line.send, target=target, shelf=line, pool=resolutions, check=_check)
    if outcome.report is not None:
        line.send({"type": "report", "report": outcome.report, "satisfied": outcome.satisfied})
        return
    wheels = [
        {"filename": filename, "sha256": sha256 or digests(descriptor, ["sha256"])["sha256"]}
        for (filename, sha256), descriptor in zip(outcome.wheels, outcome.descriptors[1:], strict=True)
    ]
    message = {"type": "image", "adapter": outcome.adapter, "satisfied": outcome.satisfied, "wheels": wheels}
    line.send(message | {"age": resolutions.age if resolutions else 0.0}, outcome.descriptors)


def _check(wanted: Wanted) -> None:
    """Raise `Declined` if a requirement is on a disk: that may be another one than the client's, and may change."""
    for requirement in wanted.requirements:
        if requirement.file is not None and is_file_url(requirement.file.url):
            raise Declined(f"{requirement} is on a disk")


class Line:
    """The connection to the daemon, for several threads: the installer's `Shelf`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._wanted: dict[str, Future[int | None]] = {}
        self._wanting = threading.Lock()
        self.upstream: Upstream | None = None

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send a message to the daemon."""
        with self._sending:
            self._connection.send(message, descriptors)

    def listen(self) -> None:
        """Take the daemon's answers. Ends this process when it closes its end."""
        try:
            while (received := self._connection.receive()) is not None:
                self._take(*received)
        finally:
            os._exit(1)

    def _take(self, message: dict[str, Any], descriptors: list[int]) -> None:
        future = self._wanted.pop(message["sha256"])
        if message["type"] == "failed":
            future.set_exception(from_wire(message["error"]))
        else:
            future.set_result(descriptors[0] if descriptors else None)

    def obtain(self, sha256: str, filename: str, fetch: Callable[[], int]) -> tuple[int, bool]:
        """See `mempip.installer.downloads.Shelf`."""
        future: Future[int | None] = Future()
        with self._wanting:
            self._wanted[sha256] = future
            self.send({"type": "want", "sha256": sha256})
        found = future.result()
        if found is not None:
            return found, True
        others = False
        try:
            if self.upstream is None:
                descriptor = fetch()
            else:
                descriptor, others = self.upstream.obtain(sha256, filename, fetch)
        except MempipError as error:
            self.send({"type": "failed", "sha256": sha256, "error": to_wire(error)})
            raise
        except BaseException:
            self.send({"type": "release", "sha256": sha256})
            raise
        self.send({"type": "wheel", "sha256": sha256, "filename": filename}, [descriptor])
        return descriptor, others

    def tell_upstream(self, outcome: str, reason: str) -> None:
        """Tell the daemon what came of asking the engine upstream."""
        self.send({"type": "upstream", "outcome": outcome, "reason": reason})
