"""Every error that mempip raises.

One hierarchy with one root. An error carries data, not only text: the attributes named in its
constructor. The message says what happened and to what; ``hint`` says what to do about it. Errors
cross from the installer process to the user's interpreter as JSON (`to_wire`, `from_wire`), so their
data is plain: strings, numbers, lists and dictionaries of those.

Light half: imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


class MempipError(Exception):
    """Root of all errors that mempip raises.

    ``hint`` is one sentence or more that says the way out; it may be empty. ``data`` holds the
    arguments that the concrete class was made from, by name.
    """

    hint: str
    data: dict[str, Any]

    def __init__(self, message: str, *, hint: str = "", **data: Any) -> None:
        super().__init__(message)
        self.hint = hint
        self.data = data
        vars(self).update(data)

    def __reduce__(self) -> tuple[Any, ...]:
        return from_wire, (to_wire(self),)


# --- what the user asked for -----------------------------------------------------------------


class UsageError(MempipError):
    """An option or argument has a value that cannot be used."""

    option: str
    reason: str

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(f"{option}: {reason}", option=option, reason=reason)


class InvalidRequirement(MempipError):
    """A requirement string does not follow PEP 508 (or what mempip takes beside it)."""

    requirement: str
    reason: str
    origin: str

    def __init__(self, requirement: str, reason: str, origin: str = "") -> None:
        where = f" (from {origin})" if origin else ""
        super().__init__(
            f"Invalid requirement {requirement!r}{where}: {reason}",
            hint="Write it as NAME[EXTRAS] SPECIFIERS, for example 'requests[socks]>=2.31'.",
            requirement=requirement,
            reason=reason,
            origin=origin,
        )


class InvalidFile(MempipError):
    """Root of faults in a file that says what to install. ``line`` is 0 where no one line is at fault."""

    file: str
    reason: str
    line: int

    def __init__(self, file: str, reason: str, line: int = 0, hint: str = "") -> None:
        where = f"{file}, line {line}" if line else file
        hint = hint or "Correct the file, or name another one."
        super().__init__(f"{where}: {reason}", hint=hint, file=file, reason=reason, line=line)


class InvalidRequirementFile(InvalidFile):
    """A requirement or constraint file (``-r``, ``-c``) cannot be read or does not have pip's format."""


class InvalidConfiguration(InvalidFile):
    """A configuration file of pip's is not one."""


class InvalidProject(InvalidFile):
    """A pyproject.toml cannot be read, or does not have what was asked of it (PEP 621, PEP 735)."""


class InvalidScript(InvalidFile):
    """A script's inline metadata (PEP 723) cannot be read, or asks for another Python."""


class InvalidLockFile(InvalidFile):
    """A pylock.toml (PEP 751) cannot be read, or has nothing for this interpreter."""


# --- indexes and the network -----------------------------------------------------------------


class IndexFailure(MempipError):
    """Root of what can go wrong with an index or with the way to it."""


class IndexUnavailable(IndexFailure):
    """An address did not answer, or not in time, or with a failure status."""

    url: str
    reason: str

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"Could not fetch {url}: {reason}",
            hint="Check the address (--index-url), the network and --proxy; --timeout and --retries wait longer.",
            url=url,
            reason=reason,
        )


class RedirectRefused(IndexFailure):
    """A redirect would leave HTTPS, or go round in circles."""

    url: str
    target: str
    reason: str

    def __init__(self, url: str, target: str, reason: str) -> None:
        super().__init__(
            f"Refused to follow the redirect from {url} to {target}: {reason}",
            hint="Name the final address with --index-url if you trust it.",
            url=url,
            target=target,
            reason=reason,
        )


class InsecureIndex(IndexFailure):
    """An index or a page of links is at a plain http address, where anybody on the way can change what it says."""

    url: str
    host: str

    def __init__(self, url: str, host: str) -> None:
        super().__init__(
            f"{url} is not secure: anybody on the way to {host} could change what it answers",
            hint=f"Use https, or take it as it is with --trusted-host {host}.",
            url=url,
            host=host,
        )


