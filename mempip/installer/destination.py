"""Where the members of a wheel go in an environment: the install scheme and the dist-info directory.

Follows the binary distribution format specification ("Installing a wheel") with one directory for everything, as
``pip install --target`` has it: scripts in ``bin``, headers in ``include/NAME``, data at the root.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from typing import TYPE_CHECKING

from mempip.errors import WheelRefused
from mempip.image.layout import Entry
from mempip.installer.scripts import console_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from mempip.installer.wheels import Wheel


def place(
    wheel: Wheel,
    number: int,
    *,
    requested: bool,
    direct_url: dict[str, Any] | None = None,
    python: str = sys.executable,
) -> Iterator[tuple[str, Entry | bytes]]:
    """Yield path in the environment and contents of every file of `wheel`, which is memory object `number`.

    Scripts are run by the interpreter `python`. Adds ``INSTALLER``, ``REQUESTED`` and ``direct_url.json`` (PEP 610),
    and a RECORD that fits the result.
    """
    record = f"{wheel.dist_info}/RECORD"
    rows: list[str] = []
    placed = {record}
    for member in wheel.members.values():
        if member.name == record:
            continue
        path = _path(wheel, member.name)
        if path in placed:
            raise WheelRefused(wheel.filename, f"another member of the wheel goes to {path} too", member.name)
        placed.add(path)
        rows.append(_row(path, member.algorithm, member.digest, member.entry.size))
        entry = member.entry.within(number)
        if f".data/scripts/{path.removeprefix('bin/')}" in member.name:
            entry.mode |= 0o111  # whatever the archive says, scripts can be executed
        yield path, entry

    for name, script in _scripts(wheel, python):
        if (path := f"bin/{name}") not in placed:
            placed.add(path)
            rows.append(_row(path, "sha256", hashlib.sha256(script).digest(), len(script)))
            yield path, script

    extra = {"INSTALLER": b"mempip\n"}
    if requested:
        extra["REQUESTED"] = b""
    if direct_url is not None:
        extra["direct_url.json"] = json.dumps(direct_url, sort_keys=True).encode()
    for name, data in extra.items():
        path = f"{wheel.dist_info}/{name}"
        rows.append(_row(path, "sha256", hashlib.sha256(data).digest(), len(data)))
        yield path, data
    rows.append(f"{record},,\n")
    yield record, "".join(rows).encode()


def _scripts(wheel: Wheel, python: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and contents of the scripts that stand for a wheel's entry points."""
    member = f"{wheel.dist_info}/entry_points.txt"
    if member in wheel.members:
        yield from console_scripts(wheel.read(member).decode("utf-8", "replace"), python)


def _path(wheel: Wheel, name: str) -> str:
    data = wheel.dist_info.removesuffix(".dist-info") + ".data/"
    if not name.startswith(data):
        return name
    scheme, _, rest = name.removeprefix(data).partition("/")
    if scheme in ("purelib", "platlib", "data") and rest:
        return rest
    if scheme == "scripts" and rest:
        return f"bin/{rest}"
    if scheme == "headers" and rest:
        return f"include/{wheel.name}/{rest}"
    raise WheelRefused(wheel.filename, f"{scheme!r} is no install scheme of the wheel specification", name)


def _row(path: str, algorithm: str, digest: bytes, size: int) -> str:
    encoded = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    quoted = '"' + path.replace('"', '""') + '"' if set(path) & set(',"\r\n') else path
    return f"{quoted},{algorithm}={encoded},{size}\n" if algorithm else f"{quoted},,{size}\n"
