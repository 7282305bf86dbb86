"""What pip's configuration asks for: configuration files and ``PIP_*`` variables → keywords of `InstallOptions`.

Light half: the standard library only, and cheap where there is no file. Files are read, never written.
"""

from __future__ import annotations

import os
import sys

from mempip.errors import InvalidConfiguration, UsageError
from mempip.options import OPPOSITES, choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    import configparser
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

#: Sections that count, the later ones for more. The last one is mempip's own; pip does not look at it.
SECTIONS = ("global", "install", "mempip")
#: Variables that are not pip's → the option that they set, which pip does not have.
OTHERS = {"MEMPIP_PROJECT_INDEX": "project-index", "UV_EXCLUDE_NEWER": "exclude-newer"}
_TRUE = {"y", "yes", "t", "true", "on", "1"}
_FALSE = {"n", "no", "f", "false", "off", "0"}


class Setting:
    """The value of one of pip's long options, and where it was found."""

    __slots__ = ("name", "origin", "value")

    def __init__(self, name: str, value: str, origin: str) -> None:
        self.name = name  #: without dashes in front: ``index-url``
        self.value = value
        self.origin = origin  #: for messages: ``PIP_INDEX_URL``, or file and section

    @property
    def applies(self) -> bool:
        """Whether it means anything to mempip."""
        return self.name in _OPTIONS


def defaults(environ: Mapping[str, str], *, isolated: bool = False) -> dict[str, Any]:
    """Return what configuration files and `environ` ask for, as keywords of `InstallOptions`.

    As in pip, names are those of the long options, lists are separated by white space, switches take ``1``/``0`` and
    their like, what is empty counts as not set, and options that mempip does not have are passed over. `isolated`
    leaves variables and the user's own files out.

    Raises `InvalidConfiguration` for a file that cannot be read, and `UsageError` that names the variable, or file and
    section, of a value that cannot be used.
    """
    found: dict[str, Any] = {}
    for setting in settings(environ, isolated=isolated):
        if setting.name not in _OPTIONS:
            continue
        attribute, convert = _OPTIONS[setting.name]
        try:
            value = convert(setting.value)
        except ValueError as error:
            raise UsageError(setting.origin, str(error)) from None
        if attribute in OPPOSITES:
            found = choose(found, attribute, value)
        else:
            found[attribute] = value
    return found


def settings(environ: Mapping[str, str], *, isolated: bool = False) -> list[Setting]:
    """Return all settings that are not empty, in the order in which later ones take the place of earlier ones.

    Raises `InvalidConfiguration`.
    """
    sections: dict[str, dict[str, Setting]] = {section: {} for section in SECTIONS}
    for file in files(environ, isolated=isolated):
        parser = _parse(file)
        for section in SECTIONS:
            for key, value in parser.items(section) if parser.has_section(section) else ():
                name = key.replace("_", "-").removeprefix("--")
                sections[section][name] = Setting(name, value, f"{name} in [{section}] of {file}")
    found = [setting for several in sections.values() for setting in several.values()]
    if not isolated:
        found += (
            Setting(OTHERS.get(variable) or variable[4:].lower().replace("_", "-"), value, variable)
            for variable, value in environ.items()
            if variable.startswith("PIP_") or variable in OTHERS
        )
    return [setting for setting in found if setting.value.strip()]


def variable_of(name: str) -> str:
    """Return the variable that sets the option `name`, which is spelled as a keyword."""
    option = name.replace("_", "-")
    return next((variable for variable, other in OTHERS.items() if other == option), f"PIP_{name.upper()}")


def files(environ: Mapping[str, str], *, isolated: bool = False) -> list[str]:
    """Return the configuration files that are there, the later ones for more: all users', the user's, this Python's.

    ``PIP_CONFIG_FILE`` names one more, in place of the user's, or none at all if it is the null device.
    """
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    found = [*_of_all_users(environ)]
    if not isolated and not os.path.exists(named):
        found += _of_the_user(environ)
    return [file for file in (*found, os.path.join(sys.prefix, _name()), named) if os.path.exists(file)]


# --- where files are -------------------------------------------------------------------------------


def _name() -> str:
    return "pip.ini" if sys.platform == "win32" else "pip.conf"


def _of_all_users(environ: Mapping[str, str]) -> Iterator[str]:
    if sys.platform == "win32":
        directories = [os.path.join(environ.get("PROGRAMDATA", r"C:\ProgramData"), "pip")]
    elif sys.platform == "darwin":
        directories = ["/Library/Application Support/pip"]
    else:
        shared = environ.get("XDG_CONFIG_DIRS", "").strip() or "/etc/xdg"
        directories = [*(os.path.join(directory, "pip") for directory in shared.split(os.pathsep)), "/etc"]
    return (os.path.join(os.path.expanduser(directory), _name()) for directory in directories)


