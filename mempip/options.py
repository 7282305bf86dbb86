"""What a user may ask of an installation: one value, made from keywords, options or pip's configuration.

Light half: the standard library only, and cheap to import.
"""

from __future__ import annotations

from mempip.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

STRATEGIES = ("only-if-needed", "eager")
NOT_HERE = "nothing can be installed into another Python from here; this is for locks, trees and dry runs"
DEFAULT_INDEX = "https://pypi.org/simple/"

#: Attributes that take names of projects, ``:all:`` or ``:none:``, each with the one whose names it takes away.
OPPOSITES = {
    "no_binary": "only_binary",
    "only_binary": "no_binary",
    "all_releases": "only_final",
    "only_final": "all_releases",
}
#: Attributes that decide how something is fetched, and not what.
MANNERS = ("timeout", "retries", "cache_dir", "cert", "proxy")
#: Attributes that are lists, by pip's spelling of the option: what several places give is put together.
LISTS = {
    "extra_index_url": "extra_index_urls",
    "find_links": "find_links",
    "project_index": "project_index",
    "trusted_host": "trusted_hosts",
    "requirement": "requirement_files",
    "editable": "editables",
    "constraint": "constraint_files",
    "build_constraint": "build_constraint_files",
    "requirements_from_script": "script_files",
    "group": "groups",
    "platform": "platforms",
    "abi": "abis",
}


class InstallOptions:
    """The options of one installation. Names and defaults are pip's; sequences are tuples of strings.

    Attributes that are not pip's: ``adapter``, the name of a memory adapter or ``""`` for the first that works;
    ``installed``, the distributions this interpreter already has in memory, each a dictionary with ``name``,
    ``version`` and ``requires`` (PEP 508 strings); ``build_dir``, a directory on a real file system that builds may
    write to, or ``""`` for memory only; ``project_index``, entries ``NAME=INDEX`` that bind projects to indexes;
    ``program``, a script that is about to be run, and whose requirements, if it states any, are wanted too;
    ``lock``, a lock file to install; ``lock_for``, the directory that a lock file is made for instead of an
    installation; ``tree``, whether instead of an installation is told what would be there and what requires what.
    ``python_version``, ``platforms``, ``implementation`` and ``abis`` name another target than this interpreter, which
    only takes what is not installed: a dry run, a lock or a tree.
    ``require_hashes`` is ``None`` where nobody said: hashes are required as soon as one requirement has some. ``pre``
    is no attribute: it is ``all_releases`` of ``:all:``.
    """

    __slots__ = (
        "abis", "adapter", "all_releases", "build_constraint_files", "build_dir", "build_isolation", "cache_dir",
        "cert", "client_cert", "config_settings", "constraint_files", "dry_run", "editables", "exclude_newer",
        "extra_index_urls", "find_links", "groups", "ignore_requires_python", "implementation", "index_url",
        "installed", "keyring_provider", "lock", "lock_for", "no_binary", "no_deps", "no_index", "no_proxy_env",
        "only_binary", "only_deps", "only_final", "platforms", "prefer_binary", "program", "project_index", "proxy",
        "python_version", "require_hashes", "requirement_files", "requirements", "retries", "script_files", "timeout",
        "tree", "trusted_hosts", "upgrade", "upgrade_strategy", "uploaded_prior_to",
    )  # fmt: skip

    def __init__(
        self,
        requirements: Iterable[str] = (),
        *,
        index_url: str = DEFAULT_INDEX,
        extra_index_urls: Iterable[str] = (),
        find_links: Iterable[str] = (),
        no_index: bool = False,
        project_index: Iterable[str] = (),
        pre: bool = False,
        all_releases: Iterable[str] = (),
        only_final: Iterable[str] = (),
        no_deps: bool = False,
        only_deps: bool = False,
        ignore_requires_python: bool = False,
        upgrade: bool = False,
        upgrade_strategy: str = "only-if-needed",
        exclude_newer: str = "",
        uploaded_prior_to: str = "",
        requirement_files: Iterable[str] = (),
        constraint_files: Iterable[str] = (),
        build_constraint_files: Iterable[str] = (),
        groups: Iterable[str] = (),
        script_files: Iterable[str] = (),
        program: str = "",
        lock: str = "",
        lock_for: str = "",
        require_hashes: bool | None = None,
        no_binary: Iterable[str] = (),
        only_binary: Iterable[str] = (),
        prefer_binary: bool = False,
        cache_dir: str | None = None,
        cert: str = "",
        client_cert: str = "",
        keyring_provider: str = "disabled",
        proxy: str = "",
        no_proxy_env: bool = False,
        trusted_hosts: Iterable[str] = (),
        timeout: float = 15.0,
        retries: int = 5,
        dry_run: bool = False,
        tree: bool = False,
        adapter: str = "",
        installed: Iterable[Mapping[str, Any]] = (),
        editables: Iterable[str] = (),
        build_isolation: bool = True,
        build_dir: str = "",
        config_settings: Mapping[str, Any] | None = None,
        python_version: str = "",
        platforms: Iterable[str] = (),
        implementation: str = "",
        abis: Iterable[str] = (),
    ) -> None:
        if not isinstance(timeout, (int, float)) or not 0 < timeout < float("inf"):
            raise UsageError("timeout", f"{timeout!r} is no number of seconds above 0")
        if not isinstance(retries, int) or retries < 0:
            raise UsageError("retries", f"{retries!r} is no whole number of at least 0")
        if pre and (all_releases or only_final):
            raise UsageError("pre", "it cannot be used with all_releases or only_final; say :all: there")
        if only_deps and any((no_deps, requirement_files, script_files, program, groups, lock, tree)):
            reason = "it is about requirements that are named: not with no_deps, files, scripts, groups, locks or trees"
            raise UsageError("only_deps", reason)
        if upgrade_strategy not in STRATEGIES:
            raise UsageError("upgrade_strategy", f"{upgrade_strategy!r} is none of {', '.join(STRATEGIES)}")
        self.requirements = tuple(requirements)
        self.index_url = index_url
        self.extra_index_urls = tuple(extra_index_urls)
        self.find_links = tuple(find_links)
        self.no_index = no_index
        self.project_index = tuple(project_index)
        self.all_releases = (":all:",) if pre else tuple(all_releases)
        self.only_final = tuple(only_final)
        self.no_deps = no_deps
        self.only_deps = only_deps
        self.ignore_requires_python = ignore_requires_python
        self.upgrade = upgrade
        self.upgrade_strategy = upgrade_strategy
        self.exclude_newer = exclude_newer
        self.uploaded_prior_to = uploaded_prior_to
        self.requirement_files = tuple(requirement_files)
        self.constraint_files = tuple(constraint_files)
        self.build_constraint_files = tuple(build_constraint_files)
        self.groups = tuple(groups)
        self.script_files = tuple(script_files)
        self.program = program
        self.lock = lock
        self.lock_for = lock_for
        self.require_hashes = require_hashes
        self.no_binary = tuple(no_binary)
        self.only_binary = tuple(only_binary)
        self.prefer_binary = prefer_binary
        self.cache_dir = cache_dir
        self.cert = cert
        self.client_cert = client_cert
        self.keyring_provider = keyring_provider
        self.proxy = proxy
        self.no_proxy_env = no_proxy_env
        self.trusted_hosts = tuple(trusted_hosts)
        self.timeout = timeout
        self.retries = retries
        self.dry_run = dry_run
        self.tree = tree
        self.adapter = adapter
        self.installed = tuple(dict(row) for row in installed)
        self.editables = tuple(editables)
        self.build_isolation = build_isolation
        self.build_dir = build_dir
        self.config_settings = dict(config_settings or {})
        self.python_version = python_version
        self.platforms = tuple(platforms)
        self.implementation = implementation
        self.abis = tuple(abis)
        if self.names_target and not (dry_run or tree or lock_for):
            raise UsageError("python_version, platform, implementation, abi", NOT_HERE)

    @property
    def names_files(self) -> bool:
        """Whether files of the user's say what to install, beside `requirements`."""
        limits = (self.constraint_files, self.build_constraint_files)
        return any((self.requirement_files, *limits, self.groups, self.script_files, self.program, self.lock))

    @property
    def names_target(self) -> bool:
        """Whether what is asked for is for another interpreter than this one."""
        return any((self.python_version, self.platforms, self.implementation, self.abis))

    def to_wire(self) -> dict[str, Any]:
        """Return the options as a JSON-able dictionary."""
        return {name: getattr(self, name) for name in self.__slots__}

    def replace(self, **changes: Any) -> InstallOptions:
        """Return these options with `changes`."""
        return InstallOptions(**{**self.to_wire(), **changes})

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> InstallOptions:
        """Rebuild options from `to_wire`'s dictionary."""
        return cls(**wire)


