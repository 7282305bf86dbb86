"""Verified wheels → an image: what they require is what was resolved, and the index over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mempip_native
from mempip.errors import InvalidImage, WheelRefused
from mempip.image.layout import Distribution
from mempip.image.writer import write_index
from mempip.installer import report
from mempip.installer.destination import place
from mempip.installer.index.metadata import parse_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mempip.image.layout import Entry
    from mempip.installer.index.model import ProjectFile
    from mempip.installer.resolution import Resolution
    from mempip.installer.resolution.result import Pinned
    from mempip.installer.wheels import Wheel
    from mempip_native import Adapter


def check_metadata(pinned: Pinned, wheel: Wheel) -> None:
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


def seal(
    resolution: Resolution,
    wheels: Sequence[Wheel],
    adapter: Adapter,
    commit_of: Callable[[ProjectFile], str],
    python: str,
) -> list[int]:
    """Write the index over `wheels` into a sealed object; return the descriptors of the image, the index first.

    Scripts are run by the interpreter `python`.
    """
    files: dict[str, Entry | bytes] = {}
    distributions = []
    for number, (pinned, wheel) in enumerate(zip(resolution.pins.values(), wheels, strict=True), start=1):
        file = pinned.candidate.file
        direct = report.direct_url(file, commit_of(file))
        files.update(place(wheel, number, requested=pinned.requested, direct_url=direct, python=python))
        distributions.append(
            Distribution(
                wheel.name,
                wheel.version,
                dist_info=wheel.dist_info,
                object=number,
                wheel=wheel.filename,
                sha256=wheel.sha256,
                requested=pinned.requested,
                url=report.direct_reference(direct) if direct else "",
            )
        )
    try:
        index = write_index(files, distributions)
    except InvalidImage as error:
        raise _conflict(error, wheels) from error
    return [mempip_native.sealed(adapter, "mempip-index", [index]), *(wheel.descriptor for wheel in wheels)]


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
