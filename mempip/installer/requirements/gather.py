"""All that one installation asks for, from wherever it is written: arguments and the files that they name.

What may live here: what lines and tables mean for an installation. How each kind of file is read is its module's.
"""

from __future__ import annotations

import os
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from mempip.errors import InvalidRequirementFile, InvalidScript, UsageError
from mempip.installer.requirements.hashes import NO_HASHES, Hashes
from mempip.installer.requirements.local_files import shown
from mempip.installer.requirements.parse import parse_constraint, parse_editable, parse_requirement
from mempip.installer.transport import Transport, redact
from mempip.options import OPPOSITES, add_setting, choose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from packaging.utils import NormalizedName

    from mempip.installer.lockfile.reader import Lock
    from mempip.installer.requirements.files import Line
    from mempip.installer.requirements.parse import UserRequirement
    from mempip.installer.target import Target
    from mempip.options import InstallOptions

    Warn = Callable[[str], object]

_HOW_TO_SAY = "Give it a block '# /// script' with its dependencies (PEP 723), or a list named __requires__."


class Wanted(NamedTuple):
    """Everything that was asked for. ``options`` are as given, and as requirement files change them."""

    requirements: tuple[UserRequirement, ...]
    constraints: tuple[UserRequirement, ...]
    options: InstallOptions
    lock: Lock | None = None  #: says all that is to be installed, if there is one
    #: Those beside requirements, for their own builds: by name of project, or address of what is named directly.
    config_settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    build_constraints: tuple[UserRequirement, ...] = ()

    @property
    def requires_hashes(self) -> bool:
        """Whether every file must have a hash that the user named: if they say so, or if they named one."""
        if self.options.require_hashes is not None:
            return self.options.require_hashes
        return any(requirement.hashes for requirement in (*self.requirements, *self.constraints))

    def hashes(self, target: Target) -> dict[NormalizedName, Hashes]:
        """Return the hashes that files of each project may have; several requirements must agree."""
        return _hashes((*self.requirements, *self.constraints), target.environment)


def _hashes(requirements: Iterable[UserRequirement], environment: Mapping[str, str]) -> dict[NormalizedName, Hashes]:
    found: dict[NormalizedName, Hashes] = {}
    for requirement in requirements:
        if requirement.hashes and requirement.applies(environment):
            found[requirement.name] = found.get(requirement.name, NO_HASHES) & requirement.hashes
    return found


def gather(options: InstallOptions, target: Target, warn: Warn) -> Wanted:
    """Read everything that `options` name. Sentences for the user go to `warn`.

    Order is pip's: arguments, requirement files as they were named, then groups and scripts. What has a
    ``requires-python`` must allow `target`.

    Raises `InvalidRequirement`, an `InvalidFile`, `UsageError`, and what the transport raises for addresses.
    """
    gathering = _Gathering(options, target, warn)
    for name in options.constraint_files:
        gathering.read_file(name, constraint=True)
    build_constraints = tuple(gathering.build_constraints())
    if locked := [*filter(None, [options.lock]), *filter(_names_lock, options.requirement_files)]:
        lock = _lock(locked, options)
        return Wanted((), tuple(gathering.constraints), gathering.options, lock, build_constraints=build_constraints)
    for text in options.requirements:
        gathering.require(text)
    for directory in options.editables:
        gathering.requirements.append(parse_editable(directory))
    for name in options.requirement_files:
        gathering.read_file(name)
    for group in options.groups:
        gathering.read_group(group)
    for path in options.script_files:
        gathering.read_script(path)
    if options.program:
        gathering.read_script(options.program, may_be_silent=True)
    asked, limits = tuple(gathering.requirements), tuple(gathering.constraints)
    return Wanted(asked, limits, gathering.options, None, gathering.config_settings, build_constraints)


#: The name of a lock file (PEP 751), and the extras behind it.
_LOCK = re.compile(r"pylock\.(?:[^.]+\.)?toml(?:\[.*\])?")


def _names_lock(name: str) -> bool:
    return _LOCK.fullmatch(os.path.basename(name)) is not None


def _lock(locked: Sequence[str], options: InstallOptions) -> Lock:
    """Return the lock file that is to be installed. Raises `UsageError` for whatever else is asked for beside it."""
    from mempip.installer.lockfile.reader import read_lock, split_extras

    path = split_extras(locked[0])[0]
    groups = [name for place, _, name in (group.rpartition(":") for group in options.groups) if place == path]
    others = len(options.requirement_files) - sum(map(_names_lock, options.requirement_files))
    asked = (options.requirements, options.editables, options.script_files)
    if len(locked) > 1 or others or len(groups) < len(options.groups) or any(asked):
        raise UsageError(shown(path), "a lock file says all that is installed; nothing else can be asked for beside it")
    return read_lock(locked[0], groups)


