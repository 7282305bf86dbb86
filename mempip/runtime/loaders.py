"""Loads modules from an environment: source and bytecode from a wheel's bytes, extensions through mempip_native."""

from __future__ import annotations

import _imp
import marshal
from importlib.machinery import ExtensionFileLoader, ModuleSpec, SourceFileLoader, SourcelessFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any

    from mempip.runtime.environment import Environment


class _MemoryLoader:
    """What all loaders answer from the image rather than from a file system."""

    name: str
    path: str

    def __init__(self, fullname: str, path: str, environment: Environment) -> None:
        super().__init__(fullname, path)  # type: ignore[call-arg]
        self.environment = environment

    def get_data(self, path: str) -> bytes:
        """Return the bytes of the file at `path`, an absolute path in the environment. Raises `OSError`."""
        return self.environment.read(path)


class SourceLoader(_MemoryLoader, SourceFileLoader):  # type: ignore[misc]
    """Takes a module's code from the store that has compiled it, or compiles its source. Writes no bytecode."""

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the module's code."""
        marshalled = self.environment.code(self.path)
        if marshalled is None:
            return super().get_code(fullname)
        code: CodeType = marshal.loads(marshalled)  # noqa: S302 - made by a store that may decide what runs here
        # What zipimport does, too; typeshed does not have it. It was compiled for any environment.
        _imp._fix_co_filename(code, self.path)  # type: ignore[attr-defined]
        return code

    def path_stats(self, path: str) -> Any:
        """Raise `OSError`, which tells importlib that there is no bytecode to look for."""
        raise OSError(f"no bytecode is kept for {path}")


class BytecodeLoader(_MemoryLoader, SourcelessFileLoader):
    """Loads a module that its wheel ships as ``.pyc`` without source."""


class ExtensionLoader(_MemoryLoader, ExtensionFileLoader):
    """Loads an extension module from sealed memory."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Create the module, after the bundled libraries that it needs. Raises `LibraryNotLoadable`."""
        with self.environment.library(self.path) as anchor:
            try:
                module = anchor.create_module(spec)
            except ImportError as error:
                if error.path != anchor.path:
                    raise  # the module's own initialisation failed to import something
                raise self.environment.explain(self.path, str(error)) from error
        # Single-phase initialisation and Cython take the path from the spec they were created by.
        if getattr(module, "__file__", None) == anchor.path:
            module.__file__ = self.path
        return module
