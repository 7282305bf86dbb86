"""``--find-links``: a directory, a wheel, or a page of links → the files it offers, by project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from mempip.errors import IndexUnavailable
from mempip.installer.index.filenames import project_of
from mempip.installer.index.model import ProjectFile
from mempip.installer.index.simple import parse_page
from mempip.installer.transport.addresses import file_url, is_file_url, path_of, redact, split_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName

    from mempip.installer.transport import Transport


def read_links(location: str, transport: Transport) -> dict[NormalizedName, list[ProjectFile]]:
    """Return what `location` offers: a path, a ``file:`` URL, the URL of a page, or of one wheel.

    Raises `IndexUnavailable` if there is no such thing, `InvalidIndexPage` if the page is no HTML.
    """
    if is_file_url(location):
        return _by_project(_local_files(path_of(location), location))
    if "://" not in location:
        return _by_project(_local_files(location, location))
    source = redact(location)
    clean = split_credentials(location)[0]
    filename = unquote(urlsplit(clean).path.rpartition("/")[2])
    if filename.endswith(".whl"):
        return _by_project([ProjectFile(filename, clean, source=source)])
    page = transport.get(location, headers={"Accept": "text/html"})
    if page.status != 200:
        raise IndexUnavailable(source, f"the server answered {page.status}")
    return _by_project(parse_page(page.body, page.headers.get("content-type", ""), page.url, source))


def _local_files(path: str, source: str) -> list[ProjectFile]:
    path = os.path.expanduser(path)
    try:
        if not os.path.isdir(path):
            if path.endswith((".html", ".htm")):
                with open(path, "rb") as page:
                    return parse_page(page.read(), "text/html", file_url(path), source)
            return [ProjectFile(os.path.basename(path), file_url(path), size=os.stat(path).st_size, source=source)]
        with os.scandir(path) as entries:
            found = sorted((entry.name, entry.stat().st_size) for entry in entries if entry.is_file())
    except OSError as fault:
        raise IndexUnavailable(source, fault.strerror or str(fault)) from fault
    base = file_url(path)
    return [ProjectFile(name, f"{base}/{quote(name)}", size=size, source=source) for name, size in found]


def _by_project(files: Iterable[ProjectFile]) -> dict[NormalizedName, list[ProjectFile]]:
    projects: dict[NormalizedName, list[ProjectFile]] = {}
    for file in files:
        project = project_of(file.filename)
        if project is not None:
            projects.setdefault(project, []).append(file)
    return projects
