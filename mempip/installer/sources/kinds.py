"""Which kind of source a file is, told by its address. Nothing here opens it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mempip.installer.sources.vcs import is_repository
from mempip.installer.transport import is_file_url, path_of

if TYPE_CHECKING:
    from mempip.installer.index.model import ProjectFile


def is_archive(file: ProjectFile) -> bool:
    """Whether `file` is an archive: bytes that can have a hash, and neither a repository nor a directory."""
    return not is_repository(file.url) and not is_directory(file)


def is_directory(file: ProjectFile) -> bool:
    """Whether `file` is a directory on this machine."""
    return is_file_url(file.url) and os.path.isdir(path_of(file.url))