class InvalidIndexPage(IndexFailure):
    """A page of an index does not follow the Simple API (PEP 503, PEP 691)."""

    url: str
    reason: str

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"{url} is not a page of a Simple API: {reason}",
            hint="--index-url takes the base of a Simple API, for example https://pypi.org/simple/.",
            url=url,
            reason=reason,
        )


# --- resolution --------------------------------------------------------------------------------


class ResolutionError(MempipError):
    """Root of what can go wrong between requirements and a set of versions."""


class ProjectNotFound(ResolutionError):
    """No index knows the project."""

    project: str
    sources: list[str]
    required_by: list[str]

    def __init__(self, project: str, sources: Sequence[str], required_by: Sequence[str] = ()) -> None:
        by = f", required by {', '.join(required_by)}," if required_by else ""
        super().__init__(
            f"No project named {project!r}{by} was found in {', '.join(sources) or 'no index at all'}",
            hint="Check the spelling, or name another index with --extra-index-url or --find-links.",
            project=project,
            sources=list(sources),
            required_by=list(required_by),
        )


class NoMatchingVersion(ResolutionError):
    """The project exists, but no file of it satisfies the specifiers on this interpreter.

    ``reasons`` are lines that say why files were passed over (other versions, Python, platform tags).
    """

    requirement: str
    reasons: list[str]
    required_by: list[str]

    def __init__(
        self, requirement: str, reasons: Sequence[str], required_by: Sequence[str] = (), hint: str = ""
    ) -> None:
        by = f", required by {', '.join(required_by)}" if required_by else ""
        lines = "".join(f"\n  - {reason}" for reason in reasons)
        super().__init__(
            f"No usable file satisfies {requirement}{by}:{lines}",
            hint=hint
            or "Relax the requirement, allow pre-releases with --pre, do without an option that leaves files out, "
            "or use a Python that has wheels.",
            requirement=requirement,
            reasons=list(reasons),
            required_by=list(required_by),
        )


class ResolutionImpossible(ResolutionError):
    """Requirements contradict each other. ``causes`` are lines, a chain that a person can follow."""

    causes: list[str]

    def __init__(self, causes: Sequence[str], hint: str = "") -> None:
        lines = "".join(f"\n  - {cause}" for cause in causes)
        super().__init__(
            f"These requirements contradict each other:{lines}",
            hint=hint or "Loosen or remove one of them.",
            causes=list(causes),
        )


class HashesMissing(ResolutionError):
    """Hashes are required, and some of what would be installed has none, or is not pinned with ``==``.

    ``missing`` and ``unpinned`` are lines for a requirement file, complete with the hashes that the files have;
    ``unhashable`` are requirements of what cannot have any.
    """

    missing: list[str]
    unpinned: list[str]
    unhashable: list[str]

    def __init__(
        self, missing: Sequence[str] = (), unpinned: Sequence[str] = (), unhashable: Sequence[str] = ()
    ) -> None:
        parts = ["Hashes are required, by --require-hashes or because one requirement has a --hash."]
        if missing:
            parts.append("These have none; the hashes are those that the files have now:")
            parts += (f"    {line}" for line in missing)
        if unpinned:
            parts.append("These are not pinned to one version with ==, as all must be then:")
            parts += (f"    {line}" for line in unpinned)
        if unhashable:
            parts.append("These cannot have one, as repositories and directories:")
            parts += (f"    {line}" for line in unhashable)
        hint = "Put lines like these into the requirement file, if you trust where the files came from."
        if unhashable:
            hint = "Build wheels of repositories and directories elsewhere, and name those with their hashes."
        super().__init__(
            "\n".join(parts), hint=hint, missing=list(missing), unpinned=list(unpinned), unhashable=list(unhashable)
        )


