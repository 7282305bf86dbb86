"""One installation, top to bottom: requirements, resolution, downloads, image."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import mempip_native
from mempip.errors import NativeUnavailable, UsageError
from mempip.installer import report
from mempip.installer.hash_checking import check_promises, refuse_what_has_none, require_hashes
from mempip.installer.requirements.gather import gather
from mempip.installer.resolution import resolve
from mempip.installer.target import Target
from mempip.installer.transport import Transport
from mempip.installer.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mempip.installer.downloads import Shelf
    from mempip.installer.requirements.gather import Wanted
    from mempip.installer.resolution import Resolution
    from mempip.installer.sharing import Pool
    from mempip.options import InstallOptions
    from mempip_native import Adapter

    Send = Callable[[dict[str, Any]], object]


class Outcome(NamedTuple):
    """What came of an installation: an image's memory objects, or the report of a dry run."""

    satisfied: list[dict[str, str]]  #: name and version of what was installed already and stays
    adapter: str = ""
    descriptors: Sequence[int] = ()  #: the index first, then the wheels
    wheels: Sequence[tuple[str, str]] = ()  #: file name and sha256 (or ``""``) of each
    report: dict[str, Any] | None = None  #: in pip's format, ``{"pylock": TEXT}``, or ``{"tree": ROWS}``


def install(
    options: InstallOptions,
    send: Send,
    *,
    target: Target | None = None,
    shelf: Shelf | None = None,
    pool: Pool | None = None,
    check: Callable[[Wanted], object] | None = None,
) -> Outcome:
    """Carry out `options`. Progress and warnings go to `send` as messages of `mempip.store`.

    `target` is the interpreter to install for, this one by default; one that `options` name counts for
    more. `shelf` has wheels that need not be fetched, and `pool` resolutions that need not be made; `check` sees all
    that was asked for before anything is done about it, and raises what it has against it.

    Raises a `MempipError`; nothing remains then but this process's own memory.
    """
    adapter = _adapter(options.adapter)
    target = target or Target.current()
    if options.names_target:
        target = Target.named(options.python_version, options.platforms, options.implementation, options.abis)
    if options.ignore_requires_python:
        target = replace(target, any_python=True)

    def warn(text: str) -> None:
        send({"type": "warning", "text": text})

    wanted = gather(options, target, warn)
    if options.names_target:
        wanted = wanted._replace(options=_for_other(wanted.options))
    if check is not None:
        check(wanted)
    requires_hashes = wanted.requires_hashes and wanted.lock is None  # which has hashes of its own
    options, hashes = wanted.options.replace(require_hashes=requires_hashes), wanted.hashes(target)
    if requires_hashes:
        refuse_what_has_none(wanted.requirements, target)
    with (
        Transport(options) as transport,
        Workshop(
            transport,
            options,
            target,
            adapter,
            send,
            hashes,
            wanted.config_settings,
            wanted.build_constraints,
            shelf=shelf,
            locked=wanted.lock is not None,
        ) as workshop,
    ):
        send({"type": "progress", "phase": "resolve", "name": "", "done": 0, "total": None})
        resolve = partial(_resolution, wanted, workshop, target, transport)
        resolution = resolve() if pool is None else pool.answer(wanted, target, resolve)
        if options.only_deps:
            resolution = resolution.without_requested()
        for text in resolution.warnings:
            warn(text)
        for index in sorted(workshop.catalog.undated):
            warn(
                f"{index} does not tell when files were uploaded (PEP 700): those that must not be newer are left out."
            )
        check_promises(resolution, hashes)
        if requires_hashes:
            require_hashes(resolution, wanted, target, transport)
        satisfied = [{"name": kept.name, "version": str(kept.version)} for kept in resolution.satisfied.values()]
        if options.lock_for:
            from mempip.installer.lockfile.writer import lock_text

            text = lock_text(resolution, target, transport, workshop.commit_of, options.lock_for)
            return Outcome(satisfied, report={"pylock": text})
        if options.tree:
            from mempip.installer.graph import graph

            named = {row.name for row in wanted.requirements if row.applies(target.environment)}
            requested = named | {name for name, pinned in resolution.pins.items() if pinned.requested}
            return Outcome(satisfied, report={"tree": graph(resolution, options.installed, requested, target)})
        if options.dry_run:
            return Outcome(satisfied, report=report.installation_report(resolution, target, workshop.commit_of))
        descriptors, wheels = workshop.image(resolution)
        return Outcome(satisfied, adapter.name, descriptors, [(wheel.filename, wheel.sha256) for wheel in wheels])


def _resolution(wanted: Wanted, workshop: Workshop, target: Target, transport: Transport) -> Resolution:
    """Return what a lock file says, if there is one, or else what the requirements amount to."""
    options = wanted.options
    if wanted.lock is not None:
        from mempip.installer.lockfile.reader import locked_resolution

        return locked_resolution(wanted.lock, target, workshop.catalog, transport, options, wanted.constraints)
    return resolve(
        wanted.requirements,
        workshop.catalog,
        target,
        all_releases=options.all_releases,
        only_final=options.only_final,
        no_deps=options.no_deps,
        upgrade=options.upgrade,
        eager=options.upgrade_strategy == "eager",
        installed=() if options.lock_for else options.installed,
        constraints=wanted.constraints,
    )


def _for_other(options: InstallOptions) -> InstallOptions:
    """Return `options` for a target that is not here: nothing can be built for it, and it has not what is in memory."""
    if options.no_binary:
        raise UsageError("no_binary", "sources cannot be built for another Python; take wheels")
    return options.replace(only_binary=(":all:",), installed=())


def _adapter(name: str) -> Adapter:
    """Return the memory adapter to use: the one called `name`, or the first that works."""
    try:
        return mempip_native.select(name)
    except mempip_native.AdapterUnavailable as error:
        reasons = {probe.adapter: probe.reason for probe in error.probes} or {name: str(error)}
        raise NativeUnavailable(reasons) from error