class _Gathering:
    """What was found so far."""

    def __init__(self, options: InstallOptions, target: Target, warn: Warn) -> None:
        self.options = options
        self._target = target
        self.requirements: list[UserRequirement] = []
        self.constraints: list[UserRequirement] = []
        self.config_settings: dict[str, Mapping[str, Any]] = {}
        self._warn = warn

    def require(self, text: str, origin: str = "") -> None:
        """Add a requirement."""
        self.requirements.append(parse_requirement(text, origin=origin))

    # --- projects and scripts -----------------------------------------------------------------------------------

    def read_group(self, name: str) -> None:
        """Add what a dependency group has."""
        from mempip.installer.requirements.projects import read_group

        for text, origin in read_group(name):
            self.require(text, origin)

    def read_script(self, path: str, *, may_be_silent: bool = False) -> None:
        """Add what a script says that it needs, which it must unless it `may_be_silent`."""
        from mempip.installer.requirements.scripts import read_script  # imports ast

        script = read_script(path, self._warn)
        if script is None:
            if may_be_silent:
                return
            raise InvalidScript(shown(path), "it does not say what it needs", hint=_HOW_TO_SAY)
        if not self._target.any_python:
            script.require_python(self._target.python_version)
        for text, origin in script.dependencies:
            self.require(text, origin)
        if script.index_url and not self.options.no_index:
            self.options = self.options.replace(index_url=script.index_url)

    # --- requirement files -------------------------------------------------------------------------

    def read_file(self, name: str, *, constraint: bool = False) -> None:
        """Add what a requirement file, or a constraint file, says."""
        from mempip.installer.requirements.files import read_lines  # its parser of options is wanted for files only

        for line in read_lines(name, self._fetch, os.environ, constraint=constraint):
            if "editable" in line.options:
                if line.constraint:
                    raise line.error("an editable project is no constraint")
                for directory in line.options["editable"]:
                    self._require(parse_editable(directory, origin=line.origin), line)
            elif line.requirement:
                self._add(line)
            else:
                self._apply(line)

    def build_constraints(self) -> Iterator[UserRequirement]:
        """Yield what limits the versions of what builds require: nothing else may stand in those files."""
        from mempip.installer.requirements.files import read_lines

        for name in self.options.build_constraint_files:
            for line in read_lines(name, self._fetch, os.environ, constraint=True):
                if line.options or not line.constraint:
                    raise line.error("in a file of build constraints there can only be versions")
                yield parse_constraint(line.requirement, origin=line.origin)

    def _fetch(self, url: str) -> bytes:
        with Transport(self.options) as transport:  # as the lines read so far have it
            page = transport.get(url)
        if page.status != 200:
            raise InvalidRequirementFile(redact(url), f"the server answered {page.status}")
        return page.body

    def _add(self, line: Line) -> None:
        """Add the requirement or constraint that a line has."""
        hashes = self._hashes(line)
        known = {"hash"} if line.constraint else {"hash", "config_settings"}
        for name in sorted(line.options.keys() - known):
            option, beside = "--" + name.replace("_", "-"), "a constraint" if line.constraint else "a requirement"
            where = "a requirement" if name == "config_settings" else "a line of its own"
            self._warn(f"{line.origin}: {option} is ignored beside {beside}; give it {where}")
        if line.constraint:
            self.constraints.append(parse_constraint(line.requirement, origin=line.origin, hashes=hashes))
        else:
            self._require(parse_requirement(line.requirement, origin=line.origin, hashes=hashes), line)

    def _require(self, requirement: UserRequirement, line: Line) -> None:
        """Add a requirement, with the settings that stand beside it."""
        self.requirements.append(requirement)
        settings: dict[str, Any] = {}
        for text in line.options.get("config_settings", ()):
            try:
                settings = add_setting(settings, text)
            except ValueError as error:
                raise line.error(f"--config-settings takes {error}") from error
        if settings and requirement.applies(self._target.environment):
            key = requirement.name if requirement.file is None else requirement.file.url
            self.config_settings[key] = {**self.options.config_settings, **settings}

    def _hashes(self, line: Line) -> Hashes:
        try:
            return Hashes.parse(line.options.get("hash", ()))
        except ValueError as error:
            raise line.error(str(error)) from error

    def _apply(self, line: Line) -> None:
        """Take up the options of a line that has no requirement: they hold for the whole installation."""
        given, options = line.options, self.options
        if "use_feature" in given:
            raise line.error("--use-feature names features of pip; mempip has none of them")
        for name in sorted(given.keys() & {"hash", "config_settings"}):
            self._warn(f"{line.origin}: --{name.replace('_', '-')} is ignored without a requirement in front of it")
        changes: dict[str, Any] = {name: given[name] for name in ("no_index", "prefer_binary") if name in given}
        if "require_hashes" in given:
            if options.require_hashes not in (None, given["require_hashes"]):
                raise line.error("--require-hashes and --no-require-hashes contradict each other")
            changes["require_hashes"] = given["require_hashes"]
        if not (options.no_index or "no_index" in given):
            extra = options.extra_index_urls
            if "index_url" in given:  # takes the place of all that were known, as in pip
                changes["index_url"], extra = given["index_url"], ()
            changes["extra_index_urls"] = (*extra, *given.get("extra_index_url", ()))
        changes["find_links"] = (*options.find_links, *(_beside(line, at) for at in given.get("find_links", ())))
        changes["trusted_hosts"] = (*options.trusted_hosts, *given.get("trusted_host", ()))
        for attribute, value in given.get("choices", ()):
            changes = choose({**{name: getattr(options, name) for name in OPPOSITES}, **changes}, attribute, value)
        if "pre" in given:  # of a project that --only-final names, releases are final all the same
            changes["all_releases"] = (*changes.get("all_releases", options.all_releases), ":all:")
        self.options = options.replace(**changes)


def _beside(line: Line, location: str) -> str:
    """Return a location of links as it is seen from its file, if there is one, and as it is otherwise."""
    beside = os.path.join(line.directory, location)
    return beside if line.directory and os.path.exists(beside) else location
