"""``mempip doctor``: what this machine allows, and whether the libraries of packages would load here."""

from __future__ import annotations

import io
import os
import platform
import sys

import mempip_native
from mempip import __version__, configuration
from mempip.runtime import environment as environments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from mempip.runtime.environment import Environment
    from mempip_native import Probe


def machine() -> int:
    """Print what this machine allows: each adapter, whether it works, and what would lift a refusal.

    Returns the exit status: 0 if an adapter works.
    """
    libc = " ".join(platform.libc_ver()).strip() or "no known libc"
    print(f"mempip {__version__}, {platform.python_implementation()} {platform.python_version()} ({sys.executable})")
    system = f"{platform.system()} {platform.release()} {platform.machine()}, {libc}"
    print(f"{system}; {mempip_native.objects.limit()} descriptors")
    print("\nMemory adapters, in order of preference:")
    used = False
    for adapter in mempip_native.adapters():
        probe = adapter.probe()
        _print_outcome(probe, "" if used else "   <- used")
        used = used or probe.ok
    if not used:
        print("  None works here: packages cannot be kept in memory on this machine.")
    print("\nViews of packages' files (--files):")
    print(f"  {'overlay':9} works   <- default")
    _print_outcome(mempip_native.trees.probe())
    limits = mempip_native.limits()
    if limits:
        print(f"\nWhat {platform.system()} does not let mempip do, or not unasked:")
    for limit in limits:
        _print_outcome(limit)
    print("\nConfiguration of pip, the later for more (values are not shown, they may be secret):")
    for setting in configuration.settings(os.environ):
        print(f"  {setting.origin}{'' if setting.applies else '   <- nothing that mempip has'}")
    return 0 if used else 1


def _print_outcome(probe: Probe, note: str = "") -> None:
    """Print whether something works, with `note` if it does and with the way out if it does not."""
    if probe.ok:
        print(f"  {probe.adapter:9} works{note}")
        return
    print(f"  {probe.adapter:9} refused: {probe.reason}")
    if probe.remedy:
        print(f"  {'':9} to lift it: {probe.remedy}")


def libraries() -> int:
    """Print what would fail if the native libraries of the active environments were loaded here.

    Returns the exit status: 0 if nothing would.
    """
    if sys.platform == "darwin":
        from mempip.cli import macos

        return max((macos.environment_at(found.root, found.root) for found in environments.active()), default=0)
    from mempip_native.analysis.elf import analyse, preflight, system_lacks
    from mempip_native.linux.linker import glibc_version

    found = {path: opener for environment in environments.active() for path, opener in _libraries(environment)}
    with open(sys.executable, "rb") as stream:
        here = analyse(stream, sys.executable)
    findings = preflight(found, machine=here.machine, glibc=glibc_version(), lacking=system_lacks)
    print(f"\n{len(found)} native libraries, {len(findings)} findings")
    for finding in findings:
        print(f"  {finding.library}: {finding.detail}")
    return 1 if any(finding.kind != "collision" for finding in findings) else 0


def _libraries(environment: Environment) -> list[tuple[str, Callable[[], io.BytesIO]]]:
    """Return path and opener of every ELF library."""
    image = environment.image
    return [
        (path, lambda entry=entry: io.BytesIO(image.read(entry)))  # type: ignore[misc]
        for path, entry in image.walk()
        if ".so" in path.rpartition("/")[2] and next(image.pieces(entry), b"").startswith(b"\x7fELF")
    ]
