"""The dynamic linker of this process: which one it is, dlopen, and what its complaints mean."""

from __future__ import annotations

import os
import sys

from mempip_native.errors import LoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from mempip_native.linux.elf import Elf

if sys.platform != "linux":
    raise ImportError("for Linux only")

NOW: int = os.RTLD_NOW | os.RTLD_LOCAL
LATER: int = os.RTLD_LAZY | os.RTLD_LOCAL


def dlopen(path: str, mode: int) -> int:
    """Load the library at `path` and return its handle. Raises `OSError` with the linker's words."""
    import _ctypes  # a tenth of the cost of ctypes

    handle: int = _ctypes.dlopen(path, mode)
    return handle


def is_loaded(name: str) -> bool:
    """Return whether something that answers to `name` (a SONAME, or a path used before) is in this process."""
    import _ctypes

    try:
        handle = _ctypes.dlopen(name, os.RTLD_LAZY | os.RTLD_NOLOAD)
    except OSError:
        return False
    _ctypes.dlclose(handle)
    return True


def hold(path: str) -> bool:
    """Return whether the library at `path` is loaded, and if so keep it from ever being unloaded.

    A library that came in under another name answers to `path`, too, from then on.
    """
    try:
        dlopen(path, os.RTLD_LAZY | os.RTLD_NOLOAD)
    except OSError:
        return False
    return True


def glibc_version() -> tuple[int, ...]:
    """Return glibc's version such as ``(2, 36)``; empty if the C library is another one, such as musl."""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (ValueError, OSError):
        return ()
    return tuple(map(int, version.split(".")[:2])) if name == "glibc" else ()


def check_machine(library: str, elf: Elf) -> None:
    """Raise `LoadError` if `library` was built for another machine than the interpreter."""
    from mempip_native.linux.elf import MACHINES, own_abi

    own = own_abi()
    if elf.abi() != own:
        mine = MACHINES.get(own[2], f"machine {own[2]}")
        raise LoadError(
            library,
            f"it is built for {elf.platform()} ({elf.bits} bits) and this interpreter is {mine} ({own[0]} bits)",
            "Install a wheel whose platform tag fits this interpreter.",
        )


# glibc's words, then musl's. They are compiled when something fails: re takes a while to import.
_MISSING = (
    r"^(?P<name>[^/:\s]+): cannot open shared object file: No such file"
    r"|^Error loading shared library (?P<musl>[^/:\s]+): No such file"
)
_VERSION = r"version [`'](?P<version>[^']+)' not found"
_SYMBOL = r"undefined symbol: (?P<name>\S+)|: (?P<musl>\S+): symbol not found"


def lacks_symbol(message: str) -> bool:
    """Return whether the linker's `message` is about a symbol that no library has."""
    import re

    return re.search(_SYMBOL, message) is not None


def explain(library: str, message: str, names: Mapping[str, str]) -> LoadError:
    """Return what the linker's `message` about `library` means. `names` maps paths made here to libraries."""
    import re

    for path, name in names.items():
        message = re.sub(re.escape(path) + r"(?!\d)", name.replace("\\", r"\\"), message)
    if found := re.search(_MISSING, message):
        name = found["name"] or found["musl"]
        return LoadError(
            library,
            f"it needs {name}, which is neither bundled in its wheel nor installed on this system",
            f"{name} belongs to the operating system: add the package that has it to the machine or image.",
        )
    if found := re.search(_VERSION, message):
        mine = ".".join(map(str, glibc_version())) or "not glibc"
        return LoadError(
            library,
            f"it needs {found['version']}, and the C library of this machine is {mine} ({message})",
            "Install an older version of the package, or use a newer operating system or image.",
        )
    if "static TLS" in message:
        return LoadError(
            library,
            f"the room for static thread-local storage is used up ({message})",
            "Import this package before others, or set GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096 "
            "before Python starts.",
        )
    if found := re.search(_SYMBOL, message):
        symbol = found["name"] or found["musl"]
        hint = "A library of another version is in its place; look for two packages that bundle it."
        return LoadError(library, f"no loaded library defines {symbol} ({message})", hint)
    return LoadError(library, message)
