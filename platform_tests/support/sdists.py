"""Sources of other projects, whose test data some tests run: fetched when needed, known by their hash, not kept."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mempip.configuration import defaults
from mempip.installer.index.catalog import Catalog
from mempip.installer.requirements.hashes import Hashes
from mempip.installer.target import Target
from mempip.installer.transport import Transport
from mempip.options import InstallOptions

if TYPE_CHECKING:
    from mempip.installer.index.model import ProjectFile


def fetch_sdist(project: str, version: str, sha256: str) -> bytes:
    """Return a source archive, from the index that ``PIP_INDEX_URL`` names or PyPI. Nothing of it is run."""
    options = InstallOptions(**defaults(os.environ)).replace(extra_index_urls=(), find_links=(), no_binary=(project,))
    name, allowed = canonicalize_name(project), Hashes.parse([f"sha256:{sha256}"])
    with ExitStack() as stack:
        transport = stack.enter_context(Transport(options))
        catalog = stack.enter_context(Catalog(transport, options, Target.current(), _unread, {name: allowed}))
        file = next(found.file for found in catalog.candidates(name) if str(found.version) == version)
        archive = bytearray()
        transport.download(file.url, archive.extend, expected_size=file.size)
    return bytes(archive)


def fetch(url: str, sha256: str) -> bytes:
    """Return what is at an address, which no index lists."""
    contents = bytearray()
    with Transport(InstallOptions(**defaults(os.environ))) as transport:
        transport.download(url, contents.extend)
    assert hashlib.sha256(contents).hexdigest() == sha256, url
    return bytes(contents)


def _unread(file: ProjectFile) -> bytes:
    raise NotImplementedError(f"nobody asks for the metadata of {file.filename}")
