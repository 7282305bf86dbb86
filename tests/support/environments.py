"""Environments of made-up wheels, without an installer process or an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mempip_native
from mempip.image.layout import Distribution
from mempip.image.writer import write_index
from mempip.installer.destination import place
from mempip.installer.wheels import open_wheel
from mempip.runtime.environment import Environment

if TYPE_CHECKING:
    from mempip.image.layout import Entry
    from mempip.installer.wheels import Wheel


def memory(data: bytes) -> int:
    """Return the descriptor of a sealed memory object that holds `data`."""
    return mempip_native.sealed(mempip_native.adapters()[0], "test", [data])


def opened(wheel: tuple[str, bytes]) -> Wheel:
    """Return the verified wheel of a file name and bytes."""
    filename, data = wheel
    return open_wheel(filename, memory(data))


def environment(*wheels: tuple[str, bytes], files: str = "overlay") -> Environment:
    """Return an environment, not active yet, of wheels given as file name and bytes, with that view of its files."""
    places: dict[str, Entry | bytes] = {}
    rows, descriptors = [], []
    for number, wheel in enumerate(map(opened, wheels), start=1):
        places.update(place(wheel, number, requested=True))
        rows.append(
            Distribution(wheel.name, wheel.version, dist_info=wheel.dist_info, object=number, wheel=wheel.filename)
        )
        descriptors.append(wheel.descriptor)
    image = [memory(write_index(places, rows)), *descriptors]
    return Environment.open(image, mempip_native.adapters()[0].name, files)