class ResolutionTooDeep(ResolutionError):
    """The resolver gave up after ``rounds`` rounds.

    ``projects`` are those that most conflicts were about, ``causes`` the lines of the last conflict.
    """

    rounds: int
    projects: list[str]
    causes: list[str]

    def __init__(self, rounds: int, projects: Sequence[str] = (), causes: Sequence[str] = ()) -> None:
        about = f"; most conflicts were about {', '.join(projects)}, and the last was this:" if projects else ""
        lines = "".join(f"\n  - {cause}" for cause in causes)
        super().__init__(
            f"Resolution did not finish within {rounds} rounds{about}{lines}",
            hint=f"Give narrower version ranges so that there is less to try, for {projects[0]} above all."
            if projects
            else "Give narrower version ranges so that there is less to try.",
            rounds=rounds,
            projects=list(projects),
            causes=list(causes),
        )


# --- wheels --------------------------------------------------------------------------------------


class WheelError(MempipError):
    """Root of reasons to refuse a wheel."""


class HashMismatch(WheelError):
    """The bytes that arrived are not the bytes that the index or the user promised."""

    filename: str
    algorithm: str
    expected: str
    actual: str

    def __init__(self, filename: str, algorithm: str, expected: str, actual: str) -> None:
        super().__init__(
            f"{filename} does not have the promised hash: expected {algorithm}:{expected}, got {algorithm}:{actual}",
            hint="The file was changed or damaged on its way. Do not use it; ask who runs the index.",
            filename=filename,
            algorithm=algorithm,
            expected=expected,
            actual=actual,
        )


class WheelRefused(WheelError):
    """A wheel is malformed or hostile. ``member`` is the archive member at fault, or empty."""

    filename: str
    member: str
    reason: str

    def __init__(self, filename: str, reason: str, member: str = "") -> None:
        what = f"{filename}: member {member!r}" if member else filename
        super().__init__(
            f"Refused {what}: {reason}",
            hint="The wheel is broken or hostile; choose another version or ask its publisher.",
            filename=filename,
            reason=reason,
            member=member,
        )


# --- sources -------------------------------------------------------------------------------------


class SourceError(MempipError):
    """Root of what can go wrong on the way from a source to a wheel."""


class SourceRefused(SourceError):
    """A source is malformed, hostile, or none. ``member`` is the file in it that is at fault, or empty."""

    source: str
    member: str
    reason: str

    def __init__(self, source: str, reason: str, member: str = "") -> None:
        what = f"{source}: {member}" if member else source
        super().__init__(
            f"Refused {what}: {reason}",
            hint="If its address is right, it is broken or hostile; choose another version or ask its publisher.",
            source=source,
            reason=reason,
            member=member,
        )


class BuildFailed(SourceError):
    """A project's own build backend failed. ``step`` is the hook (PEP 517), ``output`` all that it printed."""

    source: str
    step: str
    output: str

    def __init__(self, source: str, step: str, output: str) -> None:
        last = "".join(f"\n  {line}" for line in output.rstrip().splitlines()[-15:])
        super().__init__(
            f"Building {source} failed in {step}:{last or ' it printed nothing'}",
            hint="What failed is the project's own build. It may need a compiler or libraries of the system; "
            "--only-binary asks for versions that have a wheel.",
            source=source,
            step=step,
            output=output,
        )


class BuildUnavailable(SourceError):
    """This machine has no place in memory where a build could write."""

    source: str
    reason: str

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(
            f"{source} has to be built, and there is nowhere in memory to build it: {reason}",
            hint="Ask for a version that has a wheel (--only-binary), allow user namespaces, run with CAP_SYS_ADMIN, "
            "or let the build write to a directory that you name: --build-dir DIRECTORY (but for editable projects).",
            source=source,
            reason=reason,
        )


class BuildForOther(SourceError):
    """A source would have to be built for another interpreter than this one. ``python`` is its version."""

    source: str
    python: str

    def __init__(self, source: str, python: str) -> None:
        super().__init__(
            f"{source} would have to be built for another Python ({python}) than this one",
            hint="Ask for something that has a wheel, or run this on the Python and system that it is meant for.",
            source=source,
            python=python,
        )


class BuildRequirementsUnmet(SourceError):
    """What a source requires to be built (PEP 518) cannot be had. ``reason`` explains it."""

    source: str
    reason: str

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(
            f"What {source} requires to be built cannot be had. {reason}",
            hint="Ask for a version of it that has a wheel (--only-binary), limit what builds require "
            "(--build-constraint), or build with what this Python has (--no-build-isolation).",
            source=source,
            reason=reason,
        )


