"""What whoever starts a daemon may decide."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import mempip_native
from mempip.errors import UsageError
from mempip.store.daemon.engine import check_address, check_key
from mempip.store.daemon.keep import Limits
from mempip.store.daemon.memory import available
from mempip.store.daemon.rules import Rules

RESERVED = 256  #: descriptors for workers and for what is on its way


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of a daemon. Raises `UsageError` for values that make none."""

    lifetime: float = 600.0  #: seconds for which a resolution is handed out again; PyPI's pages have the same
    workers: int = max(2, os.cpu_count() or 1)  #: installations at the same time
    connections: int = 4096  #: clients at the same time
    memory: int = 0  #: bytes that may be kept; 0: half of what this process may have
    quota: int = 0  #: bytes that may be kept for one other user; 0: a quarter of ``memory``
    allow: tuple[str, ...] = ()  #: who else may do what, as `Rules.parse` takes it
    socket_mode: int = 0o600  #: permissions of a socket that is made
    upstream: str = ""  #: the address of a Redis or Valkey that wheels are shared through; none if empty
    upstream_key: str = field(default="", repr=False)  #: seals the resolutions that are shared, too; none if empty
    snapshot: str = ""  #: the file that what is kept is restored from, and saved to at the end; none if empty
    save_every: float = 0.0  #: seconds between further times that it is saved; 0 for none

    def __post_init__(self) -> None:
        if not 0 <= self.lifetime < float("inf"):
            raise UsageError("--lifetime", f"{self.lifetime} is no number of seconds of at least 0")
        least = {"workers": 1, "connections": 1, "memory": 0, "quota": 0}
        for name, limit in least.items():
            if getattr(self, name) < limit:
                raise UsageError(f"--{name}", f"{getattr(self, name)} is less than {limit}")
        if self.upstream:
            check_address(self.upstream)
        if self.upstream_key:
            check_key(self.upstream_key)
        if not 0 <= self.save_every < float("inf"):
            raise UsageError("--save-every", f"{self.save_every} is no number of seconds of at least 0")
        if self.save_every and not self.snapshot:
            raise UsageError("--save-every", "there is no --snapshot FILE to save to")
        self.rules()

    def rules(self) -> Rules:
        """Return who may do what."""
        return Rules.parse(self.allow)

    def most_connections(self) -> int:
        """Return how many clients may be connected: half of the descriptors are for what is kept."""
        return min(self.connections, mempip_native.objects.limit() // 2)

    def limits(self) -> Limits:
        """Return what may be kept, of this process's memory and descriptors."""
        memory = self.memory or available() // 2
        descriptors = mempip_native.objects.limit() - self.most_connections() - RESERVED
        return Limits(memory, self.quota or memory // 4, max(RESERVED, descriptors))
