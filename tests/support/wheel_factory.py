"""Wheels made to measure, in memory: valid ones in one line, hostile ones by asking for the fault."""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

#: Everything about a wheel is fixed, its times too: equal arguments make equal bytes.
TIMESTAMP = (2020, 1, 1, 0, 0, 0)


def build_wheel(
    name: str,
    version: str,
    files: Mapping[str, bytes | str] | None = None,
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    requires_python: str | None = None,
    tag: str = "py3-none-any",
    build: str = "",
    entry_points: str | None = None,
    metadata: bytes | str | None = None,
    metadata_extra: str = "",
    record: bool | str = True,
    record_hashes: Mapping[str, str] | None = None,
    record_sizes: Mapping[str, int] | None = None,
    record_omits: Iterable[str] = (),
    record_adds: Iterable[str] = (),
    members: Iterable[tuple[str | zipfile.ZipInfo, bytes]] = (),
    compression: int = zipfile.ZIP_DEFLATED,
) -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel.

    `files` maps paths to contents; without it the wheel has one module that knows its version. `extras` maps
    names of extras to requirements; `tag` may be a compressed set; `entry_points` is the text of
    entry_points.txt; `metadata` replaces METADATA; `metadata_extra` are further lines of its header.

    For wheels that must be refused: `record` False for none or a text of its own; `record_hashes` (``sha256=…``)
    and `record_sizes` say something else about paths, `record_omits` says nothing, `record_adds` are further
    lines; `members` are written to the archive as they are, without a line in RECORD, twice if named twice.
    """
    escaped = name.replace("-", "_")
    info = f"{escaped}-{version}.dist-info"
    if files is None:
        files = {f"{escaped.lower()}/__init__.py": f"__version__ = {version!r}\n"}
    contents = {path: _encode(content) for path, content in files.items()}
    if metadata is None:
        metadata = core_metadata(name, version, requires, extras or {}, requires_python, metadata_extra)
    contents[f"{info}/METADATA"] = _encode(metadata)
    contents[f"{info}/WHEEL"] = _wheel(tag, build)
    if entry_points is not None:
        contents[f"{info}/entry_points.txt"] = _encode(entry_points)
    if record is True:
        rows = _record_rows(contents, record_hashes or {}, record_sizes or {}, set(record_omits))
        lines = [*rows, *record_adds, f"{info}/RECORD,,"]
        contents[f"{info}/RECORD"] = "".join(f"{line}\n" for line in lines).encode()
    elif record is not False:
        contents[f"{info}/RECORD"] = record.encode()

    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.filterwarnings("ignore", "Duplicate name")  # it is what `members` are for
        for path, content in contents.items():
            archive.writestr(_member(path), content, compression)
        for member, content in members:
            archive.writestr(_member(member) if isinstance(member, str) else member, content)
    middle = f"-{build}" if build else ""
    return f"{escaped}-{version}{middle}-{tag}.whl", buffer.getvalue()


def _encode(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _member(path: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(path, TIMESTAMP)
    member.create_system = 3  # Unix, on any system: bytes must not depend on where a test runs
    member.external_attr = 0o100644 << 16
    return member


def core_metadata(
    name: str,
    version: str,
    requires: Iterable[str],
    extras: Mapping[str, Iterable[str]],
    requires_python: str | None,
    more: str = "",
    metadata_version: str = "2.1",
) -> str:
    """Return the text of a METADATA or PKG-INFO file; `more` are further lines of its header."""
    lines = [f"Metadata-Version: {metadata_version}", f"Name: {name}", f"Version: {version}"]
    if requires_python is not None:
        lines.append(f"Requires-Python: {requires_python}")
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    for extra, requirements in extras.items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {_with_extra(requirement, extra)}" for requirement in requirements]
    if more:
        lines.append(more.rstrip("\n"))
    return "\n".join(lines) + "\n\nA description.\n"


def _with_extra(requirement: str, extra: str) -> str:
    requirement, semicolon, marker = requirement.partition(";")
    condition = f'extra == "{extra}"'
    return f"{requirement.strip()}; ({marker.strip()}) and {condition}" if semicolon else f"{requirement}; {condition}"


def _wheel(tag: str, build: str) -> bytes:
    pythons, abis, platforms = (part.split(".") for part in tag.split("-"))
    tags = [f"Tag: {python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms]
    pure = "true" if tag.endswith("none-any") else "false"
    lines = ["Wheel-Version: 1.0", "Generator: mempip-tests", f"Root-Is-Purelib: {pure}", *tags]
    if build:
        lines.append(f"Build: {build}")
    return ("\n".join(lines) + "\n").encode()


def _record_rows(
    contents: Mapping[str, bytes], hashes: Mapping[str, str], sizes: Mapping[str, int], omitted: set[str]
) -> list[str]:
    rows = []
    for path, content in contents.items():
        if path not in omitted:
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            quoted = f'"{path}"' if "," in path else path
            rows.append(f"{quoted},{hashes.get(path, 'sha256=' + digest)},{sizes.get(path, len(content))}")
    return rows


def executable(name: str, content: bytes) -> dict[str, Any]:
    """Return arguments of `build_wheel` for an executable file."""
    member = zipfile.ZipInfo(name, TIMESTAMP)
    member.create_system = 3
    member.external_attr = 0o100755 << 16
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return {"members": [(member, content)], "record_adds": [f"{name},sha256={digest},{len(content)}"]}
