"""pip, in memory: install Python packages into the running interpreter without writing to any file system.

::

    import mempip

    mempip.install("numpy", "pandas>=2")
    import numpy

Everything public is here. Importing this module imports nothing else of mempip; each function does what it needs.
"""

from __future__ import annotations

__version__ = "0.1.0.dev0"

__all__ = [
    "Environment",
    "MempipError",
    "__version__",
    "check",
    "environment",
    "freeze",
    "install",
    "list",
    "load_ipython_extension",
    "make_lock",
    "resolve",
    "run",
    "show",
    "tree",
    "uninstall",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from mempip.errors import MempipError
    from mempip.image.layout import Distribution
    from mempip.runtime.environment import Environment
    from mempip.store.client import Answer


def install(
    *requirements: str,
    requirement: Iterable[str] | None = None,
    constraint: Iterable[str] | None = None,
    build_constraint: Iterable[str] | None = None,
    editable: Iterable[str] | None = None,
    group: Iterable[str] | None = None,
    requirements_from_script: Iterable[str] | None = None,
    program: str | None = None,
    lock: str | None = None,
    require_hashes: bool | None = None,
    index_url: str | None = None,
    extra_index_url: Iterable[str] | None = None,
    find_links: Iterable[str] | None = None,
    no_index: bool | None = None,
    project_index: Mapping[str, str] | Iterable[str] | None = None,
    pre: bool | None = None,
    all_releases: Iterable[str] | None = None,
    only_final: Iterable[str] | None = None,
    no_deps: bool | None = None,
    only_deps: bool | None = None,
    ignore_requires_python: bool | None = None,
    ignore_installed: bool | None = None,
    upgrade: bool | None = None,
    upgrade_strategy: str | None = None,
    exclude_newer: str | None = None,
    uploaded_prior_to: str | None = None,
    no_binary: Iterable[str] | None = None,
    only_binary: Iterable[str] | None = None,
    prefer_binary: bool | None = None,
    build_isolation: bool | None = None,
    build_dir: str | None = None,
    config_settings: Mapping[str, str | Sequence[str]] | None = None,
    cache_dir: str | None = None,
    cert: str | None = None,
    client_cert: str | None = None,
    keyring_provider: str | None = None,
    proxy: str | None = None,
    no_proxy_env: bool | None = None,
    trusted_host: Iterable[str] | None = None,
    timeout: float | None = None,
    retries: int | None = None,
    isolated: bool | None = None,
    adapter: str | None = None,
    files: str | None = None,
    daemon: str | None = None,
    refresh: bool | None = None,
    env: str | None = None,
    progress: Callable[[dict[str, Any]], object] | None = None,
) -> Environment:
    """Install `requirements` (PEP 508) into memory and make them importable in this interpreter.

    Returns the `Environment`, which is on ``sys.path`` already; as a context manager it takes itself off again.
    What is installed in memory already and satisfies a requirement is kept, unless `upgrade` is set; the environment
    holds what was added, and is empty and not on ``sys.path`` if that is nothing.

    Keywords are pip's options of the same name; those not given come from pip's environment variables
    (``PIP_INDEX_URL`` …) and configuration files, and lists are added to those; `isolated` leaves out variables and the
    user's own files. `requirement`, `constraint` and `build_constraint` are names of files, as seen from the working
    directory, or their addresses; `project_index` binds names of projects, or patterns with ``*``, to the one index
    that they may come from; `editable` are directories whose modules are imported from where they are; `group` are
    dependency groups, ``"[PATH/pyproject.toml:]NAME"`` (PEP 735); `requirements_from_script` are scripts and notebooks
    that state what they need (PEP 723, or a list named ``__requires__``), and `program` is one that may; `lock` is a
    lock file, ``"PATH[EXTRAS]"`` (PEP 751), that says all there is to install; `ignore_requires_python` takes what is
    for other versions of Python, and `ignore_installed` installs anew what is in memory; `exclude_newer` is uv's
    option: a date, timestamp or duration, and files that were uploaded later are left out; `build_dir` is a directory
    that builds may write to, where there is no place for them in memory. `adapter` names a memory adapter of ``mempip
    doctor``. `files` is how packages' files are reached by path: ``"overlay"``, through Python's own functions, or
    ``"mount"``, also by code in C and programs, from a directory in memory; if it is not given, ``MEMPIP_FILES``
    decides. `daemon` is the path of the socket of a daemon to ask (``mempip daemon start``), ``""`` for none, by
    default what ``MEMPIP_DAEMON`` names; with `refresh`, it resolves anew. `env` names an environment that the daemon
    keeps: what is installed becomes part of that, whole or not at all, and all of it is returned. `progress` is called
    with each message of the installer: ``{"type": "progress", "phase", "name", "done", "total"}``, ``{"type":
    "warning", "text"}``, or ``{"type": "output", "text"}``, a line that a build printed; without it, warnings are given
    by `warnings.warn`.

    Raises a `MempipError`: nothing is installed then, not even in part.
    """
    from mempip.runtime import views

    view = views.choose(files)  # before anything is fetched
    answer = _ask(
        requirements,
        progress,
        requirement=requirement,
        constraint=constraint,
        build_constraint=build_constraint,
        editable=editable,
        group=group,
        requirements_from_script=requirements_from_script,
        program=program,
        lock=lock,
        require_hashes=require_hashes,
        index_url=index_url,
        extra_index_url=extra_index_url,
        find_links=find_links,
        no_index=no_index,
        project_index=project_index,
        pre=pre,
        all_releases=all_releases,
        only_final=only_final,
        no_deps=no_deps,
        only_deps=only_deps,
        ignore_requires_python=ignore_requires_python,
        ignore_installed=ignore_installed,
        upgrade=upgrade,
        upgrade_strategy=upgrade_strategy,
        exclude_newer=exclude_newer,
        uploaded_prior_to=uploaded_prior_to,
        no_binary=no_binary,
        only_binary=only_binary,
        prefer_binary=prefer_binary,
        build_isolation=build_isolation,
        build_dir=build_dir,
        config_settings=config_settings,
        cache_dir=cache_dir,
        cert=cert,
        client_cert=client_cert,
        keyring_provider=keyring_provider,
        proxy=proxy,
        no_proxy_env=no_proxy_env,
        trusted_host=trusted_host,
        timeout=timeout,
        retries=retries,
        isolated=isolated,
        adapter=adapter,
        daemon=daemon,
        refresh=refresh,
        env=env,
        dry_run=False,
    )
    return _opened(answer, view)


def environment(name: str, *, daemon: str | None = None, files: str | None = None) -> Environment:
    """Make the environment of that name, which a daemon keeps, importable in this interpreter, and return it.

    `daemon` and `files` are as for `install`. Raises `NoSuchEnvironment`, and what asking a daemon raises.
    """
    from mempip.runtime import views
    from mempip.store import client

    return _opened(client.environment(name, daemon), views.choose(files))


def _opened(answer: Answer, view: str) -> Environment:
    """Return the environment of an answer, active unless there is nothing in it."""
    from mempip.runtime.environment import Environment

    environment = Environment.open(answer.descriptors, answer.adapter, view, companions=answer.companions)
    if answer.daemon:
        from mempip.store.lending import Loans

        environment.companions.lender = Loans(environment, answer.daemon)
    if not environment.distributions:  # everything was there: nothing to put on sys.path, nothing to keep open
        environment.close()
        return environment
    try:
        environment.activate()
    except BaseException:
        environment.close()
        raise
    return environment


def resolve(
    *requirements: str, progress: Callable[[dict[str, Any]], object] | None = None, **options: Any
) -> dict[str, Any]:
    """Return what `install` would install, and install nothing: pip's installation report, version 1.

    `options` are the keywords of `install`. Raises a `MempipError` if the requirements cannot be resolved.
    """
    options.pop("files", None)  # nothing is installed that could be viewed
    report = _ask(requirements, progress, dry_run=True, **options).report
    return report or {}


def make_lock(
    *requirements: str,
    directory: str = "",
    progress: Callable[[dict[str, Any]], object] | None = None,
    **options: Any,
) -> str:
    """Return a lock file (PEP 751) for what `install` would install in this kind of interpreter; write nothing.

    Paths in it are as seen from `directory`, by default the working directory. `options` are the keywords of `install`.
    Raises a `MempipError` if the requirements cannot be resolved.
    """
    import os

    options.pop("files", None)
    report = _ask(requirements, progress, lock_for=os.path.abspath(directory), **options).report
    return str((report or {})["pylock"])


def run(requirements: Iterable[str], arguments: Sequence[str], **options: Any) -> int:
    """Run ``python ARGUMENTS`` in a new process with `requirements` in its memory, and return its exit status.

    `arguments` are a Python command line: ``["-m", "black", "."]``, ``["-c", "import numpy"]``, ``["script.py"]``. What
    a script states that it needs (PEP 723, ``__requires__``) is there, too.
    `options` are those of `install`.
    """
    import os
    import subprocess

    from mempip.cli.parser import spell
    from mempip.configuration import defaults, variable_of
    from mempip.errors import UsageError
    from mempip.options import LISTS
    from mempip.runtime import launch

    words, variables = spell(options)
    if variables and options.get("isolated"):
        raise UsageError("isolated", "addresses with credentials go to the process as variables; use a netrc file")
    configured = defaults(os.environ)
    for name, attribute in LISTS.items():  # which add to what is configured, as options do
        if (variable := variable_of(name)) in variables:
            variables[variable] = " ".join([*configured.get(attribute, ()), variables[variable]])
    command = launch.command([], ["run", *words, *requirements, "--", *arguments])
    return subprocess.run(command, check=False, env={**os.environ, **variables}).returncode


def list() -> Sequence[Distribution]:  # noqa: A001 - pip's word
    """Return the distributions that this interpreter has in memory, sorted by name.

    Where two environments hold the same project, the one that imports find comes first and is the only one listed.
    """
    from mempip.runtime.environment import distributions

    return distributions()


def freeze() -> Sequence[str]:
    """Return ``NAME==VERSION`` for each distribution in memory, sorted by name.

    One that was named by its address is ``NAME @ URL`` (PEP 508), or ``-e URL`` if it is editable.
    """

    def line(row: Distribution) -> str:
        if not row.url:
            return f"{row.name}=={row.version}"
        from mempip.runtime.distributions import is_editable

        return f"-e {row.url}" if is_editable(row.name) else f"{row.name} @ {row.url}"

    return [line(row) for row in list()]


def tree(
    *requirements: str, progress: Callable[[dict[str, Any]], object] | None = None, **options: Any
) -> Sequence[Mapping[str, Any]]:
    """Return what this interpreter would have in memory once `requirements` were installed, and what requires what.

    Nothing is installed. Without requirements (and files that name some) it is what is in memory now. A mapping for
    each project, sorted by name: ``name``, ``version``, ``requested`` (the requirements name it), and ``requires``, the
    requirements that apply here and to the extras that are asked for: each a mapping of ``name``, ``requirement``
    (PEP 508), the ``version`` that would be there, or ``None``, and ``satisfied``. `options` are the keywords of
    `install`. Raises a `MempipError` if the requirements cannot be resolved.
    """
    options.pop("files", None)
    report = _ask(requirements, progress, tree=True, **options).report or {}
    rows: Sequence[Mapping[str, Any]] = report["tree"]
    return rows


def check(
    *requirements: str, progress: Callable[[dict[str, Any]], object] | None = None, **options: Any
) -> Sequence[str]:
    """Return a sentence for each requirement in `tree` that is not met, as ``pip check`` words them.

    Parameters and errors are those of `tree`: without requirements it is about what is in memory.
    """
    from mempip.cli.tree import problems

    return problems(tree(*requirements, progress=progress, **options))


def show(project: str) -> dict[str, Any]:
    """Return what is known of a project in memory, under the names that ``pip show`` prints.

    Raises `NotInstalled`.
    """
    from mempip.runtime.distributions import describe

    return describe(project)


def uninstall(project: str) -> None:
    """Take a project out of memory. Modules that are imported already stay. Raises `NotInstalled`."""
    from mempip.runtime.environment import holding

    holding(project).uninstall(project)


def load_ipython_extension(shell: Any) -> None:
    """Give an IPython `shell` the line magic ``%mempip``: ``%load_ext mempip`` calls this."""
    from mempip.cli import magic

    magic.register(shell)


def _ask(
    requirements: Sequence[str],
    listener: Callable[[dict[str, Any]], object] | None,
    *,
    daemon: str | None = None,
    refresh: bool | None = None,
    env: str | None = None,
    **keywords: Any,
) -> Answer:
    """Ask an installer; options that are ``None`` come from pip's configuration."""
    import os

    from mempip.configuration import defaults
    from mempip.errors import UsageError
    from mempip.options import LISTS, OPPOSITES, InstallOptions, merge_choices, spell_values
    from mempip.runtime.environment import installed
    from mempip.store import client

    for requirement in requirements:
        if not isinstance(requirement, str):
            kind = type(requirement).__name__
            raise TypeError(f"a requirement is a string, not {kind}; a list of them is given as *requirements")
    options = defaults(os.environ, isolated=bool(keywords.pop("isolated", None)))
    for name, value in keywords.items():
        if value is None:
            continue
        if name in LISTS:
            options[LISTS[name]] = [*options.get(LISTS[name], ()), *spell_values(value)]
        elif name not in OPPOSITES:
            options[name] = value
    options = merge_choices(options, keywords)
    ignored = options.pop("ignore_installed", False)
    if ignored and env:
        raise UsageError("ignore_installed", "an environment that a daemon keeps has its projects once; uninstall them")
    options["installed"] = () if ignored else installed()
    return client.install(
        InstallOptions(requirements, **options), listener, daemon=daemon, refresh=bool(refresh), environment=env or ""
    )


def __getattr__(name: str) -> Any:
    if name == "Environment":
        from mempip.runtime.environment import Environment

        return Environment
    if name == "MempipError":
        from mempip.errors import MempipError

        return MempipError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
