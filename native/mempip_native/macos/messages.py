"""What dyld's complaints about a library mean."""

from __future__ import annotations

from mempip_native.errors import LoadError

OTHER_WHEEL = "Choose another wheel of the package: one for this machine, and signed."

_MISSING = r"Library not loaded: (?P<name>\S+)"
_SYMBOL = r"(?i:symbol not found)[^']*'?_(?P<name>[^'\s]+)"


def explain(library: str, message: str, directory: str) -> LoadError:
    """Return what dyld's `message` about `library` means. `directory` is where libraries are while they are loaded."""
    import re  # only when something fails: it takes a while to import

    if directory:
        message = message.replace(directory, "")
    if found := re.search(_MISSING, message):
        return LoadError(
            library,
            f"it needs {found['name']}, which is neither bundled in its wheel nor installed on this system ({message})",
            "Install what has it on this machine, or choose another version of the package.",
        )
    if "code sign" in message or "unsigned" in message or "system policy" in message:
        return LoadError(
            library,
            f"macOS does not let this process run it ({message})",
            "A hardened Python (library validation) or a policy of this machine forbids code that others have signed.",
        )
    if found := re.search(_SYMBOL, message):
        hint = "A library of another version is in its place, or this macOS is too old for the package."
        return LoadError(library, f"nobody defines {found['name']} ({message})", hint)
    return LoadError(library, message)
