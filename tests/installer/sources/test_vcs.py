from __future__ import annotations

import pytest

from mempip.installer.sources.vcs import Repository, is_other_repository, is_repository


@pytest.mark.parametrize(
    ("address", "url", "revision"),
    [
        ("git+https://host/project.git", "https://host/project.git", ""),
        ("git+https://user:secret@host/project@v1.0", "https://user:secret@host/project", "v1.0"),
        ("git+ssh://git@host/project@feature/x#egg=y", "ssh://git@host/project", "feature/x"),
        ("git+file:///a/b@0123abc", "file:///a/b", "0123abc"),
        ("git+https://host/p@a%20b", "https://host/p", "a b"),
    ],
)
def test_addresses(address: str, url: str, revision: str) -> None:
    assert is_repository(address)
    assert not is_other_repository(address)
    assert Repository.parse(address) == Repository(url, revision)


@pytest.mark.parametrize("address", ["hg+https://host/p", "svn+ssh://h/p", "bzr+http://h/p", "git@host:p", "git:p"])
def test_others(address: str) -> None:
    assert not is_repository(address)
    assert is_other_repository(address)
