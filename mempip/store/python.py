"""What an interpreter tells a store about itself, so that the store can install for it without running it.

Light half: the standard library only, and cheap: every start with a daemon pays for it.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if sys.platform != "linux":
    raise ImportError("for Linux only")


def describe() -> dict[str, Any]:
    """Return what wheels are chosen by (PEP 425, PEP 508), as a JSON-able dictionary. Equal for equal interpreters."""
    system = os.uname()
    return {
        "implementation": sys.implementation.name,
        "version": [*sys.version_info],
        "implementation_version": [*sys.implementation.version],
        "abiflags": sys.abiflags,
        "suffix": EXTENSION_SUFFIXES[0],
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "platform": sys.platform,
        "machine": system.machine,
        "system": system.sysname,
        "release": system.release,
        "kernel": system.version,
        "libc": _libc(),
        "executable": sys.executable,
    }


def code_kind() -> list[Any]:
    """Return which marshalled code this interpreter can load: the magic number (hex) and the optimisation level."""
    from importlib.util import MAGIC_NUMBER

    return [MAGIC_NUMBER.hex(), sys.flags.optimize]


def _libc() -> str:
    """Return name and version of the C library as ``"glibc 2.36"``, or ``""`` where it does not tell."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return ""
