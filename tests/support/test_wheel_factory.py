from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from email import message_from_bytes

from packaging.utils import parse_wheel_filename

from tests.support.wheel_factory import build_wheel


def members(wheel: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_wheel_follows_the_specification() -> None:
    filename, wheel = build_wheel(
        "my-demo",
        "1.0",
        {"demo/a,b.py": "x = 1\n"},
        requires=["x>1"],
        extras={"e": ["y; python_version > '3'", "z"]},
        requires_python=">=3.8",
        tag="py2.py3-none-any",
        build="3",
        entry_points="[console_scripts]\n",
        metadata_extra="Summary: short\n",
    )
    name, version, build, tags = parse_wheel_filename(filename)
    assert (name, str(version), build, len(tags)) == ("my-demo", "1.0", (3, ""), 2)
    content = members(wheel)
    metadata = message_from_bytes(content["my_demo-1.0.dist-info/METADATA"])
    assert metadata.get_all("Requires-Dist") == [
        "x>1",
        "y; (python_version > '3') and extra == \"e\"",
        'z; extra == "e"',
    ]
    assert (metadata["Summary"], metadata["Requires-Python"]) == ("short", ">=3.8")
    description = message_from_bytes(content["my_demo-1.0.dist-info/WHEEL"])
    assert description.get_all("Tag") == ["py2-none-any", "py3-none-any"]
    assert (description["Build"], description["Root-Is-Purelib"]) == ("3", "true")
    rows = list(csv.reader(io.StringIO(content["my_demo-1.0.dist-info/RECORD"].decode())))
    assert {row[0] for row in rows} == set(content)
    for path, digest, size in rows[:-1]:
        expected = base64.urlsafe_b64encode(hashlib.sha256(content[path]).digest()).rstrip(b"=").decode()
        assert (digest, int(size)) == (f"sha256={expected}", len(content[path]))


def test_equal_arguments_make_equal_bytes() -> None:
    assert build_wheel("demo", "1.0") == build_wheel("demo", "1.0")
    assert members(build_wheel("demo", "1.0")[1])["demo/__init__.py"] == b"__version__ = '1.0'\n"


def test_faults() -> None:
    record = "demo-1.0.dist-info/RECORD"
    files = {"a.py": "", "b.py": ""}
    _, wheel = build_wheel(
        "demo", "1.0", files, record_hashes={"a.py": "sha256=x"}, record_sizes={"a.py": 9}, record_omits=["b.py"],
        record_adds=["c.py,,"], members=[("a.py", b"2"), ("../d.py", b"")],
    )  # fmt: skip
    content = members(wheel)
    assert content["a.py"] == b"2"
    assert "../d.py" in content
    lines = content[record].decode().splitlines()
    assert "a.py,sha256=x,9" in lines
    assert "c.py,," in lines
    assert not any(line.startswith("b.py") for line in lines)
    assert record not in members(build_wheel("demo", "1.0", record=False)[1])
    assert members(build_wheel("demo", "1.0", record="mine")[1])[record] == b"mine"
    assert (
        b"Root-Is-Purelib: false"
        in members(build_wheel("demo", "1.0", tag="cp312-abi3-any")[1])["demo-1.0.dist-info/WHEEL"]
    )
