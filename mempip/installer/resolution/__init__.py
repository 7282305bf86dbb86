"""Requirements and a catalog → one version of each project, or an explanation. The only place that knows resolvelib."""

from __future__ import annotations

from mempip.installer.resolution.resolver import resolve
from mempip.installer.resolution.result import Pinned, Resolution

__all__ = ["Pinned", "Resolution", "resolve"]
