"""The process that one source is built in. Everything that it can write to is in memory and goes when it ends.

It is led from outside, over a socket (`builder` is the other end); both sides say:

=================  =============  =====================================================================================
type               direction      other members
=================  =============  =====================================================================================
``open``           → room         `Order`'s attributes; descriptor: the archive, if the source is one
``requires``       room →         ``requirements``: what the build environment must have
``environment``    → room         descriptors: an image with that
``output``         room →         ``text``: a line that the backend printed
``metadata``       room →         ``metadata``: the METADATA that the wheel will have; ``commit`` of a repository
``build``          → room         build the wheel
``wheel``          room →         ``filename``; descriptor: the wheel
``error``          room →         ``error``: `mempip.errors.to_wire`
=================  =============  =====================================================================================

The source's code runs in further processes, started by pyproject_hooks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from pyproject_hooks import BackendUnavailable, BuildBackendHookCaller, HookMissing

import mempip_native
from mempip.connection import Connection, take_order
from mempip.errors import BuildFailed, BuildUnavailable, MempipError, SourceRefused, to_wire
from mempip.image.reader import Image
from mempip.installer.sources.archives import unpack
from mempip.installer.sources.build_environment import BuildEnvironment
from mempip.installer.sources.builder import Order
from mempip.installer.sources.project import read_build_system
from mempip.installer.sources.vcs import clone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def main() -> None:
    """Serve the order of whoever started this process."""
    connection, message, descriptors = take_order()
    message.pop("type")
    order = Order(**message)
    try:
        place = order.build_directory or _enter_scratch(order)
        tempfile.tempdir = place  # pyproject_hooks makes directories of its own
        warnings.showwarning = partial(_pass_on, connection)  # and shows what backends warn of
        threading.Thread(target=mempip_native.scratch.end_with, args=(connection.fileno(),), daemon=True).start()
        Room(order, place, connection, descriptors).serve()
    except MempipError as error:
        connection.send({"type": "error", "error": to_wire(error)})


def _pass_on(connection: Connection, message: Warning | str, category: type[Warning], *_: Any) -> None:
    connection.send({"type": "output", "text": f"{category.__name__}: {message}"})


def _enter_scratch(order: Order) -> str:
    """Make this process one that can write to memory only; return the directory. Raises `BuildUnavailable`."""
    try:
        return mempip_native.scratch.enter(_needed(order))
    except mempip_native.AdapterUnavailable as error:
        raise BuildUnavailable(order.source, str(error)) from error


def _needed(order: Order) -> list[str]:
    """Return the paths that a build must still see."""
    homes = [os.path.expanduser("~"), *filter(None, (os.environ.get(name) for name in ("RUSTUP_HOME", "CARGO_HOME")))]
    programs = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [path for path in (*sys.path, sys.prefix, sys.base_prefix, *homes, *programs, order.directory) if path]


class Room:
    """One source in its directory `place`, and the steps of its build."""

    def __init__(self, order: Order, place: str, connection: Connection, descriptors: Sequence[int]) -> None:
        self._order = order
        self._place = place
        self._connection = connection
        self._commit = ""
        self._tree = self._unpack(descriptors)
        self._output: list[str] = []
        self._requirements: list[str] = []

    def serve(self) -> None:
        """Say what the wheel's metadata will be, and build the wheel when asked to."""
        kind = "editable" if self._order.editable else "wheel"
        self._require(self._build_system.requires)
        wanted = self._call(f"get_requires_for_build_{kind}")
        if wanted:
            self._require(wanted)
        metadata_directory = self._new_directory("metadata")
        built = ""
        try:
            dist_info = self._call(f"prepare_metadata_for_build_{kind}", metadata_directory, _allow_fallback=False)
            metadata_directory = os.path.join(metadata_directory, dist_info)
            metadata = os.path.join(metadata_directory, "METADATA")
        except HookMissing:  # the wheel itself is the only one that knows
            built = self._build(kind, None)
            metadata = ""
        text = self._read_metadata(metadata, built)
        self._connection.send({"type": "metadata", "metadata": text, "commit": self._commit})
        if self._connection.receive() is None:
            return  # the resolver has no use for this version
        built = built or self._build(kind, metadata_directory)
        descriptor = os.open(built, os.O_RDONLY)
        self._connection.send({"type": "wheel", "filename": os.path.basename(built)}, [descriptor])
        self._connection.receive()  # the wheel stays until the other end has it

    # --- the source ---

    def _unpack(self, descriptors: Sequence[int]) -> str:
        """Bring the source tree into this room and return the project's directory."""
        order = self._order
        copy = os.path.join(self._place, "source")
        if order.archive:
            os.mkdir(copy)
            with open(descriptors[0], "rb") as stream:
                stream.seek(0)
                tree = unpack(order.archive, stream, copy)
        elif order.repository:
            self._commit = clone(order.repository, copy, order.source)
            tree = copy
        else:
            shutil.copytree(order.directory, copy, symlinks=True, ignore=_ignored)
            tree = copy
            if not order.build_directory:
                # Backends see the tree where it is, and what they write into it stays in memory.
                mempip_native.scratch.cover(order.directory, copy)
                tree = order.directory
        project = os.path.normpath(os.path.join(tree, order.subdirectory))
        if not os.path.isdir(project) or not (project + os.sep).startswith(tree + os.sep):
            raise SourceRefused(order.source, f"it has no directory {order.subdirectory!r}")
        return project

    @cached_property
    def _build_system(self) -> Any:
        pyproject = os.path.join(self._tree, "pyproject.toml")
        content = None
        if os.path.isfile(pyproject):
            with open(pyproject, "rb") as stream:
                content = stream.read()
        has_setup_py = os.path.isfile(os.path.join(self._tree, "setup.py"))
        return read_build_system(content, has_setup_py=has_setup_py, name=self._order.source)

    # --- the build environment ---

    @cached_property
    def _environment(self) -> BuildEnvironment:
        return BuildEnvironment(self._new_directory("environment"))

    def _require(self, requirements: Sequence[str]) -> None:
        """Have the build environment hold `requirements` as well as what was required before."""
        self._requirements += requirements
        if not self._order.isolated or not self._requirements:
            return
        self._connection.send({"type": "requires", "requirements": self._requirements})
        received = self._connection.receive()
        if received is None:
            raise SystemExit
        image = Image(received[1])
        self._environment.install(image)
        image.close()

    @cached_property
    def _variables(self) -> dict[str, str]:
        """Environment variables of the backend: whatever names a place to write to names one in this room."""
        home = self._new_directory("home")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
        rustup = variables.get("RUSTUP_HOME") or os.path.join(os.path.expanduser("~"), ".rustup")
        if os.path.isdir(rustup):
            variables["RUSTUP_HOME"] = rustup
        variables |= {"HOME": home, "TMPDIR": self._new_directory("tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
        variables |= {"XDG_CACHE_HOME": os.path.join(home, "cache"), "CARGO_HOME": self._cargo_home()}
        if self._order.isolated:
            variables["PATH"] = os.pathsep.join([self._environment.scripts, variables.get("PATH", os.defpath)])
            variables["VIRTUAL_ENV"] = os.path.dirname(self._environment.scripts)
        return variables

    def _cargo_home(self) -> str:
        """Return a directory for cargo to write to that has the user's own configuration: mirrors, registries."""
        own = os.environ.get("CARGO_HOME") or os.path.join(os.path.expanduser("~"), ".cargo")
        directory = self._new_directory("cargo")
        for name in ("config.toml", "credentials.toml"):
            if os.path.isfile(path := os.path.join(own, name)):
                os.symlink(path, os.path.join(directory, name))
        return directory

    # --- the backend's hooks ---

    @cached_property
    def _hooks(self) -> BuildBackendHookCaller:
        build_system = self._build_system
        return BuildBackendHookCaller(
            self._tree,
            build_system.backend,
            list(build_system.backend_path) or None,
            runner=self._run,
            python_executable=self._environment.python if self._order.isolated else sys.executable,
        )

    def _call(self, hook: str, *arguments: Any, **options: Any) -> Any:
        """Call a hook and return its result. Raises `BuildFailed`, and `HookMissing` if that is allowed."""
        self._output.clear()
        settings = dict(self._order.config_settings)
        try:
            return getattr(self._hooks, hook)(*arguments, config_settings=settings or None, **options)
        except HookMissing:
            if options.get("_allow_fallback", True):
                raise BuildFailed(self._order.source, hook, "the backend has no such hook") from None
            raise
        except BackendUnavailable as error:
            raise BuildFailed(
                self._order.source, hook, f"the backend cannot be imported:\n{error.traceback}"
            ) from error
        except subprocess.CalledProcessError as error:
            raise BuildFailed(self._order.source, hook, "".join(self._output)) from error

    def _build(self, kind: str, metadata_directory: str | None) -> str:
        """Build the wheel and return its path."""
        directory = self._new_directory("wheel")
        filename = self._call(f"build_{kind}", directory, metadata_directory=metadata_directory)
        return os.path.join(directory, os.path.basename(filename))

    def _run(self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        """Run one of pyproject_hooks' commands, and pass on what it prints, line by line."""
        with subprocess.Popen(
            cmd,
            cwd=cwd,
            env={**self._variables, **(extra_environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            assert process.stdout is not None  # a pipe was asked for  # noqa: S101
            for line in process.stdout:
                self._output.append(line)
                self._connection.send({"type": "output", "text": line.rstrip("\n")})
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, cmd)

    # --- results ---

    def _read_metadata(self, path: str, wheel: str) -> str:
        if wheel:
            import zipfile

            with zipfile.ZipFile(wheel) as archive:
                names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
                return archive.read(names[0]).decode("utf-8", "replace") if names else ""
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()

    def _new_directory(self, name: str) -> str:
        directory = os.path.join(self._place, name)
        os.mkdir(directory)
        return directory


def _ignored(directory: str, names: list[str]) -> set[str]:
    """What of a local tree no build needs: bytecode, and environments, which are large."""
    return {
        name
        for name in names
        if name in ("__pycache__", ".nox", ".tox") or os.path.exists(os.path.join(directory, name, "pyvenv.cfg"))
    }
