"""Builds, seen from the installer: one process for each source that has to be built.

A build stops at the metadata, which is all that the resolver wants of most versions, and goes on to the wheel when
it is asked for.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import mempip_native
from mempip.connection import Connection
from mempip.errors import BuildCycle, BuildFailed, BuildUnavailable, from_wire

if TYPE_CHECKING:
    import tempfile
    from collections.abc import Callable, Mapping, Sequence

#: Runs in the build process, isolated like the installer; its path is the installer's.
_BOOTSTRAP = """\
import sys
sys.path[:] = {path!r}
from mempip.installer.sources.build_room import main
main()
"""


@dataclass(frozen=True)
class Order:
    """What is to be built, and how."""

    source: str  #: what it is called in errors
    archive: str = ""  #: file name of the archive whose descriptor comes with the order
    directory: str = ""  #: a local directory instead
    repository: str = ""  #: or the address of a repository
    subdirectory: str = ""  #: of the source, where the project is
    editable: bool = False
    isolated: bool = True  #: a build environment of its own; otherwise the interpreter's
    build_directory: str = ""  #: an empty directory on a real file system, instead of one in memory
    config_settings: Mapping[str, Any] = field(default_factory=dict)

    def to_wire(self) -> dict[str, Any]:
        """Return the message that carries the order."""
        return {"type": "open", **asdict(self)}


class Build:
    """One build, begun. A context manager; when it is closed, nothing of the build is left.

    `provide` turns requirements (PEP 508) into the descriptors of an image that has them; `say` takes each line that
    the backend prints.
    """

    def __init__(
        self,
        order: Order,
        descriptors: Sequence[int],
        provide: Callable[[Sequence[str]], Sequence[int]],
        say: Callable[[str], object],
    ) -> None:
        self._source = order.source
        self._provide = provide
        self._say = say
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        if order.build_directory:
            self._directory = _directory_in(order.build_directory, order.source)
            order = replace(order, build_directory=self._directory.name)
        self._process, self._connection = _start(order.source)
        self._send(order.to_wire(), descriptors)

    def __enter__(self) -> Build:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def metadata(self) -> tuple[bytes, str]:
        """Return the METADATA that the wheel will have, and the commit that was checked out of a repository, or ``""``.

        Called once. Raises a `SourceError`.
        """
        message, _ = self._await("metadata")
        return str(message["metadata"]).encode(), str(message["commit"])

    def wheel(self) -> tuple[str, int]:
        """Build the wheel; return its file name and a descriptor of it, valid until the build is closed.

        Called once, after `metadata`. Raises a `SourceError`.
        """
        self._send({"type": "build"})
        message, (descriptor,) = self._await("wheel")
        return os.path.basename(message["filename"]), descriptor

    def close(self) -> None:
        """End the build, and whatever it has started."""
        mempip_native.scratch.end(self._process.pid)
        self._connection.close()
        self._process.wait()
        if self._directory is not None:
            self._directory.cleanup()

    def _send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        with contextlib.suppress(BrokenPipeError):  # ended already: receiving tells
            self._connection.send(message, descriptors)

    def _await(self, kind: str) -> tuple[dict[str, Any], list[int]]:
        """Serve the build until it sends a message of that kind."""
        while True:
            try:
                received = self._connection.receive()
            except ConnectionResetError:
                received = None
            if received is None:
                status = self._process.wait()
                raise BuildFailed(self._source, "the build process", f"it ended with status {status}")
            message, descriptors = received
            if message["type"] == kind:
                return message, descriptors
            if message["type"] == "error":
                raise from_wire(message["error"])
            if message["type"] == "requires":
                image = self._provide(message["requirements"])
                self._send({"type": "environment"}, image)
                for descriptor in image:
                    os.close(descriptor)
            elif message["type"] == "output":
                self._say(message["text"])


def _directory_in(directory: str, source: str) -> tempfile.TemporaryDirectory[str]:
    import tempfile  # slow to import

    try:
        place = os.path.abspath(directory)  # which TemporaryDirectory makes of it from Python 3.12 on
        return tempfile.TemporaryDirectory(prefix="mempip-build-", dir=place, ignore_cleanup_errors=True)
    except OSError as error:
        raise BuildUnavailable(source, f"{directory}: {error.strerror}") from error


def _start(source: str) -> tuple[subprocess.Popen[bytes], Connection]:
    try:
        command = [sys.executable, "-I", "-B", "-c", _BOOTSTRAP.format(path=sys.path)]
        process, channel = mempip_native.channels.start(command)
    except OSError as error:
        raise BuildUnavailable(source, f"no process could be started: {error.strerror}") from error
    return process, Connection(channel)


def check_cycle(chain: Sequence[str], source: str) -> tuple[str, ...]:
    """Return `chain`, the sources that wait for this build, with `source` at its end. Raises `BuildCycle`."""
    if source in chain:
        raise BuildCycle([*chain, source])
    return (*chain, source)