class BuildCycle(SourceError):
    """To build a source, the same source would have to be built first. ``chain`` is the way round."""

    chain: list[str]

    def __init__(self, chain: Sequence[str]) -> None:
        super().__init__(
            f"A build needs its own result: {' needs '.join(chain)}",
            hint="Ask for a version of one of them that has a wheel.",
            chain=list(chain),
        )


# --- the daemon ----------------------------------------------------------------------------------


class DaemonUnavailable(MempipError):
    """Nobody answers at a daemon's socket, or it went away in the middle of an answer."""

    path: str
    reason: str

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The daemon at {path} does not answer ({reason})",
            hint="Start it with 'mempip daemon start --socket PATH', name another socket (--socket, MEMPIP_DAEMON), or "
            "do without.",
            path=path,
            reason=reason,
        )


class DaemonNotTrusted(MempipError):
    """A daemon runs as a user who could make this process run anything. ``uid`` is that user."""

    path: str
    uid: int

    def __init__(self, path: str, uid: int) -> None:
        super().__init__(
            f"The daemon at {path} runs as user {uid}, who is neither this user nor root",
            hint=f"If that user may decide what code runs here, say so: MEMPIP_DAEMON_USER={uid}.",
            path=path,
            uid=uid,
        )


class DaemonRefused(MempipError):
    """A daemon does not do this for this user."""

    reason: str

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The daemon refused: {reason}",
            hint="Ask whoever runs it, or do without: MEMPIP_DAEMON= for no daemon.",
            reason=reason,
        )


class DaemonAlreadyRunning(MempipError):
    """Another daemon answers at the socket that this one was to have."""

    path: str

    def __init__(self, path: str) -> None:
        super().__init__(
            f"A daemon answers at {path} already",
            hint="Use it (MEMPIP_DAEMON), stop it ('mempip daemon stop'), or name another socket: --socket PATH.",
            path=path,
        )


class NoPlaceForSocket(MempipError):
    """There is no directory in which a daemon could have its socket."""

    reason: str

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"There is no place for the daemon's socket: {reason}",
            hint="Name a path in a directory that you may write to: --socket PATH.",
            reason=reason,
        )


class NoSuchEnvironment(MempipError):
    """A daemon has no environment of that name."""

    name: str

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no environment {name!r}",
            hint=f"Make it: 'mempip install --env {name} REQUIREMENT'; 'mempip env list' shows those that there are.",
            name=name,
        )


class SnapshotFailed(MempipError):
    """A daemon's snapshot cannot be written or restored. Nothing is half done."""

    path: str
    reason: str

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The snapshot {path} cannot be used: {reason}",
            hint="Name another file, or remove this one: all that is in it can be downloaded again.",
            path=path,
            reason=reason,
        )


# --- memory and native code ----------------------------------------------------------------------


class NativeUnavailable(MempipError):
    """This machine allows no way to load from memory. ``reasons`` maps each adapter to its refusal."""

    reasons: dict[str, str]

    def __init__(self, reasons: Mapping[str, str], hint: str = "") -> None:
        lines = "".join(f"\n  - {name}: {reason}" for name, reason in reasons.items())
        super().__init__(
            f"This machine allows no way to keep packages in memory:{lines}",
            hint=hint or "Run 'mempip doctor' to see what would lift each refusal.",
            reasons=dict(reasons),
        )


class ViewUnavailable(MempipError):
    """Packages' files cannot be reached in the way that was asked for (``files=``) on this machine."""

    view: str
    reason: str

    def __init__(self, view: str, reason: str, hint: str = "") -> None:
        super().__init__(
            f"The {view!r} view of packages' files cannot be had here: {reason}",
            hint=hint or "Run 'mempip doctor' to see what would lift the refusal, or use files='overlay'.",
            view=view,
            reason=reason,
        )


