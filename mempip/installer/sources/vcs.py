"""Repositories: ``git+https://host/project@revision``, cloned by dulwich (PEP 440's direct references, pip's spelling).

Light to import: dulwich itself is imported where a clone is made, which is in the build's own process.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from mempip.errors import SourceRefused

if TYPE_CHECKING:
    from dulwich.objects import Commit
    from dulwich.repo import Repo

_GIT = re.compile(r"git\+(https|http|ssh|file|git)://", re.IGNORECASE)
_OTHERS = re.compile(r"(?:hg|svn|bzr)(?:\+\w+)?://|git(?:\+\w+)?:|git@", re.IGNORECASE)

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LINK = 0o160000  # the mode of a submodule in a tree


def is_repository(url: str) -> bool:
    """Whether `url` is one that this module can clone."""
    return _GIT.match(url) is not None


def is_other_repository(url: str) -> bool:
    """Whether `url` names a repository that it cannot."""
    return not is_repository(url) and _OTHERS.match(url) is not None


class Repository(NamedTuple):
    """Where to clone from, and what to check out: a branch, tag, commit or ref, or ``""`` for the default branch."""

    url: str
    revision: str

    @classmethod
    def parse(cls, address: str) -> Repository:
        """Split pip's spelling; the fragment is ignored."""
        parts = urlsplit(address.partition("+")[2])
        path, _, revision = parts.path.partition("@")
        return cls(urlunsplit(parts._replace(path=path, fragment="")), unquote(revision))


def clone(address: str, directory: str, name: str) -> str:
    """Clone the repository at `address` into the empty `directory`, check it out, and return the commit's id.

    `name` is what the source is called in errors. Raises `SourceRefused`.
    """
    try:
        from dulwich import porcelain
        from dulwich.errors import GitProtocolError, NotGitRepository
    except ImportError as error:
        raise SourceRefused(name, "cloning needs dulwich: install mempip with it, as 'mempip[vcs]'") from error
    repository = Repository.parse(address)
    try:
        with porcelain.clone(repository.url, directory, checkout=False, errstream=porcelain.NoneStream()) as clone:
            commit = _commit(clone, _fetched(clone, repository), name)
            _refuse_submodules(clone, commit, name)
            porcelain.reset(clone, "hard", commit)
            return commit.id.decode()
    except (GitProtocolError, NotGitRepository, OSError, KeyError, ValueError) as error:
        raise SourceRefused(name, f"it cannot be cloned ({error})") from error


def _fetched(clone: Repo, repository: Repository) -> str:
    """Return the revision; for a ref by its full name (``refs/pull/1/head``) its commit, fetched if it was not."""
    from dulwich.client import get_transport_and_path
    from dulwich.refs import Ref

    if not repository.revision.startswith("refs/"):
        return repository.revision
    ref = Ref(repository.revision.encode())
    client, path = get_transport_and_path(repository.url)
    found = client.fetch(path, clone, determine_wants=lambda refs, _depth=None: [refs[ref]] if ref in refs else [])
    commit = found.refs.get(ref)
    return repository.revision if commit is None else commit.decode()


def _commit(repository: Repo, revision: str, name: str) -> Commit:
    """Return the commit that `revision` names."""
    from dulwich.objects import Commit
    from dulwich.objectspec import parse_commit

    if _COMMIT.fullmatch(revision):  # itself, and not the branch or tag that somebody has given its name
        with contextlib.suppress(KeyError):
            commit = repository.object_store[revision.encode()]  # type: ignore[index]
            if isinstance(commit, Commit):
                return commit
    else:
        names = (f"refs/remotes/origin/{revision}", f"refs/tags/{revision}", revision)
        for spelling in names if revision else ("HEAD",):
            try:
                return parse_commit(repository, spelling)
            except (KeyError, ValueError):
                continue
    raise SourceRefused(name, f"it has no branch, tag or commit {revision!r}")


def _refuse_submodules(repository: Repo, commit: Commit, name: str) -> None:
    from dulwich.object_store import iter_tree_contents

    for entry in iter_tree_contents(repository.object_store, commit.tree):
        if entry.mode == _LINK:
            path = entry.path.decode("utf-8", "replace")
            raise SourceRefused(name, "submodules are not cloned; build a wheel of the project elsewhere", path)
