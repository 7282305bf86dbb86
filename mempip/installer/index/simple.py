"""Pages of the Simple API → project files. Pure functions: bytes in, values out.

JSON: PEP 691, 700, 714. HTML: PEP 503, 592, 629, 714.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

from packaging.utils import canonicalize_name

from mempip.errors import InvalidIndexPage
from mempip.installer.index.listing import Listing
from mempip.installer.index.model import ProjectFile
from mempip.installer.transport.addresses import is_file_url, redact, split_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from packaging.utils import NormalizedName

#: What pip asks for: JSON if the index has it.
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
JSON_TYPES = frozenset({"application/vnd.pypi.simple.v1+json", "application/json"})
HTML_TYPES = frozenset({"application/vnd.pypi.simple.v1+html", "text/html", "application/xhtml+xml"})


class Rows(NamedTuple):
    """What a page links to: file names, each with what the page says of the file, and how that is read."""

    named: Iterable[tuple[str, Mapping[str, Any]]]
    read: Callable[[Mapping[str, Any]], ProjectFile]


def parse_project_page(
    body: bytes,
    content_type: str,
    url: str,
    project: NormalizedName,
    source: str,
    wanted: Callable[[str], bool] | None = None,
) -> Listing[Mapping[str, Any]]:
    """Return the files that a project's page lists and that are `wanted`, by name.

    `url` is where the page was found in the end, for relative links. Rows that cannot be read and files that do
    not belong to `project` are left out. Only a page on this machine may link to files of this machine.

    Raises `InvalidIndexPage` if it is no page of the Simple API, of another major version, or of another project.
    """
    named, read = _rows(body, content_type, url, source, project)
    return Listing(named, partial(_read, read=read, local=is_file_url(url)), project, wanted)


def parse_page(body: bytes, content_type: str, url: str, source: str) -> list[ProjectFile]:
    """Return the files that a page links to, of any project, in the page's order. Raises `InvalidIndexPage`."""
    named, read = _rows(body, content_type, url, source, None)
    found = (_read(row, read=read, local=is_file_url(url)) for _, row in named)
    return list(filter(None, found))


def _rows(body: bytes, content_type: str, url: str, source: str, project: NormalizedName | None) -> Rows:
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind in JSON_TYPES:
        return _json_rows(body, url, source, project)
    if kind in HTML_TYPES:
        return _html_rows(body, _charset(parameters), url, source)
    raise InvalidIndexPage(redact(url), f"its content type is {kind or 'missing'!r}")


def _read(
    row: Mapping[str, Any], *, read: Callable[[Mapping[str, Any]], ProjectFile], local: bool
) -> ProjectFile | None:
    """Return the file of a row, or None for one that cannot be read or that the page may not link to."""
    try:
        file = read(row)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return file if local or not is_file_url(file.url) else None


# --- JSON ------------------------------------------------------------------------------------------


def _json_rows(body: bytes, url: str, source: str, project: NormalizedName | None) -> Rows:
    try:
        page = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise InvalidIndexPage(redact(url), f"it is not JSON ({fault})") from fault
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise InvalidIndexPage(redact(url), "it has no list of files")
    meta = page.get("meta")
    _check_version(meta.get("api-version") if isinstance(meta, dict) else None, url)
    name = page.get("name")
    if project is not None and isinstance(name, str) and canonicalize_name(name) != project:
        raise InvalidIndexPage(redact(url), f"it is the page of {name!r}, not of {project!r}")
    return Rows(_named(page["files"]), partial(_json_file, page_url=url, source=source))


def _named(rows: Iterable[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for row in rows:
        if isinstance(row, dict) and isinstance(filename := row.get("filename"), str):
            yield filename, row


def _json_file(row: Mapping[str, Any], page_url: str, source: str) -> ProjectFile:
    filename, url = row["filename"], row["url"]
    if not url.startswith(("https://", "http://")) or "@" in url or "#" in url:
        url = _file_address(page_url, url)
    get = row.get
    hashes = get("hashes") or {}
    core_metadata = get("core-metadata")
    if core_metadata is None:
        core_metadata = get("data-dist-info-metadata")
    if core_metadata is True:
        core_metadata = {}
    elif not isinstance(core_metadata, dict):
        core_metadata = None
    yanked = get("yanked", False)
    if yanked is False:
        yanked = None
    elif not isinstance(yanked, str):
        yanked = "" if yanked else None
    size = get("size")
    requires_python = get("requires-python") or ""
    if "/" in filename or not isinstance(requires_python, str):
        raise ValueError(filename)
    for digest in hashes.values():
        if not isinstance(digest, str):
            raise TypeError(filename)
    return ProjectFile(
        filename, url, hashes, requires_python, yanked, core_metadata,
        size if isinstance(size, int) and size > 0 else None, source, upload_time=get("upload-time") or "",
    )  # fmt: skip


def _check_version(version: object, url: str) -> None:
    """Accept a missing version (old mirrors) and any 1.x (PEP 629)."""
    if version is None:
        return
    major = str(version).partition(".")[0]
    if major != "1":
        raise InvalidIndexPage(redact(url), f"its API version is {version}, mempip reads version 1")


# --- HTML ------------------------------------------------------------------------------------------


def _html_rows(body: bytes, charset: str, url: str, source: str) -> Rows:
    from mempip.installer.index.anchors import AnchorReader  # most indexes have JSON, and this is slow to import

    page = AnchorReader()
    try:
        text = body.decode(charset, errors="replace")
    except LookupError:
        text = body.decode("utf-8", errors="replace")
    page.feed(text)
    page.close()
    _check_version(page.api_version, url)
    base = urljoin(url, page.base) if page.base else url
    named = ((_linked_name(attributes), attributes) for attributes in page.anchors)
    return Rows(((name, row) for name, row in named if name), partial(_html_file, base=base, source=source))


def _linked_name(attributes: Mapping[str, str | None]) -> str:
    """Return the name of the file that an anchor leads to; empty if to none."""
    address = (attributes.get("href") or "").strip().partition("#")[0]
    return unquote(address.partition("?")[0].rpartition("/")[2])


def _html_file(attributes: Mapping[str, str | None], base: str, source: str) -> ProjectFile:
    address, _, fragment = (attributes["href"] or "").strip().partition("#")
    core_metadata = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
    return ProjectFile(
        filename=_linked_name(attributes),
        url=_file_address(base, address),
        hashes=_hashes(fragment.split("&")),
        requires_python=attributes.get("data-requires-python") or "",
        yanked=(attributes["data-yanked"] or "") if "data-yanked" in attributes else None,
        core_metadata=None if not core_metadata or core_metadata == "false" else _hashes([core_metadata]),
        source=source,
    )


def _hashes(pairs: Iterable[str]) -> dict[str, str]:
    """Read ``algorithm=digest``; what has no such form (``egg=…``, ``true``) is no hash."""
    hashes = {}
    for pair in pairs:
        algorithm, _, digest = pair.partition("=")
        if algorithm in ("sha256", "sha512", "sha384", "sha224", "blake2b", "sha1", "md5") and digest:
            hashes[algorithm] = digest.lower()
    return hashes


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            return value.strip(" \"'") or "utf-8"
    return "utf-8"


def _file_address(base: str, address: str) -> str:
    """Return the absolute address without credentials: the transport knows those of each origin."""
    return split_credentials(urldefrag(urljoin(base, address))[0])[0]