class NotEnoughMemory(MempipError):
    """There is not enough memory for what was asked for. ``needed`` is in bytes."""

    needed: int
    reason: str

    def __init__(self, needed: int, reason: str) -> None:
        super().__init__(
            f"The packages' files need {needed / 1e6:.0f} MB of memory: {reason}",
            hint="Allow more memory, or use files='overlay', which inflates only what is used.",
            needed=needed,
            reason=reason,
        )


class LibraryNotLoadable(MempipError, ImportError):
    """The dynamic linker refused a library of an in-memory package."""

    library: str
    reason: str

    def __init__(self, library: str, reason: str, hint: str = "") -> None:
        super().__init__(f"Cannot load {library} from memory: {reason}", hint=hint, library=library, reason=reason)


class DescriptorLimit(MempipError):
    """The limit on open file descriptors leaves no room."""

    limit: int
    needed: int

    def __init__(self, limit: int, needed: int) -> None:
        super().__init__(
            f"{needed} file descriptors are needed and the limit of this process is {limit}",
            hint=f"Raise it, for example with 'ulimit -n {max(1024, 4 * needed)}'.",
            limit=limit,
            needed=needed,
        )


# --- the running interpreter ---------------------------------------------------------------------


class AlreadyImported(MempipError):
    """A module of the project is in use in this interpreter in another version."""

    project: str
    imported: str
    wanted: str

    def __init__(self, project: str, imported: str, wanted: str) -> None:
        super().__init__(
            f"{project} {imported} is already imported in this interpreter; {wanted} cannot take its place",
            hint=f"Call mempip.install() before importing {project}, start a new interpreter, "
            f"or ask for {project}=={imported}.",
            project=project,
            imported=imported,
            wanted=wanted,
        )


class CommandNotFound(MempipError):
    """A project has no command of a name. ``commands`` are those that it has."""

    command: str
    project: str
    commands: list[str]

    def __init__(self, command: str, project: str, commands: Sequence[str]) -> None:
        has = f"it has {', '.join(commands)}" if commands else "it has none"
        super().__init__(
            f"{project} has no command {command!r}; {has}",
            hint="Name one of them: mempip x --from PROJECT COMMAND." if commands else "",
            command=command,
            project=project,
            commands=list(commands),
        )


class NotInstalled(MempipError):
    """A project is not in any environment of this interpreter."""

    project: str

    def __init__(self, project: str) -> None:
        super().__init__(
            f"{project} is not installed in memory in this interpreter",
            hint="'mempip list' shows what is.",
            project=project,
        )


class InvalidImage(MempipError):
    """An image or its index is damaged or of another format version. ``path``: the file at fault, or empty."""

    reason: str
    path: str

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"Not a usable image: {reason}", hint="Install again.", reason=reason, path=path)


class InstallerFailed(MempipError):
    """The installer process ended without an answer, or with a fault of its own."""

    reason: str
    details: str

    def __init__(self, reason: str, details: str = "") -> None:
        super().__init__(
            f"The installer process failed: {reason}" + (f"\n{details}" if details else ""),
            hint="If memory is limited, the process may have been killed for it; otherwise please report this.",
            reason=reason,
            details=details,
        )


class ProtocolError(MempipError):
    """The other end of a connection sent something that the protocol does not allow."""

    reason: str

    def __init__(self, reason: str) -> None:
        super().__init__(f"The connection broke the protocol: {reason}", reason=reason)


def to_wire(error: MempipError) -> dict[str, Any]:
    """Return `error` as a JSON-able dictionary: ``{"error": class name, "hint": ..., "data": {...}}``."""
    return {"error": type(error).__name__, "hint": error.hint, "data": error.data}


def from_wire(wire: Mapping[str, Any]) -> MempipError:
    """Rebuild an error from `to_wire`'s dictionary; an unknown class becomes `InstallerFailed`."""
    kind = globals().get(wire["error"])
    if isinstance(kind, type) and issubclass(kind, MempipError) and kind is not MempipError:
        error: MempipError = kind(**wire["data"])
        error.hint = wire["hint"]
        return error
    return InstallerFailed(f"unknown error {wire['error']!r}", repr(wire["data"]))
