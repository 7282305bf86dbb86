"""What a user may ask of an installation: one value, made from keywords, options or ``PIP_*``.

Light half: the standard library only, and cheap to import.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

DEFAULT_INDEX = "https://pypi.org/simple/"


class InstallOptions:
    """The options of one installation. Names and defaults are pip's; sequences are tuples of strings.

    Attributes that are not pip's: ``adapter``, the name of a memory adapter or ``""`` for the first
    that works; ``installed``, the distributions this interpreter already has in memory, each a
    dictionary with ``name``, ``version`` and ``requires`` (PEP 508 strings).
    """

    __slots__ = (
        "adapter", "cert", "constraints", "dry_run", "extra_index_urls", "find_links", "index_url",
        "installed", "no_deps", "no_index", "pre", "proxy", "requirements", "retries", "timeout",
        "trusted_hosts", "upgrade",
    )  # fmt: skip

    def __init__(
        self,
        requirements: Iterable[str] = (),
        *,
        index_url: str = DEFAULT_INDEX,
        extra_index_urls: Iterable[str] = (),
        find_links: Iterable[str] = (),
        no_index: bool = False,
        pre: bool = False,
        no_deps: bool = False,
        upgrade: bool = False,
        constraints: Iterable[str] = (),
        cert: str = "",
        proxy: str = "",
        trusted_hosts: Iterable[str] = (),
        timeout: float = 15.0,
        retries: int = 5,
        dry_run: bool = False,
        adapter: str = "",
        installed: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self.requirements = tuple(requirements)
        self.index_url = index_url
        self.extra_index_urls = tuple(extra_index_urls)
        self.find_links = tuple(find_links)
        self.no_index = no_index
        self.pre = pre
        self.no_deps = no_deps
        self.upgrade = upgrade
        self.constraints = tuple(constraints)
        self.cert = cert
        self.proxy = proxy
        self.trusted_hosts = tuple(trusted_hosts)
        self.timeout = timeout
        self.retries = retries
        self.dry_run = dry_run
        self.adapter = adapter
        self.installed = tuple(dict(row) for row in installed)

    def to_wire(self) -> dict[str, Any]:
        """Return the options as a JSON-able dictionary."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> InstallOptions:
        """Rebuild options from `to_wire`'s dictionary."""
        return cls(**wire)
