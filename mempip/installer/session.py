"""One installation, top to bottom: requirements, resolution, downloads, image."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import mempip_native
from mempip.errors import InvalidImage, NativeUnavailable, WheelRefused
from mempip.image.layout import Distribution
from mempip.image.writer import write_index
from mempip.installer import report
from mempip.installer.destination import place
from mempip.installer.downloads import download
from mempip.installer.hash_checking import check_promises, require_hashes
from mempip.installer.index.catalog import Catalog
from mempip.installer.index.metadata import parse_metadata
from mempip.installer.requirements.gather import gather
from mempip.installer.resolution import resolve
from mempip.installer.target import Target
from mempip.installer.transport import Transport, redact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mempip.image.layout import Entry
    from mempip.installer.resolution import Resolution
    from mempip.installer.resolution.result import Pinned
    from mempip.installer.wheels import Wheel
    from mempip.options import InstallOptions
    from mempip_native import Adapter

    Send = Callable[[dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an installation: an image's memory objects, or the report of a dry run."""

    satisfied: list[dict[str, str]]  #: name and version of what was installed already and stays
    adapter: str = ""
    descriptors: list[int] = field(default_factory=list)  #: the index first, then the wheels
    report: dict[str, Any] | None = None  #: in pip's format


def install(options: InstallOptions, send: Send) -> Outcome:
    """Carry out `options`. Progress and warnings go to `send` as messages of `mempip.store`.

    Raises a `MempipError`; nothing remains then but this process's own memory.
    """
    adapter = _adapter(options.adapter)
    target = Target.current()

    def warn(text: str) -> None:
        send({"type": "warning", "text": text})

    wanted = gather(options, warn)
    options, hashes = wanted.options, wanted.hashes(target)
    with Transport(options) as transport, Catalog(transport, options, target, hashes) as catalog:
        send({"type": "progress", "phase": "resolve", "name": "", "done": 0, "total": None})
        resolution = resolve(
            wanted.requirements,
            catalog,
            target,
            pre=options.pre,
            no_deps=options.no_deps,
            upgrade=options.upgrade,
            installed=options.installed,
            constraints=wanted.constraints,
        )
        for text in resolution.warnings:
            warn(text)
        check_promises(resolution, hashes)
        if wanted.requires_hashes:
            require_hashes(resolution, wanted, target, transport)
        satisfied = [{"name": kept.name, "version": str(kept.version)} for kept in resolution.satisfied.values()]
        if options.dry_run:
            return Outcome(satisfied, report=report.installation_report(resolution, target))
        candidates = [pinned.candidate for pinned in resolution.pins.values()]
        wheels = download(candidates, transport, adapter, catalog.take_wheel, Progress(send), hashes)
    for pinned, wheel in zip(resolution.pins.values(), wheels, strict=True):
        _check_metadata(pinned, wheel)
    return Outcome(satisfied, adapter.name, seal(resolution, wheels, adapter))


def _check_metadata(pinned: Pinned, wheel: Wheel) -> None:
    """Raise `WheelRefused` if the verified wheel requires something else than what was resolved.

    What was resolved came beside the wheel or out of a part of it, before its hash could be checked.
    """
    member = f"{wheel.dist_info}/METADATA"
    raw = wheel.read(member)
    if raw == pinned.metadata.raw:
        return
    inside = parse_metadata(raw, pinned.candidate, {})
    if (inside.requires, inside.requires_python) != (pinned.metadata.requires, pinned.metadata.requires_python):
        raise WheelRefused(wheel.filename, "it requires something else than the index announced", member)


def seal(resolution: Resolution, wheels: Sequence[Wheel], adapter: Adapter) -> list[int]:
    """Write the index over `wheels` into a sealed object; return the descriptors of the image, the index first."""
    files: dict[str, Entry | bytes] = {}
    distributions = []
    for number, (pinned, wheel) in enumerate(zip(resolution.pins.values(), wheels, strict=True), start=1):
        file, direct = pinned.candidate.file, report.direct_url(pinned.candidate.file)
        files.update(place(wheel, number, requested=pinned.requested, direct_url=direct))
        distributions.append(
            Distribution(
                wheel.name,
                wheel.version,
                dist_info=wheel.dist_info,
                object=number,
                wheel=wheel.filename,
                sha256=wheel.sha256,
                requested=pinned.requested,
                url=redact(file.url) if direct else "",
            )
        )
    try:
        index = write_index(files, distributions)
    except InvalidImage as error:
        raise _conflict(error, wheels) from error
    descriptor = adapter.allocate("mempip-index")
    mempip_native.objects.write(descriptor, index)
    return [adapter.seal(descriptor), *(wheel.descriptor for wheel in wheels)]


def _conflict(error: InvalidImage, wheels: Sequence[Wheel]) -> WheelRefused:
    """Return the error that names the wheels which disagree whether a path is a file or a directory."""
    within = error.path + "/"
    names = [
        wheel.filename
        for wheel in wheels
        if any(path == error.path or path.startswith(within) for path in wheel.members)
    ]
    others = f" (see {', '.join(names[:-1])})" if names[1:] else ""
    return WheelRefused("".join(names[-1:]), f"it is both a file and a directory{others}", error.path)


class Progress:
    """Passes on the progress of downloads, not more often than people can read."""

    INTERVAL = 0.05  # seconds

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._next = 0.0

    def __call__(self, filename: str, done: int, total: int | None) -> None:
        """Tell that `done` of `total` bytes of a file are there."""
        now = time.monotonic()
        with self._lock:
            if now < self._next and done != total:
                return
            self._next = now + self.INTERVAL
            self._send({"type": "progress", "phase": "download", "name": filename, "done": done, "total": total})


def _adapter(name: str) -> Adapter:
    """Return the memory adapter to use: the one called `name`, or the first that works."""
    try:
        return mempip_native.select(name)
    except mempip_native.AdapterUnavailable as error:
        reasons = {probe.adapter: probe.reason for probe in error.probes} or {name: str(error)}
        raise NativeUnavailable(reasons) from error
