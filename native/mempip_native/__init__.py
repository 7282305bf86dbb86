"""Libraries in memory, made loadable: which ways this machine has, and the choice among them.

The standard library only, and cheap to import. `LibraryLoader` lives in `mempip_native.libraries`.
"""

from __future__ import annotations

from mempip_native import _platform
from mempip_native._adapter import Adapter, Probe
from mempip_native._platform import channels, interposition, limits, objects, scratch, trees
from mempip_native.errors import AdapterUnavailable, LoadError, NativeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Adapter",
    "AdapterUnavailable",
    "LoadError",
    "NativeError",
    "Probe",
    "adapters",
    "channels",
    "get",
    "interposition",
    "limits",
    "objects",
    "scratch",
    "sealed",
    "select",
    "trees",
]


def adapters() -> list[Adapter]:
    """Return this operating system's adapters, the preferred one first."""
    return list(_platform.adapters())


def get(name: str) -> Adapter:
    """Return the adapter called `name` without trying it: for whoever knows that it works here.

    Raises `AdapterUnavailable` if this operating system has no adapter of that name.
    """
    for adapter in _platform.adapters():
        if adapter.name == name:
            return adapter
    choices = ", ".join(adapter.name for adapter in adapters()) or "none"
    raise AdapterUnavailable(f"there is no adapter {name!r} on this operating system (there are: {choices})")


def select(name: str = "") -> Adapter:
    """Return the first adapter whose probe succeeds, or the one called `name` if its probe does.

    Raises `AdapterUnavailable`, with every outcome in ``probes``, if none does.
    """
    outcomes = []
    for adapter in [get(name)] if name else _platform.adapters():
        outcome = adapter.probe()
        if outcome.ok:
            return adapter
        outcomes.append(outcome)
    reasons = "; ".join(f"{outcome.adapter}: {outcome.reason}" for outcome in outcomes)
    raise AdapterUnavailable(reasons or "no adapter exists for this operating system", outcomes)


def sealed(adapter: Adapter, name: str, pieces: Iterable[bytes]) -> int:
    """Return the descriptor of a new sealed object of `adapter` that holds those bytes.

    Raises what making it raises, and what `pieces` raise; no object is left then.
    """
    descriptor = adapter.allocate(name)
    try:
        for piece in pieces:
            objects.write(descriptor, piece)
        return adapter.seal(descriptor)
    except BaseException:
        objects.close(descriptor)
        raise