def _of_the_user(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield where pip looked long ago, and where it looks now."""
    if sys.platform == "win32":
        directories = [r"~\pip", os.path.join(environ.get("APPDATA", r"~\AppData\Roaming"), "pip")]
    else:
        directory = os.path.join(environ.get("XDG_CONFIG_HOME", "").strip() or "~/.config", "pip")
        if sys.platform == "darwin":
            support = os.path.expanduser("~/Library/Application Support/pip")
            directory = support if os.path.isdir(support) else "~/.config/pip"
        directories = ["~/.pip", directory]
    return (os.path.join(os.path.expanduser(directory), _name()) for directory in directories)


# --- reading them ----------------------------------------------------------------------------------


def _parse(file: str) -> configparser.RawConfigParser:
    """Read a file; one that this user may not open counts as empty, as in pip.

    Lines are not quoted in errors: they may hold credentials.
    """
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8" if sys.flags.utf8_mode else "locale")
    except UnicodeDecodeError as error:
        raise InvalidConfiguration(file, f"it is not text in {error.encoding}") from None
    except configparser.MissingSectionHeaderError as error:
        raise InvalidConfiguration(file, "something stands before the first [section]", error.lineno) from None
    except configparser.DuplicateSectionError as error:
        raise InvalidConfiguration(file, f"[{error.section}] is there twice", error.lineno or 0) from None
    except configparser.DuplicateOptionError as error:
        raise InvalidConfiguration(file, f"{error.option} is set twice", error.lineno or 0) from None
    except configparser.ParsingError as error:
        line = error.errors[0][0] if error.errors else 0
        raise InvalidConfiguration(file, "it is neither NAME = VALUE nor a [section]", line) from None
    return parser


# --- what settings mean ----------------------------------------------------------------------------


def _switch(value: str) -> bool:
    word = value.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(f"{value.strip()!r} is neither true (1, yes, on) nor false (0, no, off)")
    return word in _TRUE


def _opposite(value: str) -> bool:
    return not _switch(value)


def _nowhere(value: str) -> str:
    """Read the switch that, as in pip, does the same whichever way it is set."""
    _switch(value)
    return ""


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{value.strip()!r} is no number of seconds above 0")
    return seconds


def _count(value: str) -> int:
    if not (value.strip().isascii() and value.strip().isdigit()):
        raise ValueError(f"{value.strip()!r} is no whole number of at least 0")
    return int(value)


def _assignment(value: str) -> dict[str, str]:
    key, mark, setting = value.strip().partition("=")
    if not mark:
        raise ValueError(f"{key!r} is not KEY=VALUE")
    return {key: setting}


#: pip's long options that apply → the attribute of `InstallOptions`, and how its value is read.
_OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "abi": ("abis", str.split),
    "all-releases": ("all_releases", str.strip),
    "build-constraint": ("build_constraint_files", str.split),
    "cache-dir": ("cache_dir", str.strip),
    "cert": ("cert", str.strip),
    "client-cert": ("client_cert", str.strip),
    "config-setting": ("config_settings", _assignment),
    "config-settings": ("config_settings", _assignment),
    "constraint": ("constraint_files", str.split),
    "default-timeout": ("timeout", _seconds),
    "dry-run": ("dry_run", _switch),
    "editable": ("editables", str.split),
    "exclude-newer": ("exclude_newer", str.strip),
    "extra-index-url": ("extra_index_urls", str.split),
    "find-links": ("find_links", str.split),
    "force-reinstall": ("ignore_installed", _switch),
    "group": ("groups", str.split),
    "ignore-installed": ("ignore_installed", _switch),
    "ignore-requires-python": ("ignore_requires_python", _switch),
    "implementation": ("implementation", str.strip),
    "index-url": ("index_url", str.strip),
    "keyring-provider": ("keyring_provider", str.strip),
    "no-binary": ("no_binary", str.strip),
    "no-cache-dir": ("cache_dir", _nowhere),
    # pip takes this one by its word's value, not by its sense: 0 switches isolation off.
    "no-build-isolation": ("build_isolation", _switch),
    "no-dependencies": ("no_deps", _switch),
    "no-deps": ("no_deps", _switch),
    "no-index": ("no_index", _switch),
    "no-proxy-env": ("no_proxy_env", _switch),
    "no-require-hashes": ("require_hashes", _opposite),
    "only-binary": ("only_binary", str.strip),
    "only-dependencies": ("only_deps", _switch),
    "only-deps": ("only_deps", _switch),
    "only-final": ("only_final", str.strip),
    "platform": ("platforms", str.split),
    "pre": ("pre", _switch),
    "prefer-binary": ("prefer_binary", _switch),
    "project-index": ("project_index", str.split),
    "proxy": ("proxy", str.strip),
    "pypi-url": ("index_url", str.strip),
    "python-version": ("python_version", str.strip),
    "require-hashes": ("require_hashes", _switch),
    "requirements-from-script": ("script_files", str.split),
    "requirement": ("requirement_files", str.split),
    "retries": ("retries", _count),
    "timeout": ("timeout", _seconds),
    "trusted-host": ("trusted_hosts", str.split),
    "upgrade": ("upgrade", _switch),
    "upgrade-strategy": ("upgrade_strategy", str.strip),
    "uploaded-prior-to": ("uploaded_prior_to", str.strip),
}