def add_setting(found: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return the config settings `found` with one more, ``KEY=VALUE``: a key that is given again has a list, as in pip.

    Raises `ValueError`.
    """
    key, mark, value = text.partition("=")
    if not mark:
        raise ValueError(f"KEY=VALUE, not {text!r}")
    before = found.get(key, [])
    several = [*([before] if isinstance(before, str) else before), value]
    return {**found, key: several if key in found else value}


def choose(found: Mapping[str, Any], attribute: str, value: str) -> dict[str, Any]:
    """Return the keywords `found` with one value of an `attribute` of `OPPOSITES` added.

    As in pip: a project is in the list that named it last, ``:all:`` empties both lists first, and ``:none:`` empties
    this one.
    """
    other = OPPOSITES[attribute]
    lists = {name: [*(found.get(name) or ())] for name in (attribute, other)}
    for entry in filter(None, value.split(",")):
        if entry == ":none:":
            lists[attribute] = []
        elif entry == ":all:":
            lists = {attribute: [entry], other: []}
        else:
            lists[other] = [known for known in lists[other] if known != entry]
            lists[attribute] = [known for known in lists[attribute] if known != entry] + [entry]
    return {**found, **lists}


def merge_choices(found: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords `found` with those of `OPPOSITES` that are in `more` on top."""
    given = {name: more.get(name) or () for name in OPPOSITES}
    entries = [
        (name, entry)
        for name, several in given.items()
        for entry in ([several] if isinstance(several, str) else several)
    ]
    # What empties lists comes first: it must not empty what stands beside it.
    for name, entry in sorted(entries, key=lambda pair: not pair[1].startswith(":")):
        found = choose(found, name, entry)
    return dict(found)


def spell_values(value: Any) -> list[Any]:
    """Return the values that an option is given with, one by one; a mapping has ``KEY=VALUE``."""
    if isinstance(value, dict):
        return [f"{key}={item}" for key, items in value.items() for item in spell_values(items)]
    return [value] if isinstance(value, (str, int, float)) else list(value)
