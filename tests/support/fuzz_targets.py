"""What reads bytes that others made, as functions of bytes: for hypothesis in the tests, and for atheris (`fuzz`).

Whatever they are given, they end soon, and raise nothing but the errors that say what is wrong with it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from mempip.connection import decode_body, encode
from mempip.errors import DaemonRefused, InvalidImage, ProtocolError
from mempip.image.code import Segment, write_segment
from mempip.image.layout import Distribution
from mempip.image.reader import Image
from mempip.image.writer import write_index
from mempip.options import InstallOptions
from mempip.store import python
from mempip.store.daemon import requests
from mempip.store.protocol import VERSION, Decoder
from tests.support.environments import memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Target(NamedTuple):
    """A reader, and bytes that it reads to the end."""

    read: Callable[[bytes], object]
    sample: bytes


def _index(data: bytes) -> None:
    descriptor = memory(data)
    try:
        image = Image([descriptor])
        for path, entry in image.walk():
            image.find(path)
            try:
                image.read(entry)
            except InvalidImage:
                continue
        _ = image.distributions
    except InvalidImage:
        pass
    finally:
        os.close(descriptor)


def _segment(data: bytes) -> None:
    descriptor = memory(data)
    try:
        segment = Segment(descriptor)
        for place in range(1000):
            segment.find(place)
    except InvalidImage:
        pass
    finally:
        os.close(descriptor)


def _frames(data: bytes) -> None:
    decoder = Decoder()
    try:
        for piece in (data[:5], data[5:]):
            for message, descriptors in decoder.feed(piece):
                assert isinstance(message["type"], str)
                assert not descriptors
    except ProtocolError:
        pass


def _request(data: bytes) -> None:
    try:
        message = decode_body(data)
        requests.check_version(message)
    except (ProtocolError, DaemonRefused):
        return
    for read in (requests.read_environment, requests.read_projects, requests.read_loan, _read_install):
        try:
            read(message)
        except (ProtocolError, requests.NotHere):
            continue


def _read_install(message: dict[str, object]) -> object:
    return requests.read_install(message, InstallOptions(), os.geteuid(), same_files=True)


_INSTALL = {
    "type": "install",
    "protocol": VERSION,
    "options": InstallOptions(["a==1"], find_links=["/nowhere"]).to_wire(),
    "python": python.describe(),
    "code": "cpython-312-0",
    "refresh": False,
    "environment": "ci",
    "files": {"digest": "d", "directory": "/"},
    "projects": ["a"],
    "wheel": "0" * 64,
    "place": 1,
}
_FILES: Mapping[str, bytes] = {"pkg/a.py": b"abc", "pkg/sub/b.py": b"", "c.py": b"d"}

TARGETS = {
    "index": Target(_index, write_index(_FILES, [Distribution("b", "1", dist_info="b-1.dist-info", object=0)])),
    "segment": Target(_segment, write_segment("cpython-312-0", {1: b"one", 7: b"seven", 900: b""})),
    "frames": Target(_frames, encode({"type": "status", "protocol": VERSION}) + encode({"type": "stop"})),
    "request": Target(_request, json.dumps(_INSTALL).encode()),
}
