"""A lock as the installer writes it, without a process of its own. What is in it is shown in ``tests/store``."""

from __future__ import annotations

import hashlib
import sys

from mempip.installer import session
from mempip.options import InstallOptions
from tests.support.index_server import IndexServer
from tests.support.wheel_factory import build_wheel

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WHEELS = dict([build_wheel("made", "1.0", requires=["needed"]), build_wheel("needed", "2.0")])


def test_it_names_each_wheel_with_its_hash() -> None:
    with IndexServer(WHEELS) as server:
        options = InstallOptions(["made"], index_url=server.url, lock_for="/")
        report = session.install(options, lambda _: None).report
    assert report is not None
    packages = tomllib.loads(report["pylock"])["packages"]
    found = {
        wheel["name"]: (package["name"], wheel["url"], wheel["hashes"]["sha256"])
        for package in packages
        for wheel in package["wheels"]
    }
    assert found == {
        name: (name.partition("-")[0], f"{server.root}/files/{name}", hashlib.sha256(content).hexdigest())
        for name, content in WHEELS.items()
    }
